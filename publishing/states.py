"""The words for where a delivery is, and what they make of their post."""

from collections.abc import Iterable
from enum import StrEnum

from social.reasons import Reason

QUEUED = "queued"
SENDING = "sending"
SENT = "sent"
UNCONFIRMED = "unconfirmed"
FAILED = "failed"
CANCELED = "canceled"

STATES = (QUEUED, SENDING, SENT, UNCONFIRMED, FAILED, CANCELED)
DONE = (SENT, FAILED, CANCELED)


class WaitingFor(StrEnum):
    """What a queued delivery waits for, or one in doubt (`PERSON`). The words stand in rows and
    JSON and stay as they are."""

    TIME = "time"
    ACCOUNT_BUSY = "turn"  # another one goes first to the same account
    BACKOFF = "backoff"
    RATE_LIMIT = "rate_limit"
    OUTAGE = "outage"
    CREDITS = "credits"
    RECONNECT = "reconnect"
    HELD = "held"
    PAUSED = "paused"
    PERSON = "person"


ACCOUNT_BUSY = WaitingFor.ACCOUNT_BUSY
WAITING_FOR = tuple(WaitingFor)
# Waiting for a person to do something first, so without a next time of its own.
WAITING_FOR_A_PERSON = (
    WaitingFor.RECONNECT,
    WaitingFor.HELD,
    WaitingFor.PAUSED,
    WaitingFor.PERSON,
)
# The same, where that person is whoever runs this server: by (waiting_for, reason).
NETWORK_PAUSED = (WaitingFor.PAUSED, Reason.NETWORK_PAUSED)


def status_of(deliveries: Iterable[tuple[str, str, str]]) -> str:
    """The status of a post, from the (state, waiting_for, reason) of its deliveries. Never
    stored."""
    deliveries = list(deliveries)
    states = {state for state, _, _ in deliveries}
    if not states:
        return "draft"
    if UNCONFIRMED in states:
        return "unconfirmed"
    if SENDING in states:
        return "sending"
    if QUEUED in states:
        return _status_of_waiting({(waits, why) for s, waits, why in deliveries if s == QUEUED})
    if states == {CANCELED}:
        return "canceled"
    if SENT in states:
        return "sent" if states == {SENT} else "partly sent"
    return "failed"


def _status_of_waiting(whys: set[tuple[str, str]]) -> str:
    waits = {waiting_for for waiting_for, _ in whys}
    if waits == {WaitingFor.TIME}:
        return "scheduled"
    theirs = {waiting_for for waiting_for, _ in whys - {NETWORK_PAUSED}}
    if theirs & set(WAITING_FOR_A_PERSON):
        return "waiting for you"
    if NETWORK_PAUSED in whys or WaitingFor.CREDITS in waits:
        return "waiting for the operator"
    return "queued" if waits <= {"", ACCOUNT_BUSY} else "waiting"
