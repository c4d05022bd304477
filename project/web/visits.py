"""Whether somebody is at the pages of this machine just now: then its workers give way.

A file in var/ says when somebody last was. Where web and workers are on machines of their own, or
the file cannot be made, nobody is, as far as the workers know.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .middleware import PROBES

NOTED_EVERY_SECONDS = 1.0
RECENT_SECONDS = 10.0  # who follows a delivery in a browser asks more often


class Visits:
    """A file whose time of change is when somebody was last at the pages."""

    def __init__(self, path: Path) -> None:
        self.path, self.noted_at = path, 0.0

    def note(self) -> None:
        """Write down that somebody is here. A hundred threads that do so at once do no harm."""
        now = time.monotonic()
        if now - self.noted_at < NOTED_EVERY_SECONDS and self.noted_at:
            return
        self.noted_at = now
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
            file = os.open(self.path, flags, 0o600)
            try:
                os.utime(file)
            finally:
                os.close(file)

    def is_anybody_here(self) -> bool:
        """Whether somebody was in the last RECENT_SECONDS; a time to come is another clock's."""
        try:
            last = self.path.stat().st_mtime
        except OSError:
            return False
        return abs(time.time() - last) < RECENT_SECONDS


def visits_of_this_machine() -> Visits:
    return Visits(settings.VISITED_FILE)


class VisitsMiddleware:
    """Notes each request of a person's before anything else is done for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response, self.visits = get_response, visits_of_this_machine()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in PROBES:
            self.visits.note()
        return self.get_response(request)
