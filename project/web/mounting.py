"""An instance below a path of its host, as PUBLIC_URL says: https://example.org/fanfare."""

from collections.abc import Callable, Iterable
from typing import Any


class Mounted:
    """A WSGI application around another, which need not know. A proxy may hand the path on whole or
    without its beginning, and a probe from inside knows nothing of it."""

    def __init__(self, application: Callable, path: str) -> None:
        self.application, self.path = application, path

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if self.path and (asked + "/").startswith(self.path + "/"):
            environ["PATH_INFO"] = asked.removeprefix(self.path) or "/"
        return self.application(environ, start_response)
