"""The doorbells of this room: who has connected something has it read, what was sent is counted,
and a composer is told what it begins with. Nothing else starts a run but the timetable and
people."""

from typing import Any

from django.dispatch import receiver

from publishing.models import delivery_ended
from publishing.posts.composing import start_wanted
from social.models import Channel, channel_changed

from .models import Statistics, Suggestion, Timeline


@receiver(channel_changed)
def connected(channel: Channel, is_anew: bool = False, **kwargs: Any) -> None:
    Timeline.objects.follow(channel, is_anew)


@receiver(delivery_ended)
def count_again(user_id: int, **kwargs: Any) -> None:
    Statistics.objects.mark_stale(user_id)


@receiver(start_wanted)
def start_with_suggestion(user: Any, key: str, **kwargs: Any) -> dict[str, Any] | None:
    suggestion = Suggestion.objects.of(user).named(key) if key else None
    return suggestion.as_start() if suggestion else None
