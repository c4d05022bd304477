"""What a failed send means for its delivery: one decision for each of the five errors."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from social.networks.errors import (
    OPERATORS,
    AuthorizationLost,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.timing import delay

from ..states import FAILED, QUEUED, UNCONFIRMED
from .reconciling import AT_ONCE, DUPLICATE, SEEN, first_look

TRIES = 6
BACKOFF_BASE = 60  # seconds
BACKOFF_CAP = 3600
LATE = 7200  # seconds after its time that a post still goes out unasked


@dataclass(frozen=True)
class Decision:
    """Where the delivery goes from here."""

    state: str
    reason: str
    waiting_for: str = ""
    next_attempt_at: datetime | None = None
    next_look_at: datetime | None = None
    costs_a_try: bool = False


def decide(
    error: NetworkError, tries: int, attempts: int, in_doubt: bool, now: datetime
) -> Decision:
    """`tries` are those spent before this one, `attempts` the number of this one; `in_doubt` says
    that an earlier attempt at the same delivery may have landed."""
    if isinstance(error, TemporaryError):
        if tries + 1 >= TRIES:
            return Decision(FAILED, error.reason, costs_a_try=True)
        return Decision(QUEUED, error.reason, "backoff", now + backoff(tries), costs_a_try=True)
    if isinstance(error, RateLimited):
        waiting_for = "credits" if error.reason in OPERATORS else "rate_limit"
        until = error.until if error.until and error.until > now else now + pause(error, attempts)
        return Decision(QUEUED, error.reason, waiting_for, until)
    if isinstance(error, AuthorizationLost):
        return Decision(QUEUED, error.reason, "reconnect")
    if isinstance(error, Rejected):
        if error.reason == DUPLICATE:
            # It is there: an earlier attempt landed after all, or what was there before, or this
            # one, if something on the way asked twice.
            return in_doubt_about(SEEN if in_doubt else AT_ONCE, now)
        return Decision(FAILED, error.reason)
    if isinstance(error, OutcomeUnknown):
        return in_doubt_about(error.reason, now)
    raise TypeError(f"not one of the five errors: {error!r}")


def in_doubt_about(reason: str, now: datetime) -> Decision:
    """It may be there: it is looked up before anything else happens."""
    return Decision(UNCONFIRMED, reason, next_look_at=now + first_look(reason))


def pause(error: RateLimited, attempts: int) -> timedelta:
    """Without a time from the network: long where it takes an operator to change something."""
    return backoff(10 if error.reason in OPERATORS else attempts)


def backoff(tries: int) -> timedelta:
    """Any moment of a doubling delay but its first, so that what failed together does not return
    together."""
    seconds = min(BACKOFF_CAP, BACKOFF_BASE * 2 ** min(tries, 10))
    return delay(random.uniform(min(5, seconds), seconds))  # noqa: S311  jitter, not a secret
