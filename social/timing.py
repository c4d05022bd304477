"""Every delay of ours, in seconds, multiplied by TIME_SCALE (1.0 outside the sandbox)."""

from datetime import timedelta

from django.conf import settings


def scaled(seconds: float) -> float:
    return seconds * settings.TIME_SCALE


def delay(seconds: float) -> timedelta:
    return timedelta(seconds=scaled(seconds))
