"""Every delay of ours, in seconds, multiplied by TIME_SCALE (1.0 outside the sandbox)."""

import math
import threading
import time
from datetime import timedelta

from django.conf import settings

# Where there is one, a clock that goes on while the machine sleeps: monotonic() stands still then.
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def ticks() -> float:
    """Seconds on a clock that nobody sets, to measure how long something takes."""
    return time.clock_gettime(CLOCK)


def scaled(seconds: float) -> float:
    return seconds * settings.TIME_SCALE


def delay(seconds: float) -> timedelta:
    return timedelta(seconds=scaled(seconds))


class Window:
    """So many seconds from now, for several steps together. As a context it binds this thread: no
    call to a network begins after its end (`networks/http`)."""

    of_thread = threading.local()

    def __init__(self, seconds: float) -> None:
        self.end = ticks() + scaled(seconds)

    def __enter__(self) -> None:
        self.of_thread.end = self.end

    def __exit__(self, *exc: object) -> None:
        self.of_thread.end = math.inf

    @classmethod
    def must_begin_by(cls) -> float:
        """By ticks(); for ever where no window binds this thread."""
        return getattr(cls.of_thread, "end", math.inf)

    @property
    def left(self) -> float:
        """In seconds before scaling, as deadlines are given; 0 when it is over."""
        return max(0.0, (self.end - ticks()) / settings.TIME_SCALE)
