"""Bodies that come in chunks (`Transfer-Encoding: chunked`), as some proxies and clients send them.

Nobody says how long they are, and Django reads as much as is said: nothing. So they are read here,
into a file once they are long, and their length is said. Which chunk ends where was decided by the
server before: what comes here has no framing of its own, and a request that says both a length and
chunks was refused by gunicorn.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

CHUNK_BYTES = 64 * 1024
MEMORY_BYTES = 1024 * 1024  # of a body; what is longer goes into a file
LARGEST_BYTES = 32 * 1024 * 1024  # a picture as a camera makes it; whose it is is not known yet
# Said of a longer body, of which nothing is kept: each reader of a body takes less.
TOO_MANY_BYTES = 2**40
Environ = dict[str, Any]
Application = Callable[[Environ, Callable], Iterable[bytes]]


class ChunkedBodies:
    """A WSGI application around another, which finds a length with every body."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        if is_chunked(environ):
            body, length = spooled(environ["wsgi.input"])
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = body, str(length)
        return self.application(environ, start_response)


def is_chunked(environ: Environ) -> bool:
    """Whether the body comes in chunks, and its end is known: else reading would wait for ever."""
    encoding = environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower()
    return encoding == "chunked" and environ.get("wsgi.input_terminated") is True


def spooled(incoming: Any) -> tuple[SpooledTemporaryFile, int]:
    """The whole body and its length in bytes; or nothing, and a length that is too long."""
    body = SpooledTemporaryFile(MEMORY_BYTES)
    while chunk := incoming.read(CHUNK_BYTES):
        if body.tell() + len(chunk) > LARGEST_BYTES:
            body.truncate(0)
            body.seek(0)
            return body, TOO_MANY_BYTES
        body.write(chunk)
    length = body.tell()
    body.seek(0)
    return body, length
