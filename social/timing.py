"""Every delay of ours, in seconds, multiplied by TIME_SCALE (1.0 outside the sandbox)."""

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
