"""What this room hears of deliveries."""

from typing import Any

from django.dispatch import receiver

from publishing.models import Delivery, delivery_moved

from .events import write_events


@receiver(delivery_moved)
def tell_webhooks(delivery: Delivery, was: str, **kwargs: Any) -> None:
    write_events(delivery, was)
