"""What this app does when something happens in another one, or when a run has ended."""

from typing import Any

from django.dispatch import receiver

from publishing.models import Delivery, delivery_ended
from publishing.planning.week import usual_hours_wanted
from publishing.posts.composing import start_wanted
from publishing.posts.results import Results, results_wanted
from social.models import Channel, channel_changed
from social.people import AnyUser

from .models import Statistics, Suggestion
from .reading.importer import items_changed
from .reading.results import results_of
from .reading.starting import start_for_channel


@receiver(channel_changed)
def start_imports(channel: Channel, is_anew: bool = False, **kwargs: Any) -> None:
    start_for_channel(channel, is_anew)


@receiver([delivery_ended, items_changed])
def count_again(user_id: int, **kwargs: Any) -> None:
    Statistics.objects.mark_stale(user_id)


@receiver(results_wanted)
def tell_results(deliveries: list[Delivery], **kwargs: Any) -> dict[int, Results]:
    """Return what the networks said of these deliveries when they were read last."""
    return results_of(deliveries)


@receiver(usual_hours_wanted)
def tell_usual_hours(user: Any, **kwargs: Any) -> list[int] | None:
    """Return how many posts went out in each hour of the day, as they were counted last."""
    counted = Statistics.objects.filter(user=user).values_list("numbers", flat=True).first()
    return (counted or {}).get("hours")


@receiver(start_wanted)
def start_with_suggestion(user: AnyUser, key: str, **kwargs: Any) -> dict[str, Any] | None:
    """Return what the composer begins with when it is opened with a suggestion."""
    suggestion = Suggestion.objects.of(user).named(key) if key else None
    return suggestion.as_start() if suggestion else None
