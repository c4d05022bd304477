"""The doorbells of this room: a published post queues its jobs, and what is queued follows its
channel. Nothing else queues."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from social.models import Channel, Connection, channel_changed, still_needed

from .models import Delivery, Post
from .models.notice import note_later


@receiver(post_save, sender=Post)
def post_saved(instance: Post, raw: bool = False, **kwargs: Any) -> None:
    if not raw and instance.published_at:
        instance.send_later()


@receiver(channel_changed)
def follow_channel(channel: Channel, **kwargs: Any) -> None:
    Delivery.objects.follow(channel)
    note_later(channel.connection, channel)


@receiver(still_needed)
def in_use(connection: Connection, **kwargs: Any) -> bool:
    return Delivery.objects.sending().filter(channel__connection=connection).exists()
