"""Settling what dead workers left behind, and waking what was forgotten: once a minute, so that no
lost job and no lost moment loses a post."""

from django.utils import timezone

from social.models import Channel, CircuitBreaker
from social.models.circuit_breaker import PAUSED

from .delivery import Delivery
from .follow import follow_channel, requeue_spread
from .settle import release_expired, release_left_behind


def sweep() -> None:
    """All of it, for all deliveries."""
    deliveries = Delivery.objects.all()
    release_left_behind(deliveries)
    release_expired(deliveries)
    # A channel may have come back in the moment in which a delivery began to wait for it.
    waiting = deliveries.waiting_for_channel()
    for channel in Channel.objects.filter(deliveries__in=waiting).distinct():
        follow_channel(channel)
    # So may a network.
    paused = CircuitBreaker.objects.tripped().filter(kind=PAUSED).values("scope")
    requeue_spread(deliveries.waiting_for_network().exclude(network_name__in=paused))
    deliveries.forgotten().in_order().send_later()
    verify_forgotten()


def verify_forgotten() -> None:
    """Wake a worker for what is in doubt, and whoever was woken for it should have come long ago.
    One of several that sweep wakes it."""
    verifying = Delivery.objects.with_all().verifying()
    due = verifying.filter(next_verification_at__lte=timezone.now())
    for delivery in due.woken_long_ago():
        unwoken = Delivery.objects.filter(pk=delivery.pk, woken_at=delivery.woken_at)
        if unwoken.update(woken_at=timezone.now()):
            delivery.verify_later()
