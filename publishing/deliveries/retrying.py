"""What a failed send means for its delivery: one decision for each of the five errors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from publishing.states import CANCELED, FAILED, QUEUED, UNCONFIRMED, WaitingFor
from social.networks.errors import (
    OPERATORS,
    AuthorizationLost,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.reasons import Reason
from social.timing import backoff

from .reconciling import VERIFIED_ONCE, first_verification

MOST_TRIES = 6
BACKOFF_BASE_SECONDS = 60
BACKOFF_CAP_SECONDS = 3600
# That the same request waits which may have landed: at least, and at most.
REPEAT_SECONDS, REPEAT_LATEST_SECONDS = 2, 10
LATE_SECONDS = 7200  # after its time that a post still goes out unasked


@dataclass(frozen=True)
class Decision:
    """Where the delivery goes from here."""

    state: str
    reason: str
    waiting_for: str = ""
    next_attempt_at: datetime | None = None
    next_verification_at: datetime | None = None
    costs_a_try: bool = False
    is_repeat: bool = False  # it may have landed, and the same request goes once more


def decide(
    error: NetworkError,
    tries: int,
    attempts: int,
    in_doubt: bool,
    now: datetime,
    may_repeat: bool = False,
) -> Decision:
    """What follows from `error`. `tries` are those spent before this one, `attempts` the number of
    this one; `in_doubt` says that an earlier attempt at the same delivery may have landed, and
    `may_repeat` that the same request would make no second post. Raises TypeError for what is not
    one of the five errors."""
    is_last = tries + 1 >= MOST_TRIES
    match error:
        case TemporaryError():
            return failed(error.reason) if is_last else after_backoff(error.reason, tries, now)
        case RateLimited():
            return when_let_in(error, attempts, now)
        case AuthorizationLost():
            return Decision(QUEUED, error.reason, WaitingFor.RECONNECT)
        case Rejected():
            return after_refusal(error.reason, in_doubt, now)
        case OutcomeUnknown():
            # What was refused would be again, and where limits are in doubt we keep away.
            is_silence = error.refusal is None and error.reason not in VERIFIED_ONCE
            repeats = may_repeat and is_silence and not is_last
            return (once_more if repeats else in_doubt_about)(error.reason, now)
    raise TypeError(f"not one of the five errors: {error!r}")


def failed(reason: str) -> Decision:
    """It was tried for the last time."""
    return Decision(FAILED, reason, costs_a_try=True)


def after_backoff(reason: str, tries: int, now: datetime) -> Decision:
    wait = retry_delay(tries)
    return Decision(QUEUED, reason, WaitingFor.BACKOFF, now + wait, costs_a_try=True)


def when_let_in(error: RateLimited, attempts: int, now: datetime) -> Decision:
    """When the network says, or after a pause of ours."""
    waiting_for = WaitingFor.CREDITS if error.reason in OPERATORS else WaitingFor.RATE_LIMIT
    until = error.until if error.until and error.until > now else now + pause(error, attempts)
    return Decision(QUEUED, error.reason, waiting_for, until)


def after_refusal(reason: str, in_doubt: bool, now: datetime) -> Decision:
    if reason == Reason.DUPLICATE:
        # It is there: an earlier attempt landed after all, or what was there before, or this one,
        # if something on the way asked twice.
        return in_doubt_about(Reason.DUPLICATE_SEEN if in_doubt else Reason.DUPLICATE_AT_ONCE, now)
    if reason == Reason.DELETED_THERE:  # by whoever wanted it gone: it is no failure
        return Decision(CANCELED, reason)
    return Decision(FAILED, reason)


def once_more(reason: str, now: datetime) -> Decision:
    """It may be there, and the same request settles it: found, or made by that."""
    wait = backoff(0, REPEAT_LATEST_SECONDS, REPEAT_LATEST_SECONDS, least_seconds=REPEAT_SECONDS)
    return Decision(
        QUEUED, reason, WaitingFor.BACKOFF, now + wait, costs_a_try=True, is_repeat=True
    )


def in_doubt_about(reason: str, now: datetime) -> Decision:
    """It may be there: it is verified before anything else happens."""
    return Decision(UNCONFIRMED, reason, next_verification_at=now + first_verification(reason))


def pause(error: RateLimited, attempts: int) -> timedelta:
    """Without a time from the network: long where it takes an operator to change something."""
    return retry_delay(10 if error.reason in OPERATORS else attempts)


def retry_delay(tries: int) -> timedelta:
    """Until a delivery is tried again."""
    return backoff(tries, BACKOFF_BASE_SECONDS, BACKOFF_CAP_SECONDS, least_seconds=5)
