"""What a delivery's state means to its user, in one sentence."""

from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.posts.times import clock
from publishing.states import (
    CANCELED,
    FAILED,
    QUEUED,
    SENDING,
    SENT,
    UNCONFIRMED,
    WaitingFor,
)
from social.networks.messages import sentence
from social.reasons import Reason
from social.words import Words

STATE_WORDS = {
    SENDING: _("Sending"),
    SENT: _("Sent"),
    UNCONFIRMED: _("Unconfirmed"),
    FAILED: _("Failed"),
    CANCELED: _("Canceled"),
}
WAITING_WORDS = {
    "": ("queued", _("In line")),
    WaitingFor.ACCOUNT_BUSY: ("queued", _("In line")),
    WaitingFor.TIME: ("queued", _("Scheduled")),
    WaitingFor.PAUSED: ("waiting", _("Paused")),
    WaitingFor.HELD: ("waiting", _("Held")),
    WaitingFor.RECONNECT: ("waiting", _("Reconnect")),
}
TRIED_REASONS = (
    Reason.UNREACHABLE,
    Reason.TOO_SLOW_HERE,
    Reason.WORKER_GONE,
    Reason.MEDIA_FAILED,
    Reason.MEDIA_SLOW,
)
ASK_HINT = _("Look there, then choose below.")
SLOW_WORKER = _("Its worker has not come back from sending it.")
BY_ITSELF = _("That is settled by itself within a minute.")
A_WHILE = timedelta(minutes=1)  # in line without a word
TRIED_OUT = _("It was tried six times; try again when it works.")


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


def delivery_word(delivery: Situation) -> tuple[str, Words]:
    """(style, word) of the chip that says where it is."""
    if delivery.state == QUEUED:
        return WAITING_WORDS.get(delivery.waiting_for, ("waiting", _("Waiting")))
    return delivery.state, STATE_WORDS[delivery.state]


def _checking(delivery: Situation, why: str) -> str:
    network, at = delivery.channel.network.label, delivery.next_verification_at
    checking = gettext("Checking with {network} now.").format(network=network)
    if at > timezone.now():
        time = clock(at, delivery.post.time_zone)
        checking = gettext("Checking with {network}; next look {time}.").format(
            network=network, time=time
        )
    return f"{why} {checking}"


def _waiting(delivery: Situation, why: str) -> str:
    at = delivery.next_attempt_at
    if delivery.waiting_for == WaitingFor.TIME and at:
        return gettext("Goes out {time}").format(time=clock(at, delivery.post.time_zone))
    if delivery.waiting_for == "" and is_past(at, A_WHILE):
        time = clock(at, delivery.post.time_zone)
        return gettext("In line since {time}: the workers are behind.").format(time=time)
    if at is None or at <= timezone.now():
        return why
    time = clock(at, delivery.post.time_zone)
    if not why:
        return gettext("next try {time}").format(time=time)
    return gettext("{why}; next try {time}").format(why=why.rstrip("."), time=time)


def is_past(at: datetime | None, by: timedelta = timedelta()) -> bool:
    """Whether that moment is past, by so much at least."""
    return at is not None and at + by < timezone.now()
