"""What a person did before: sent deliveries and imported items, as jobs would have left them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from importing.models import ImportedItem, Timeline
from publishing.models import Delivery, Post
from social.models import Channel

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
_numbers = itertools.count(1)


def timeline_of(channel: Channel, kind: str = "post", **more: Any) -> Timeline:
    owner = {"channel": channel} if kind == "post" else {"connection": channel.connection}
    same = {"kind": kind, "network_name": channel.network_name, **owner}
    user = channel.connection.user
    row, _ = Timeline.objects.get_or_create(**same, defaults={"user": user, **more})
    return row


def item(timeline: Timeline, text: str = "", days_ago: float = 0, **more: Any) -> ImportedItem:
    """One that was written so many days before now (or before `now`)."""
    at = more.pop("now", None) or timezone.now()
    said = str(next(_numbers))
    likes, reposts = more.get("likes") or 0, more.get("reposts") or 0
    fields = {
        "timeline": timeline,
        "user_id": timeline.user_id,
        "kind": timeline.kind,
        "network_name": timeline.network_name,
        "first_id": said,
        "remote_id": said,
        "text": text,
        "url": f"https://x.com/alice/status/{said}",
        "created_at": at - timedelta(days=days_ago),
        "reactions": likes + reposts,
    }
    return ImportedItem.objects.create(**fields | more)


def ended(
    channels: list[Channel],
    text: str = "Bread at seven.",
    at: datetime | None = None,
    late: float = 2,
    state: str = "sent",
) -> Post:
    """A post whose deliveries came to their end, `late` seconds after they were due."""
    at = at or timezone.now()
    post = Post.objects.publish(channels[0].connection.user, text, channels)
    for delivery in post.deliveries.all():
        Delivery.objects.filter(pk=delivery.pk).update(
            state=state,
            waiting_for="",
            due_at=at - timedelta(seconds=late),
            finished_at=at,
            remote_id=f"9{delivery.pk}" if state == "sent" else "",
        )
    return post
