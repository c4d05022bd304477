"""The one clock of ours: every delay, in seconds, is multiplied by TIME_SCALE (1.0 outside of the
sandbox) here and nowhere else."""

import math
import random
import threading
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

# Where there is one, a clock that goes on while the machine sleeps: monotonic() stands still then.
UNBROKEN_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def ticks() -> float:
    """Seconds on a clock that nobody sets, to measure how long something takes."""
    return time.clock_gettime(UNBROKEN_CLOCK)


def scaled(seconds: float) -> float:
    return seconds * settings.TIME_SCALE


def delay(seconds: float) -> timedelta:
    return timedelta(seconds=scaled(seconds))


def from_now(seconds: float) -> datetime:
    return timezone.now() + delay(seconds)


def ago(seconds: float) -> datetime:
    return timezone.now() - delay(seconds)


def sleep(seconds: float) -> None:
    time.sleep(scaled(seconds))


def backoff(
    failures: int,
    first_seconds: float,
    longest_seconds: float,
    *,
    least_seconds: float | None = None,
    factor: float = 2,
) -> timedelta:
    """How long to wait after so many failures: `first_seconds` after none, `factor` times as long
    each time, `longest_seconds` at most. It is any moment between `least_seconds` (if not given,
    half of it) and that, so that what failed together does not return together."""
    seconds = min(longest_seconds, first_seconds * factor ** min(failures, 30))
    least = seconds / 2 if least_seconds is None else min(least_seconds, seconds)
    return delay(random.uniform(least, seconds))  # noqa: S311  jitter, not a secret


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
