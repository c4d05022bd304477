"""What a delivery's state means to its user, in one sentence."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils import timezone

from publishing.posts.times import clock
from publishing.reasons import Reason
from publishing.states import ACCOUNT_BUSY, CANCELED, FAILED, QUEUED, SENDING, SENT, UNCONFIRMED
from social.networks.messages import sentence

STATE_WORDS = {
    SENDING: "Sending",
    SENT: "Sent",
    UNCONFIRMED: "Unconfirmed",
    FAILED: "Failed",
    CANCELED: "Canceled",
}
WAITING_WORDS = {
    "": ("queued", "In line"),
    ACCOUNT_BUSY: ("queued", "In line"),
    "time": ("queued", "Scheduled"),
    "paused": ("waiting", "Paused"),
    "held": ("waiting", "Held"),
    "reconnect": ("waiting", "Reconnect"),
}
TRIED_REASONS = (
    Reason.UNREACHABLE,
    Reason.TOO_SLOW_HERE,
    Reason.WORKER_GONE,
    Reason.MEDIA_FAILED,
    Reason.MEDIA_SLOW,
)
ASK_HINT = "Look there, then choose below."
SLOW_WORKER = "Its worker has not come back from sending it."
BY_ITSELF = "That is settled by itself within a minute."
A_WHILE = timedelta(minutes=1)  # in line without a word
TRIED_OUT = "It was tried six times; try again when it works."


class Situation(Protocol):
    """What a delivery says of itself to be put in words."""

    state: Any
    waiting_for: Any
    reason: Any
    next_attempt_at: Any
    next_verification_at: Any
    lease_until: Any
    channel: Any
    post: Any

    @property
    def is_verifying(self) -> bool: ...


def delivery_sentence(delivery: Situation) -> str:
    """Why it is where it is, and what happens next; empty when there is nothing to explain."""
    why = sentence(delivery.reason, delivery.channel.network.label)
    if delivery.state == QUEUED:
        return _waiting(delivery, why)
    if delivery.state == SENDING and is_past(delivery.lease_until):
        return f"{SLOW_WORKER} {BY_ITSELF}"
    if delivery.state == UNCONFIRMED:
        return _checking(delivery, why) if delivery.is_verifying else f"{why} {ASK_HINT}"
    if delivery.state == FAILED and delivery.reason in TRIED_REASONS:
        return f"{why} {TRIED_OUT}"
    if delivery.state in (FAILED, CANCELED):
        return why
    return ""


def delivery_word(delivery: Situation) -> tuple[str, str]:
    """(style, word) of the chip that says where it is."""
    if delivery.state == QUEUED:
        return WAITING_WORDS.get(delivery.waiting_for, ("waiting", "Waiting"))
    return delivery.state, STATE_WORDS[delivery.state]


def _checking(delivery: Situation, why: str) -> str:
    network, at = delivery.channel.network.label, delivery.next_verification_at
    when = f"; next look {clock(at, delivery.post.time_zone)}" if at > timezone.now() else " now"
    return f"{why} Checking with {network}{when}."


def _waiting(delivery: Situation, why: str) -> str:
    at = delivery.next_attempt_at
    if delivery.waiting_for == "time" and at:
        return f"Goes out {clock(at, delivery.post.time_zone)}"
    if delivery.waiting_for == "" and is_past(at, A_WHILE):
        return f"In line since {clock(at, delivery.post.time_zone)}: the workers are behind."
    if at is None or at <= timezone.now():
        return why
    return f"{why.rstrip('.')}; next try {clock(at, delivery.post.time_zone)}".lstrip("; ")


def is_past(at: datetime | None, by: timedelta = timedelta()) -> bool:
    """Whether that moment is past, by so much at least."""
    return at is not None and at + by < timezone.now()
