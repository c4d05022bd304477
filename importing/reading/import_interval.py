"""When a timeline is read again. Nothing here asks a network or writes a row."""

import random
from datetime import UTC, datetime, timedelta

from social.networks.errors import AuthorizationLost, NetworkError, RateLimited, Rejected
from social.reasons import Reason
from social.timing import backoff, delay

DAY_SECONDS = 86_400
FIRST_INTERVAL_SECONDS = 3600
SHORTEST_INTERVAL_SECONDS, LONGEST_INTERVAL_SECONDS = 900, DAY_SECONDS
SHORTER_FACTOR = 0.5  # of the interval, after a run that found something
LONGER_FACTOR = 1.5  # after one that found nothing
JITTER = 0.2  # of the interval: what began together must not stay together
FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 60, 6 * 3600  # after a failure; doubled each time
RATE_LIMIT_SECONDS = 900  # when a network limits us and does not say until when
LONG_WAIT_SECONDS: dict[str, int] = dict.fromkeys(
    (Reason.CREDITS, Reason.APP_REFUSED, Reason.DAY_LIMIT), 4 * 3600
)
LONG_WAIT_SECONDS[Reason.MONTH_LIMIT] = DAY_SECONDS
MORNING_SECONDS = 3600  # of a new day (UTC), in which its imports begin


def next_interval(interval_seconds: int, changed: bool) -> int:
    """Return the next interval in seconds, after a run that found changes or none."""
    seconds = interval_seconds * (SHORTER_FACTOR if changed else LONGER_FACTOR)
    return int(min(LONGEST_INTERVAL_SECONDS, max(SHORTEST_INTERVAL_SECONDS, seconds)))


def jittered(seconds: float) -> timedelta:
    """Return about so many seconds, scaled like every delay of ours."""
    return delay(seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311  no secret


def after_error(error: NetworkError, failures: int, now: datetime) -> datetime:
    """Return when to ask again after `error`; `failures` counts this one."""
    if isinstance(error, RateLimited):
        until = error.until
        if until and until > now:
            return until + jittered(RATE_LIMIT_SECONDS / 60)
        return now + jittered(LONG_WAIT_SECONDS.get(error.reason, RATE_LIMIT_SECONDS))
    if isinstance(error, Rejected | AuthorizationLost):
        return now + jittered(DAY_SECONDS)
    return now + after_failures(failures)


def after_failures(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row."""
    return backoff(failures - 1, FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS)


def tomorrow(now: datetime) -> datetime:
    """Return a moment early next day. Networks and our own limits count by days of UTC."""
    return day_start(now) + timedelta(days=1) + jittered(MORNING_SECONDS / 2)


def day_start(now: datetime) -> datetime:
    """Return the midnight (UTC) at which the day of `now` began."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
