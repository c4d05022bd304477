"""Files on their way in: no more is kept of a file than a picture may have, and of a request than a
post may have. The rest is read and let go of, so that the page can say so in a sentence."""

from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from .pictures import LARGEST_FILE

MOST_KEPT = 4 * LARGEST_FILE  # of one request; on disk, whatever is larger than 2.5 MB
MOST_READ = 136 * 1024 * 1024  # of one request; what is packed as base64 takes 20 ns a byte
MOST_READ_OF_STRANGERS = 36 * 1024 * 1024  # a picture and a post, when a session ended meanwhile


class LeftOut(UploadedFile):
    """A file of which only the name and the size are known."""

    @property
    def is_too_large(self) -> bool:
        return (self.size or 0) > LARGEST_FILE


class BoundedUpload(FileUploadHandler):
    """Stands before the handlers that keep what comes."""

    kept = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        user = getattr(self.request, "user", None)
        is_known = user is not None and user.is_authenticated
        if content_length > (MOST_READ if is_known else MOST_READ_OF_STRANGERS):
            raise RequestDataTooBig("A request this long is not even read.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.fits = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        length = len(raw_data)
        self.fits = self.fits and start + length <= LARGEST_FILE and self.kept + length <= MOST_KEPT
        if not self.fits:
            return None
        self.kept += length
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.fits:
            return None
        return LeftOut(BytesIO(), self.file_name, self.content_type, file_size)
