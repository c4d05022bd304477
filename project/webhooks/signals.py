"""What this room hears of deliveries and connections."""

from typing import Any

from django.dispatch import receiver

from publishing.models import Delivery, delivery_moved
from social.models import Connection, grant_moved

from .events import write_events, write_grant_event


@receiver(delivery_moved)
def tell_webhooks(delivery: Delivery, was: str, **kwargs: Any) -> None:
    write_events(delivery, was)


@receiver(grant_moved)
def tell_of_grant(connection: Connection, was: str, **kwargs: Any) -> None:
    write_grant_event(connection, was)
