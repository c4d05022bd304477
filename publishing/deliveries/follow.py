"""What is queued, or in doubt, follows its channel and its network: paused, lost, closed, back."""

import random

from django.utils import timezone

from publishing.planning.placing_anew import place_anew
from publishing.states import QUEUED, UNCONFIRMED
from social.jobs import enqueue
from social.models import Channel, CircuitBreaker, Connection
from social.models.circuit_breaker import CREDITS, NETWORK_SPREAD_SECONDS, OUTAGE, PAUSED
from social.reasons import CANNOT_LOOK, Reason
from social.timing import delay

from . import doubts
from .delivery import Delivery
from .queryset import DeliveryQuerySet

# What closed a network → the reason why nobody could verify there.
CANNOT_LOOK_BY = {CREDITS: Reason.CANNOT_LOOK_CREDITS, OUTAGE: Reason.CANNOT_LOOK_AWAY}
CHECKED_AHEAD_SECONDS = 3600  # before its time
DELIVERIES_TOGETHER = 100  # that come back in the same moment


def follow_channel(channel: Channel, is_anew: bool = False) -> None:
    """What a change of `channel` means for what is queued or asked about there. `is_anew`: its
    connection was made anew by its user."""
    rows = Delivery.objects.with_all().filter(channel=channel)
    if not rows.filter(state__in=(QUEUED, UNCONFIRMED)).exists():
        return  # asked first, and cheaply: somebody may have chosen a thousand places at once
    if channel.state == "disconnected":
        for delivery in rows.queued():
            delivery.cancel(Reason.CHANNEL_GONE)
        for delivery in rows.verifying():
            delivery.ask(Reason.CHANNEL_GONE_IN_DOUBT)
    elif channel.state in ("works", "incomplete"):
        waiting = list(rows.waiting_for_channel())
        placed = place_anew(channel, waiting)
        for delivery in waiting:
            if delivery.pk not in placed:
                delivery.resume()
        # Other reasons outlast a look around, and would be asked about again after each.
        reason = {} if is_anew else {"reason": Reason.CANNOT_LOOK_TOKEN}
        asked = rows.unconfirmed().filter(waiting_for="person", reason__startswith=CANNOT_LOOK)
        for delivery in asked.filter(**reason):
            doubts.verify_anew(delivery)


def follow_opened_later(breaker: CircuitBreaker) -> None:
    """Queue what `follow_opened` does."""
    enqueue("publishing.tasks.go_on", breaker.pk, queue="publish")


def follow_opened(breaker_id: int) -> None:
    """What was closed is open: what waited for it comes back, a few at a time."""
    breaker = CircuitBreaker.objects.get(pk=breaker_id)
    if breaker.is_tripped:
        return
    waiting = Delivery.objects.queued().filter(waiting_for=breaker.kind)
    if breaker.kind == PAUSED:
        waiting = Delivery.objects.waiting_for_network()
    requeue_spread(deliveries_to(waiting, breaker.network_name, breaker.home))
    if reason := CANNOT_LOOK_BY.get(breaker.kind):
        verify_anew(reason, breaker.network_name, breaker.home)


def deliveries_to(deliveries: DeliveryQuerySet, network: str, home: str) -> DeliveryQuerySet:
    """Those that go to this home of a network, or anywhere there where none is named."""
    deliveries = deliveries.filter(network_name=network)
    if not home:
        return deliveries
    there = Channel.objects.filter(network_name=network, connection__home=home)
    return deliveries.filter(channel__in=there)


def verify_anew(reason: str, network: str, home: str = "") -> None:
    """It was asked about because nobody could look; now somebody can."""
    unconfirmed = deliveries_to(Delivery.objects.with_all().unconfirmed(), network, home)
    asked = unconfirmed.filter(waiting_for="person", reason=reason)
    for delivery in asked:
        doubts.verify_anew(delivery)


def requeue_spread(deliveries: DeliveryQuerySet) -> None:
    """They go on, spread over a while; an account's together, so that they keep their order."""
    ids = list(deliveries.order_by("account", "due_at", "id").values_list("pk", flat=True))
    for start in range(0, len(ids), DELIVERIES_TOGETHER):
        some = deliveries.filter(pk__in=ids[start : start + DELIVERIES_TOGETHER])
        some.requeue_after(delay(random.uniform(0, NETWORK_SPREAD_SECONDS)))  # noqa: S311  jitter


def check_ahead_later() -> None:
    """Have it checked whether what goes out within the hour will be let through."""
    now = timezone.now()
    within_the_hour = (now, now + delay(CHECKED_AHEAD_SECONDS))
    soon = Delivery.objects.queued().filter(
        waiting_for="time", next_attempt_at__range=within_the_hour
    )
    connections = Channel.objects.chosen().filter(deliveries__in=soon).values("connection")
    Connection.objects.filter(pk__in=connections).check_later()
