"""Deliveries by where they stand; and what is done to many of them at once."""

from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django_q.models import OrmQ

from publishing.states import QUEUED, SENDING, UNCONFIRMED, WaitingFor
from social.people import AnyUser
from social.reasons import Reason
from social.timing import delay

from .jobs import JOB_FIELDS, wake

FORGOTTEN_AFTER_SECONDS = 120  # by then whoever was woken has come, or died
LONGEST_LINE_SECONDS = 3600  # that a job may wait before it counts as lost all the same
JOB_MARGIN = timedelta(seconds=1)  # between a row's time and its job's
WITH_ALL = ("post", "channel", "channel__connection")
WAITING_FOR_CHANNEL = (WaitingFor.PAUSED, WaitingFor.RECONNECT)
# Any time is after it: SQLite finds by an index what is greater, and not what is set at all.
BEFORE_ANYTHING = datetime.min.replace(tzinfo=UTC)

RowT = TypeVar("RowT", bound=models.Model)  # a delivery: its module imports this one


class DeliveryQuerySet(models.QuerySet[RowT]):
    """Deliveries by their state words."""

    def of(self, user: AnyUser) -> Self:
        return self.filter(post__user=user)

    def with_all(self) -> Self:
        return self.select_related(*WITH_ALL)

    def queued(self) -> Self:
        return self.filter(state=QUEUED)

    def sending(self) -> Self:
        return self.filter(state=SENDING)

    def unconfirmed(self) -> Self:
        return self.filter(state=UNCONFIRMED)

    def verifying(self) -> Self:
        """In doubt, and not yet a question to a person."""
        return self.unconfirmed().filter(next_verification_at__gt=BEFORE_ANYTHING)

    def due(self) -> Self:
        """Could be sent this moment. What waits for a person has no next time."""
        return self.queued().filter(next_attempt_at__lte=timezone.now())

    def overdue(self) -> Self:
        """Their user's time has come, whatever they wait for now."""
        return self.queued().filter(due_at__lte=timezone.now())

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
        since = now - delay(FORGOTTEN_AFTER_SECONDS)
        line = OrmQ.objects.filter(key="publish", lock__lte=now).order_by("lock")
        if first := line.values_list("lock", flat=True).first():
            since = max(min(since, first - JOB_MARGIN), now - delay(LONGEST_LINE_SECONDS))
        return self.filter(Q(woken_at=None) | Q(woken_at__lt=since))

    def waiting_for_channel(self) -> Self:
        """For the user to resume or reconnect it."""
        waiting = self.queued().filter(waiting_for__in=WAITING_FOR_CHANNEL)
        return waiting.exclude(reason=Reason.NETWORK_PAUSED)

    def waiting_for_network(self) -> Self:
        """For an operator to resume it."""
        return self.queued().filter(waiting_for=WaitingFor.PAUSED, reason=Reason.NETWORK_PAUSED)

    def are_under_way(self) -> bool:
        """Whether something is still to happen to any of them by itself."""
        queued = self.queued().filter(waiting_for__gte="")  # so that there is an index for it
        return any(rows.exists() for rows in (queued, self.sending(), self.verifying()))

    # ── to many at once ───────────────────────────────────────────────────────────────────────
    def send_later(self) -> None:
        """Wake a worker for each of these at its next time, and note that on the rows."""
        rows = list(self.values_list("pk", *JOB_FIELDS))
        wake(job for _, *job in rows)
        woken = self.filter(pk__in=[pk for pk, *_ in rows])
        woken.update(woken_at=Greatest(F("next_attempt_at"), timezone.now()))

    def requeue_after(self, wait: timedelta) -> None:
        """What these waited for is over: they go out together, so long from now."""
        at = timezone.now() + wait
        with transaction.atomic():
            kept = self.select_for_update(skip_locked=True, no_key=True)
            mine = self.filter(pk__in=list(kept.values_list("pk", flat=True)))
            jobs = list(mine.values_list(*JOB_FIELDS))
            mine.update(waiting_for="", reason="", next_attempt_at=at, woken_at=at)
            wake((job_id, at, *more) for job_id, _, *more in jobs)
