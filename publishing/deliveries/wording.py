"""What a delivery's state means to its person, in one sentence."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format

from social.networks.messages import sentence

from ..states import CANCELED, CHANNEL_GONE, FAILED, QUEUED, SENDING, SENT, UNCONFIRMED

if TYPE_CHECKING:
    from ..models import Delivery, Post

WORDS = {
    SENDING: "Sending",
    SENT: "Sent",
    UNCONFIRMED: "Unconfirmed",
    FAILED: "Failed",
    CANCELED: "Canceled",
}
WAITING_WORDS = {
    "": ("queued", "In line"),
    "turn": ("queued", "In line"),
    "time": ("queued", "Scheduled"),
    "paused": ("waiting", "Paused"),
    "held": ("waiting", "Held"),
    "reconnect": ("waiting", "Reconnect"),
}
TRIED_REASONS = ("unreachable", "too_slow_here", "worker_gone", "media_failed", "media_slow")
ASK = "Look there, then choose below."
SLOW_WORKER = "Its worker has not come back from sending it."
BY_ITSELF = "That is settled by itself within a minute."
A_WHILE = timedelta(minutes=1)  # in line without a word
TRIED_OUT = "It was tried six times; try again when it works."


def delivery_sentence(delivery: "Delivery") -> str:
    """Why it is where it is, and what happens next; empty when there is nothing to explain."""
    why = sentence(delivery.reason, delivery.channel.network.label)
    if delivery.state == QUEUED:
        return _waiting(delivery, why)
    if delivery.state == SENDING and is_past(delivery.lease_until):
        return f"{SLOW_WORKER} {BY_ITSELF}"
    if delivery.state == UNCONFIRMED:
        return _checking(delivery, why) if delivery.is_looking else f"{why} {ASK}"
    if delivery.state == FAILED and delivery.reason in TRIED_REASONS:
        return f"{why} {TRIED_OUT}"
    if delivery.state in (FAILED, CANCELED):
        return why
    return ""


def delivery_word(delivery: "Delivery") -> tuple[str, str]:
    """(style, word) of the chip that says where it is."""
    if delivery.state == QUEUED:
        return WAITING_WORDS.get(delivery.waiting_for, ("waiting", "Waiting"))
    return delivery.state, WORDS[delivery.state]


def post_notes(post: "Post") -> list[tuple[str, str]]:
    """(words, address or nothing) of each of its channels where it does not go, or waits for its
    person: what one word for the whole post does not say."""
    notes, several = [], len({d.state for d in post.deliveries.all()}) > 1
    for delivery in post.deliveries.all():
        name = delivery.channel.name
        if delivery.state == QUEUED and delivery.channel.paused_at:
            notes.append((f"waits on {name}: paused", ""))
        elif delivery.state == CANCELED and delivery.replaced_by:
            notes.append((f"{name}: published anew", delivery.replaced_by.get_absolute_url()))
        elif delivery.state == CANCELED and delivery.reason == CHANNEL_GONE:
            notes.append((f"not on {name}: you stopped using it", ""))
        elif delivery.state == CANCELED and several:
            notes.append((f"not on {name}: canceled", ""))
    return notes


def _checking(delivery: "Delivery", why: str) -> str:
    network, at = delivery.channel.network.label, delivery.next_look_at
    when = f"; next look {clock(at, delivery.post.time_zone)}" if at > timezone.now() else " now"
    return f"{why} Checking with {network}{when}."


def _waiting(delivery: "Delivery", why: str) -> str:
    at = delivery.next_attempt_at
    if delivery.waiting_for == "time" and at:
        return f"Goes out {clock(at, delivery.post.time_zone)}"
    if delivery.waiting_for == "" and is_past(at, A_WHILE):
        return f"In line since {clock(at, delivery.post.time_zone)}: the workers are behind."
    if at is None or at <= timezone.now():
        return why
    return f"{why.rstrip('.')}; next try {clock(at, delivery.post.time_zone)}".lstrip("; ")


def is_past(at: datetime | None, by: timedelta = timedelta()) -> bool:
    return at is not None and at + by < timezone.now()


def clock(at: datetime, zone: str) -> str:
    """`14:32` today, `24 Nov 14:32` on another day, with the year when it is another one."""
    local, today = at.astimezone(ZoneInfo(zone)), timezone.now().astimezone(ZoneInfo(zone))
    if local.date() == today.date():
        return date_format(local, "H:i")
    return date_format(local, "j M H:i" if local.year == today.year else "j M Y H:i")
