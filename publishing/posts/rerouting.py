"""Channels that a post gets, or loses, while it waits. The caller holds its deliveries, and gives
those that go a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.returning import return_at
from publishing.states import CANCELED
from social.models import Channel

from .contents import check_owner


def reroute(
    post: Any, deliveries: Sequence[Delivery], channels: Iterable[Channel], at: datetime
) -> None:
    """Let `post`, whose `deliveries` are these, go to `channels` and nowhere else. What it loses is
    canceled; what was canceled and never tried comes back. Raises ValidationError where it cannot
    go once more."""
    wanted = {channel.pk: channel for channel in channels}
    check_owner(post.user, list(wanted.values()))
    known = {delivery.channel_id: delivery for delivery in deliveries}
    for pk, delivery in known.items():
        if pk not in wanted and delivery.state != CANCELED:
            delivery.cancel()
        elif pk in wanted and delivery.state == CANCELED and not return_at(delivery, at):
            sentence = gettext("{name}: it was tried there before. Write it again instead.")
            raise ValidationError(sentence.format(name=delivery.channel.name), code="not_returned")
    new = [channel for pk, channel in wanted.items() if pk not in known]
    Delivery.objects.bulk_create([delivery_to(post, channel, at) for channel in new])


def delivery_to(post: Any, channel: Channel, at: datetime) -> Delivery:
    """Queued, and nobody was woken for it yet."""
    return Delivery(
        post=post,
        channel=channel,
        network_name=channel.network_name,
        account=channel.account,
        due_at=at,
        next_attempt_at=at,
    )


def is_going_to(deliveries: Iterable[Delivery], channels: Iterable[Channel] | None) -> bool:
    """Whether these go just there; None is wherever they go."""
    going = {row.channel_id for row in deliveries if row.state != CANCELED}
    return channels is None or going == {channel.pk for channel in channels}
