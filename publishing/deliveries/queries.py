"""Deliveries by their state words, and what is done to many of them."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.tasks import async_task

from publishing.states import CHANNEL_GONE, QUEUED, SENDING, UNCONFIRMED
from social.holding import here, is_gone
from social.models import Channel, Closure, Connection
from social.models.closures import CREDITS, OUTAGE, PAUSED, SPREAD
from social.networks.shapes import Found
from social.timing import delay

from ..sql import read

if TYPE_CHECKING:
    from .delivery import Delivery

Job = tuple[UUID, datetime, int, str]  # a delivery's `job_id`, next time, user and network
JOB = ("job_id", "next_attempt_at", "post__user_id", "network_name")
WITH_ALL = ("post", "channel", "channel__connection")
LOOKS_KEPT_BY = {CREDITS: "credits", OUTAGE: "away"}
WAITING_FOR_CHANNEL = ("paused", "reconnect")
CHECKED_AHEAD = 3600  # seconds before its time
AT_A_TIME = 100  # deliveries that come back together
LONGEST_LINE = 3600  # seconds that a job may wait before it counts as lost all the same
MARGIN = timedelta(seconds=1)  # between a row's time and its job's
# Any time is after it: SQLite finds by an index what is greater, and not what is set at all.
NEVER = datetime.min.replace(tzinfo=UTC)
LEASE = 120  # seconds; at least twice what the whole of a send may take


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def of(self, user: Any) -> Self:
        return self.filter(post__user=user)

    def with_all(self) -> Self:
        return self.select_related(*WITH_ALL)

    def queued(self) -> Self:
        return self.filter(state=QUEUED)

    def sending(self) -> Self:
        return self.filter(state=SENDING)

    def unconfirmed(self) -> Self:
        return self.filter(state=UNCONFIRMED)

    def looking(self) -> Self:
        """In doubt, and not yet a question to a person."""
        return self.unconfirmed().filter(next_look_at__gt=NEVER)

    def due(self) -> Self:
        """Could be sent this moment. What waits for a person has no next time."""
        return self.queued().filter(next_attempt_at__lte=timezone.now())

    def overdue(self) -> Self:
        """Their person's time has come, whatever they wait for now."""
        return self.queued().filter(due_at__lte=timezone.now())

    def doubt_what_waits(self) -> None:
        """What is overdue and waits for more is looked up when it comes back. Each look costs: on
        a machine that sleeps every night it would be one every morning."""
        waits = self.overdue().exclude(next_attempt_at__lte=timezone.now())
        waits.filter(doubted_since=None).update(doubted_since=F("due_at"))

    def in_order(self) -> Self:
        return self.order_by("due_at", "id")

    def unwoken(self) -> Self:
        """Queued with a next time, and no worker was told since that time was set."""
        return self.queued().filter(woken_at=None, next_attempt_at__isnull=False)

    def forgotten(self) -> Self:
        """Due, and whoever was woken for it should have come long ago."""
        return self.due().woken_long_ago()

    def woken_long_ago(self) -> Self:
        """No job of these can be in line any more: whatever is first in line was woken later. One
        more job for each, again and again, would make a long line longer."""
        now = timezone.now()
        since = now - delay(LEASE)
        line = OrmQ.objects.filter(key="publish", lock__lte=now).order_by("lock")
        if first := line.values_list("lock", flat=True).first():
            since = max(min(since, first - MARGIN), now - delay(LONGEST_LINE))
        return self.filter(Q(woken_at=None) | Q(woken_at__lt=since))

    def send_later(self) -> None:
        """Wake a worker for each of these at its next time, and note that on the rows."""
        rows = list(self.values_list("pk", *JOB))
        wake(job for _, *job in rows)
        woken = self.model.objects.filter(pk__in=[pk for pk, *_ in rows])
        woken.update(woken_at=Greatest(F("next_attempt_at"), timezone.now()))

    def claim(self, job_id: str) -> "Delivery | None":
        """The delivery, now ours to send; None when there is nothing to do (any more, or yet)."""
        delivery = read(self.model, "job_id", job_id, *WITH_ALL)
        if delivery is None:
            return None
        if delivery.state == SENDING:
            # A job comes back when its worker is gone: what that one was sending is settled now.
            self.filter(job_id=job_id).release_left_behind()
        if not delivery.is_due or delivery.set_aside() or not delivery.take():
            return None
        delivery.read_again()
        return delivery

    def take_look(self, job_id: str) -> "Delivery | None":
        """The delivery, now ours to look up; None when there is nothing to look for (yet)."""
        due = self.with_all().looking().filter(next_look_at__lte=timezone.now())
        delivery = due.filter(job_id=job_id).first()
        return delivery if delivery is not None and delivery.take_look() else None

    def believe(self, posts: Sequence[Found], at: datetime) -> None:
        """What others have read of a timeline, where one of these in doubt may be."""
        for delivery in self:
            delivery.believe(posts, at)

    def look_up_forgotten(self) -> None:
        forgotten = self.with_all().looking().filter(next_look_at__lte=timezone.now())
        for delivery in forgotten.woken_long_ago():
            if self.filter(pk=delivery.pk, woken_at=delivery.woken_at).update(
                woken_at=timezone.now()
            ):
                delivery.look_up_later()

    def release_left_behind(self) -> None:
        """Settle what processes of this machine were sending that are no longer there."""
        for delivery in self.with_all().sending().filter(worker__startswith=here()):
            if is_gone(delivery.worker):
                delivery.release()

    def release_expired(self) -> None:
        """Settle what is being sent for longer than its worker may take."""
        for delivery in self.with_all().sending().filter(lease_until__lt=timezone.now()):
            delivery.release()

    def are_under_way(self) -> bool:
        """Whether something is still to happen to any of them by itself."""
        queued = self.queued().filter(waiting_for__gte="")  # so that there is an index for it
        return any(rows.exists() for rows in (queued, self.sending(), self.looking()))

    def sweep(self) -> None:
        """Settle what dead workers left behind and wake what was forgotten."""
        self.release_left_behind()
        self.release_expired()
        # A channel may have come back in the moment in which a delivery began to wait for it.
        waiting = self.waiting_for_channel()
        for channel in Channel.objects.filter(deliveries__in=waiting).distinct():
            self.follow(channel)
        # So may a network.
        paused = Closure.objects.standing().filter(kind=PAUSED).values("bucket")
        self.waiting_for_network().exclude(network_name__in=paused).go_on()
        self.forgotten().in_order().send_later()
        self.look_up_forgotten()

    def follow(self, channel: Channel, is_anew: bool = False) -> None:
        """What a change of `channel` means for what is queued or asked about there."""
        if not self.filter(channel=channel, state__in=(QUEUED, UNCONFIRMED)).exists():
            return  # asked first, and cheaply: somebody may have chosen a thousand places at once
        queued = self.with_all().queued().filter(channel=channel)
        if channel.state == "disconnected":
            for delivery in queued:
                delivery.cancel(CHANNEL_GONE)
            for delivery in self.with_all().looking().filter(channel=channel):
                delivery.ask("channel_gone_in_doubt")
        elif channel.state in ("works", "incomplete"):
            for delivery in queued.waiting_for_channel():
                delivery.resume()
            asked = self.with_all().unconfirmed().filter(channel=channel, waiting_for="person")
            # Other reasons outlast a look around, and would be asked about again after each.
            reason = {} if is_anew else {"reason": "cannot_look_token"}
            for delivery in asked.filter(reason__startswith="cannot_look", **reason):
                delivery.look_anew()

    def check_ahead_later(self) -> None:
        """Look whether what goes out within the hour will be let through."""
        now = timezone.now()
        within_the_hour = (now, now + delay(CHECKED_AHEAD))
        soon = self.queued().filter(waiting_for="time", next_attempt_at__range=within_the_hour)
        connections = Channel.objects.chosen().filter(deliveries__in=soon).values("connection")
        Connection.objects.filter(pk__in=connections).check_later()

    # ── what a closed network kept ────────────────────────────────────────────────────────────
    def waiting_for_channel(self) -> Self:
        return (
            self.queued()
            .filter(waiting_for__in=WAITING_FOR_CHANNEL)
            .exclude(reason="network_paused")
        )

    def waiting_for_network(self) -> Self:
        """For an operator to resume it."""
        return self.queued().filter(waiting_for="paused", reason="network_paused")

    def go_on_later(self, closure: Closure) -> None:
        async_task("publishing.tasks.go_on", closure.pk, broker=get_broker("publish"))

    def go_on_after(self, closure_id: int) -> None:
        """What was closed is open: what waited for it comes back, a few at a time."""
        closure = Closure.objects.get(pk=closure_id)
        if not closure.is_standing:
            kept = self.queued().filter(waiting_for=closure.kind)
            kept = self.waiting_for_network() if closure.kind == PAUSED else kept
            kept.filter(network_name=closure.network_name).go_on()
            self.look_anew(f"cannot_look_{LOOKS_KEPT_BY.get(closure.kind)}", closure.network_name)

    def look_anew(self, reason: str, network: str) -> None:
        """It was asked about because nobody could look; now somebody can."""
        asked = self.with_all().unconfirmed().filter(network_name=network, waiting_for="person")
        for delivery in asked.filter(reason=reason):
            delivery.look_anew()

    def go_on(self) -> None:
        """An account's together, so that they keep their order."""
        rows = list(self.order_by("account", "due_at", "id").values_list("pk", flat=True))
        for start in range(0, len(rows), AT_A_TIME):
            some = self.filter(pk__in=rows[start : start + AT_A_TIME])
            some.come_back(delay(random.uniform(0, SPREAD)))  # noqa: S311  jitter

    def come_back(self, after: timedelta) -> None:
        at = timezone.now() + after
        with transaction.atomic():
            kept = self.select_for_update(skip_locked=True, no_key=True)
            mine = self.model.objects.filter(pk__in=list(kept.values_list("pk", flat=True)))
            jobs = list(mine.values_list(*JOB))
            mine.update(waiting_for="", reason="", next_attempt_at=at, woken_at=at)
            wake((job_id, at, *more) for job_id, _, *more in jobs)


def wake(jobs: Iterable[Job]) -> None:
    """Only queue the jobs, one insert for all. Two that finish at one account may each wake the
    other: writing to its row here would be a deadlock."""
    jobs = list(jobs)
    if not jobs:
        return
    now, broker = timezone.now(), get_broker("publish")
    with broker.batch():
        for job_id, at, user_id, network in jobs:
            broker.run_after, broker.network = max(at, now), network
            broker.queue("publishing.tasks.send_delivery", str(job_id), f"user:{user_id}")
