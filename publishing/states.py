"""The words for where a delivery is, and what they make of their post."""

from collections.abc import Iterable

QUEUED = "queued"
SENDING = "sending"
SENT = "sent"
UNCONFIRMED = "unconfirmed"
FAILED = "failed"
CANCELED = "canceled"

STATES = (QUEUED, SENDING, SENT, UNCONFIRMED, FAILED, CANCELED)
DONE = (SENT, FAILED, CANCELED)
WAITING_FOR = (
    "time",
    "turn",
    "backoff",
    "rate_limit",
    "outage",
    "credits",
    "reconnect",
    "held",
    "paused",
    "person",
)
# Waiting for a person to do something first, so without a next time of its own.
WAITING_FOR_A_PERSON = ("reconnect", "held", "paused", "person")


def status_of(deliveries: Iterable[tuple[str, str]]) -> str:
    """The status of a post, from the (state, waiting_for) of its deliveries. Never stored."""
    deliveries = list(deliveries)
    states = {state for state, _ in deliveries}
    if not states:
        return "draft"
    if UNCONFIRMED in states:
        return "unconfirmed"
    if SENDING in states:
        return "sending"
    if QUEUED in states:
        return _status_of_waiting({waits for state, waits in deliveries if state == QUEUED})
    if states == {CANCELED}:
        return "canceled"
    if SENT in states:
        return "sent" if states == {SENT} else "partly sent"
    return "failed"


def _status_of_waiting(waits: set[str]) -> str:
    if waits == {"time"}:
        return "scheduled"
    if waits & set(WAITING_FOR_A_PERSON):
        return "waiting for you"
    return "queued" if waits <= {"", "turn"} else "waiting"
