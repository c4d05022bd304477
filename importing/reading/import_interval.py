"""When a timeline is read again. Nothing here asks a network or writes a row."""

import random
from datetime import UTC, datetime, timedelta

from social.networks.errors import AuthorizationLost, NetworkError, RateLimited, Rejected
from social.timing import delay

OFTEN, SELDOM = 900, 86400  # seconds between two readings, at least and at most
SOONER, LATER = 0.5, 1.5  # of the interval, when something had changed, and when nothing had
JITTER = 0.2  # of the interval: what began together must not stay together
FIRST_RETRY, LAST_RETRY = 60, 6 * 3600  # seconds after a failure; doubled each time
LIMITED = 900  # seconds, when a network limits us and does not say until when
DAILY = 86400
FOR_LONG = dict.fromkeys(("credits", "app_refused", "day_limit"), 4 * 3600)
FOR_LONG["month_limit"] = DAILY
DAY_SPREAD = 3600  # seconds over which a new day's readings begin


def next_interval(interval: int, changed: bool) -> int:
    factor = SOONER if changed else LATER
    return int(min(SELDOM, max(OFTEN, interval * factor)))


def after(seconds: float) -> timedelta:
    return delay(seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311  no secret


def after_error(error: NetworkError, failures: int, now: datetime) -> datetime:
    """`failures` counts this one."""
    if isinstance(error, RateLimited):
        until = error.until
        if until and until > now:
            return until + after(LIMITED / 60)
        return now + after(FOR_LONG.get(error.reason, LIMITED))
    if isinstance(error, Rejected | AuthorizationLost):
        return now + after(DAILY)
    return now + after_failures(failures)


def after_failures(failures: int) -> timedelta:
    return after(min(LAST_RETRY, FIRST_RETRY * 2 ** min(failures - 1, 10)))


def tomorrow(now: datetime) -> datetime:
    """Networks and our own limits count by days of UTC."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1) + after(DAY_SPREAD / 2)
