"""Deliveries by their state words, and what is done to many of them."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from publishing.states import QUEUED, SENDING, UNCONFIRMED
from social.models import Channel
from social.timing import delay

if TYPE_CHECKING:
    from .delivery import Delivery

WAITING_FOR_CHANNEL = ("paused", "reconnect")
LEASE = 120  # seconds; at least twice what the whole of a send may take


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def of(self, user: Any) -> Self:
        return self.filter(post__user=user)

    def with_all(self) -> Self:
        return self.select_related("post", "channel__connection")

    def queued(self) -> Self:
        return self.filter(state=QUEUED)

    def sending(self) -> Self:
        return self.filter(state=SENDING)

    def unconfirmed(self) -> Self:
        return self.filter(state=UNCONFIRMED)

    def due(self) -> Self:
        """Could be sent this moment. What waits for a person has no next time."""
        return self.queued().filter(next_attempt_at__lte=timezone.now())

    def in_order(self) -> Self:
        return self.order_by("due_at", "id")

    def ahead_of(self, delivery: "Delivery") -> Self:
        """Due at the same account, and earlier in its order."""
        earlier = Q(due_at__lt=delivery.due_at) | Q(due_at=delivery.due_at, id__lt=delivery.id)
        return self.due().filter(earlier, account=delivery.account)

    def unwoken(self) -> Self:
        """Queued with a next time, and no worker was told since that time was set."""
        return self.queued().filter(woken_at=None, next_attempt_at__isnull=False)

    def forgotten(self) -> Self:
        """Due, and whoever was woken for it should have come long ago."""
        woken_long_ago = Q(woken_at=None) | Q(woken_at__lt=timezone.now() - delay(LEASE))
        return self.due().filter(woken_long_ago)

    def send_later(self) -> None:
        """Wake a worker for each of these at its next time, and note that on the rows."""
        woken = self.model.objects.filter(pk__in=self.wake())
        woken.update(woken_at=Greatest(F("next_attempt_at"), timezone.now()))

    def wake(self) -> list[int]:
        """Only queue the jobs, one insert for all; the keys of their rows. Two that finish at one
        account may each wake the other: writing to its row here would be a deadlock."""
        deliveries = list(self.values_list("pk", "job_id", "next_attempt_at", "post__user_id"))
        now, broker = timezone.now(), get_broker("publish")
        with broker.batch():
            for _, job_id, at, user_id in deliveries:
                broker.run_after = max(at, now)
                async_task(
                    "publishing.tasks.send_delivery",
                    str(job_id),
                    group=f"user:{user_id}",
                    broker=broker,
                )
        return [pk for pk, *_ in deliveries]

    def claim(self, job_id: str) -> "Delivery | None":
        """The delivery, now ours to send; None when there is nothing to do (any more, or yet)."""
        delivery = self.with_all().due().filter(job_id=job_id).first()
        if delivery is None or delivery.set_aside() or not delivery.take():
            return None
        # Read again, now that it is ours: its person may have edited it a moment ago.
        return self.with_all().get(pk=delivery.pk)

    def sweep(self) -> None:
        """Settle what dead workers left behind and wake what was forgotten."""
        for delivery in self.with_all().sending().filter(lease_until__lt=timezone.now()):
            delivery.release()
        # A channel may have come back in the moment in which a delivery began to wait for it.
        waiting = self.queued().filter(waiting_for__in=WAITING_FOR_CHANNEL)
        for channel in Channel.objects.filter(deliveries__in=waiting).distinct():
            self.follow(channel)
        self.forgotten().in_order().send_later()

    def follow(self, channel: Channel) -> None:
        """What a change of `channel` means for what is queued there."""
        queued = self.with_all().queued().filter(channel=channel)
        if channel.state == "disconnected":
            for delivery in queued:
                delivery.cancel("channel_gone")
        elif channel.state in ("works", "incomplete"):
            for delivery in queued.filter(waiting_for__in=WAITING_FOR_CHANNEL):
                delivery.resume()
