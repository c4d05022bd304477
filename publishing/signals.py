"""The doorbells of this room: a published post queues its jobs, and what is queued follows its
channel and its network. Nothing else queues."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from social.connections.stopping import Stake, channel_returned, return_asked, stop_asked
from social.models import (
    Channel,
    CircuitBreaker,
    Connection,
    channel_changed,
    network_reset,
    network_tripped,
    still_needed,
)

from .models import Delivery, Post
from .models.notice import note_later, note_tripped_later
from .stopping import return_to, returning_to, waiting_at


@receiver(post_save, sender=Post)
def post_saved(instance: Post, raw: bool = False, **kwargs: Any) -> None:
    if not raw and instance.published_at:
        instance.send_later()


@receiver(channel_changed)
def follow_channel(channel: Channel, is_anew: bool = False, **kwargs: Any) -> None:
    Delivery.objects.follow(channel, is_anew)
    note_later(channel.connection, channel)


@receiver(stop_asked)
def count_what_waits(channels: list[Channel], **kwargs: Any) -> Stake:
    return waiting_at(channels)


@receiver(return_asked)
def count_what_returns(channel: Channel, **kwargs: Any) -> Stake:
    return returning_to(channel)


@receiver(channel_returned)
def bring_back(channel: Channel, **kwargs: Any) -> tuple[int, int]:
    return return_to(channel)


@receiver(network_tripped)
def tell_operators(breaker: CircuitBreaker, **kwargs: Any) -> None:
    note_tripped_later(breaker)


@receiver(network_reset)
def go_on(breaker: CircuitBreaker, **kwargs: Any) -> None:
    Delivery.objects.go_on_later(breaker)


@receiver(still_needed)
def in_use(connection: Connection, **kwargs: Any) -> bool:
    return Delivery.objects.sending().filter(channel__connection=connection).exists()
