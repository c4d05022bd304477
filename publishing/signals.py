"""The doorbells of this room: a published post queues its jobs, and what is queued follows its
channel and its network. Nothing else queues."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import Signal, receiver

from social.models import (
    Channel,
    Closure,
    Connection,
    authorization_lost,
    channel_changed,
    network_opened,
    still_needed,
)

from .models import Delivery, Post
from .models.notice import note_later
from .states import QUEUED, SENDING

# Somebody has to connect again, and how many of their posts wait for it (user=…, connection=…,
# channel=… where only that one is lost, or None, waiting=…). Once for each loss.
posts_wait = Signal()


@receiver(post_save, sender=Post)
def post_saved(instance: Post, raw: bool = False, **kwargs: Any) -> None:
    if not raw and instance.published_at:
        instance.send_later()


@receiver(channel_changed)
def follow_channel(channel: Channel, **kwargs: Any) -> None:
    Delivery.objects.follow(channel)
    note_later(channel.connection, channel)


@receiver(network_opened)
def go_on(closure: Closure, **kwargs: Any) -> None:
    Delivery.objects.go_on_later(closure)


@receiver(authorization_lost)
def count_waiting(connection: Connection, channel: Channel | None, **kwargs: Any) -> None:
    # The one that found out is still on its way, and waits in a moment.
    queued = Delivery.objects.filter(state__in=(QUEUED, SENDING), channel__connection=connection)
    waiting = (queued.filter(channel=channel) if channel else queued).count()
    posts_wait.send_robust(
        Connection, user=connection.user, connection=connection, channel=channel, waiting=waiting
    )


@receiver(still_needed)
def in_use(connection: Connection, **kwargs: Any) -> bool:
    return Delivery.objects.sending().filter(channel__connection=connection).exists()
