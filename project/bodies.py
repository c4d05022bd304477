"""Bodies that come in chunks (`Transfer-Encoding: chunked`), as some proxies and clients send them.

Nobody says how long they are, and Django reads as much as is said: nothing. So they are read here,
into a file once they are long, and their length is said. Which chunk ends where was decided by the
server before: what comes here has no framing of its own, and a request that says both a length and
chunks was refused by gunicorn.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

AT_A_TIME = 64 * 1024
IN_MEMORY = 1024 * 1024
MOST_IN_CHUNKS = 24 * 1024 * 1024  # a post's pictures; whose they are is not known yet
TOO_MUCH = 2**40  # bytes that are said where there are more: each reader of a body has less
Environ = dict[str, Any]
Application = Callable[[Environ, Callable], Iterable[bytes]]


class ChunkedBodies:
    """A WSGI application around another, which finds a length with every body."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        if is_chunked(environ):
            body, length = kept(environ["wsgi.input"])
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = body, str(length)
        return self.application(environ, start_response)


def is_chunked(environ: Environ) -> bool:
    """And its end is known: else reading would wait for ever."""
    said = environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower()
    return said == "chunked" and environ.get("wsgi.input_terminated") is True


def kept(incoming: Any) -> tuple[SpooledTemporaryFile, int]:
    """All of a body and its length; or none of it, and that it is too long."""
    body = SpooledTemporaryFile(IN_MEMORY)
    while chunk := incoming.read(AT_A_TIME):
        if body.tell() + len(chunk) > MOST_IN_CHUNKS:
            body.truncate(0)
            body.seek(0)
            return body, TOO_MUCH
        body.write(chunk)
    length = body.tell()
    body.seek(0)
    return body, length
