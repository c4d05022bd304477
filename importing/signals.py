"""What this app does when something happens in another one, or when a run has ended."""

from typing import Any

from django.dispatch import receiver

from publishing.models import delivery_ended
from publishing.posts.composing import start_wanted
from social.models import Channel, channel_changed
from social.people import AnyUser

from .models import Statistics, Suggestion
from .reading.importer import items_changed
from .reading.starting import start_for_channel


@receiver(channel_changed)
def start_imports(channel: Channel, is_anew: bool = False, **kwargs: Any) -> None:
    start_for_channel(channel, is_anew)


@receiver([delivery_ended, items_changed])
def count_again(user_id: int, **kwargs: Any) -> None:
    Statistics.objects.mark_stale(user_id)


@receiver(start_wanted)
def start_with_suggestion(user: AnyUser, key: str, **kwargs: Any) -> dict[str, Any] | None:
    """Return what the composer begins with when it is opened with a suggestion."""
    suggestion = Suggestion.objects.of(user).named(key) if key else None
    return suggestion.as_start() if suggestion else None
