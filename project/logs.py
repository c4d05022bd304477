"""Log files for their owner's eyes, and the one line for what many strangers cause."""

import logging
import logging.handlers
import threading
import time
from collections.abc import Callable
from io import TextIOWrapper

from .private import open_private


class PrivateFileHandler(logging.handlers.WatchedFileHandler):
    """A log file that only its owner reads, also after it was rotated away."""

    def _open(self) -> TextIOWrapper:
        return open_private(self.baseFilename, self.encoding, self.errors)


class BriefRefusals(logging.Filter):
    """What was refused is one line: the way to it through the code is the same for each, and any
    stranger can have a thousand of them written. Faults of ours keep their traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", None)
        if record.name.startswith("django.") and status is not None and status < 500:
            record.exc_info = record.exc_text = None
        return True


class AtMostEvery:
    """Calls `write` at most every so many seconds, with how often it was asked to meanwhile."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self.next_at, self.unsaid = float("-inf"), 0
        self.lock = threading.Lock()

    def __call__(self, write: Callable[[int], None]) -> None:
        with self.lock:
            self.unsaid += 1
            if self.clock() < self.next_at:
                return
            self.next_at = self.clock() + self.seconds
            unsaid, self.unsaid = self.unsaid, 0
        write(unsaid)
