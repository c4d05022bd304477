"""What a composer starts with."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import Signal
from django.http import QueryDict
from django.utils import timezone

from publishing.models import Delivery, Post, PostingTime
from social.models import Channel

from .extras import as_fields

# A composer is opened with `?from=…` (user=…, key=…). Whoever knows that key answers with what it
# begins with, as fields of the form; others with None.
start_wanted = Signal()

FIRST_CHANNELS = 5  # that a first post goes to by itself


def last_choice(user: Any) -> dict[str, Any]:
    """Where the latest post went, as far as these channels still are; else everywhere."""
    channels = Channel.objects.of(user)
    if channels.count() > FIRST_CHANNELS:  # nobody's first post goes to a hundred Pages by itself
        channels = channels.none()
    latest = Post.objects.of(user).first()
    if latest:
        again = Channel.objects.of(user).filter(deliveries__post=latest)
        channels = again if again.exists() else channels
    return {"channels": [channel.id for channel in channels], "when": usual_when(user)}


def usual_when(user: Any) -> str:
    """When a post goes out unless its writer says otherwise."""
    has_times = PostingTime.objects.of(user).switched_on().exists()
    return "next" if has_times else "now"


def shared_text(fields: Mapping[str, str]) -> str:
    """What a phone or a bookmark shares, as one text. Some say the address in the text already."""
    parts: list[str] = []
    for name in ("title", "text", "url"):
        part = fields.get(name, "").strip()
        if part and not any(part in other for other in parts):
            parts.append(part)
    return "\n".join(parts)


def start_from(user: Any, key: str) -> dict[str, Any]:
    """What somebody else here offers as a start, on top of the last choice."""
    answers = start_wanted.send(sender=None, user=user, key=key)
    given: list[Any] = [answer for _, answer in answers if answer]
    return last_choice(user) | (given[0] if given else {})


def as_sent(delivery: Delivery) -> dict[str, Any]:
    """Where a person starts who changes what was refused and publishes it anew."""
    start = {"text": delivery.content, "channels": [delivery.channel_id], "when": "now"}
    return start | {"again": delivery.job_id} | extras_of(delivery)


def extras_of(delivery: Delivery) -> dict[str, str]:
    """What was chosen there, as fields of the form: also that nothing was."""
    names = [extra.name for extra in delivery.channel.network.extras]
    chosen = {name: delivery.extras.get(name, "") for name in names}
    return as_fields(delivery.network_name, chosen)


def as_typed(fields: QueryDict) -> dict[str, Any]:
    """The composer as a page had it, checked or not."""
    several = {name: fields.getlist(name) for name in ("channels", "tags")}
    return fields.dict() | several


def as_written(post: Post) -> dict[str, Any]:
    """The editor as its post stands."""
    own = {f"text_{d.network_name}": d.text for d in post.deliveries.all()}
    for delivery in post.deliveries.all():
        own |= extras_of(delivery)
    return own | {
        "text": post.text,
        "when": "later" if post.due_at else "now",
        "at": timezone.localtime(post.due_at) if post.due_at else None,
        "moment": post.due_at,
    }
