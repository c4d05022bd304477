"""The receivers of this room: a published post queues its jobs, and what is queued follows its
channel and its network. Nothing else queues."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

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

from .comments import comment
from .deliveries.follow import follow_channel, follow_opened_later
from .models import Delivery, Post
from .notices.notice import sync_connection_later, sync_credits_later
from .planning.adopting import adopt
from .posts.stopping import return_to, returning_to, waiting_at


@receiver(post_save, sender=Post)
def post_saved(instance: Post, raw: bool = False, **kwargs: Any) -> None:
    if not raw and instance.published_at:
        instance.send_later()


@receiver(channel_changed)
def channel_has_changed(channel: Channel, is_anew: bool = False, **kwargs: Any) -> None:
    follow_channel(channel, is_anew)
    comment.follow_channel(channel, is_anew)
    sync_connection_later(channel.connection, channel)


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
    sync_credits_later(breaker)


@receiver(network_reset)
def go_on(breaker: CircuitBreaker, **kwargs: Any) -> None:
    follow_opened_later(breaker)


@receiver(user_logged_in)
def save_what_was_kept(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    adopt(request, user)


@receiver(still_needed)
def in_use(connection: Connection, **kwargs: Any) -> bool:
    return Delivery.objects.sending().filter(channel__connection=connection).exists()
