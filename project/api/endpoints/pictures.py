"""Pictures on their way into a post."""

import hashlib
import uuid
from typing import Annotated

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile

from publishing.media.composer import notes_on
from publishing.media.media import ALT_CHARACTERS
from publishing.models import Media
from publishing.posts.contents import tidy

from ..access import person_of
from ..answers import WRITER, writing
from ..once import Act, KeptAnswer, once
from ..presenting import media_as_json
from ..problems import of_validation
from ..schemas import MediaOut

router = Router(tags=["media"])
Picture = Annotated[UploadedFile, File(description="JPEG, PNG, GIF or WebP, up to 10 MB.")]
Alt = Annotated[str, Form(max_length=ALT_CHARACTERS)]


@writing(router, "POST", "/media", {201: MediaOut}, WRITER)
def add_picture(
    request: HttpRequest,
    file: Picture,
    alt: Alt = "",
) -> HttpResponse:
    """Upload a picture for a post or a draft to come; of none it goes after two days."""
    return once(request, lambda: adding(request, file, alt), said_of(file, alt))


def adding(request: HttpRequest, file: UploadedFile, alt: str) -> Act:
    """It is read and stored before the transaction of its answer, which must not wait for that: one
    whose answer gets lost is of no post, and goes."""
    try:
        media = Media.objects.keep(person_of(request), file, file.name or "", tidy(alt))
    except ValidationError as error:
        raise of_validation(error, "file") from error
    body = media_as_json(media, notes_on(media))

    def add(_key: uuid.UUID | None) -> KeptAnswer:
        return KeptAnswer(201, body)

    return add


def said_of(file: UploadedFile, alt: str) -> bytes:
    """The same for the same picture, however its form is wrapped."""
    digest = hashlib.sha256(alt.encode())
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.digest()
