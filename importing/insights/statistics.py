"""The numbers of a person: one row that a job writes and a page reads. No page counts anything."""

from datetime import datetime, timedelta
from functools import cache
from time import monotonic
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from importing import sql
from social.jobs import enqueue
from social.timing import ago, delay, from_now

from .counting import count

SETTLING_SECONDS = 5  # from the first change to the counting, so that many are counted once
MARK_KNOWN_SECONDS = 3  # for which a process knows of a mark; less than SETTLING_SECONDS
PAUSE_SECONDS = 60  # between two countings, at least
PAUSE_FACTOR = 20  # times as long as counting took, it is left alone
COUNT_JOB_PATIENCE_SECONDS = 600  # after which a job that was queued is taken for lost
PEOPLE_PER_SWEEP = 500
RECOUNTED_AFTER, COUNTED_BEFORE_MIDNIGHT = timedelta(days=1), timedelta(hours=1)

_marked_until: dict[int, datetime] = {}  # user id → until when this process need not mark them
REMEMBERED_USERS = 10_000


class StatisticsQuerySet(models.QuerySet["Statistics"]):
    def of(self, user: User) -> "Statistics":
        """Return the row that a page reads; one that is not stored for who has none yet."""
        return self.filter(user=user).first() or Statistics(user=user)

    def stale(self) -> Self:
        """Select those where something has changed that is not counted yet."""
        return self.filter(stale_since__isnull=False)

    def without_job(self) -> Self:
        return self.filter(Q(woken_at=None) | Q(woken_at__lt=lost_before()))

    def mark_stale(self, user_id: int) -> None:
        """Something of this person's has changed: count it soon. A thousand changes are one row
        and one job, and in one process hardly more than one statement."""
        now = timezone.now()
        if _marked_until.get(user_id, now) > now:
            return
        since, calculated_at, calculation_seconds = sql.statistics_row(user_id)
        if since is None:  # else whoever takes that mark away counts afterwards, and this as well
            run_after = next_calculation_at(calculated_at, calculation_seconds)
            with transaction.atomic():
                since, woken_at = sql.mark_stale(user_id, now, run_after, lost_before())
                if woken_at == run_after:
                    queue_calculation_later(user_id, run_after)
        if len(_marked_until) > REMEMBERED_USERS:
            _marked_until.clear()
        _marked_until[user_id] = since + delay(MARK_KNOWN_SECONDS)

    def calculate_later(self) -> None:
        """Queue a job for each of these that has none."""
        columns = ("pk", "calculated_at", "calculation_seconds")
        for pk, *last in list(self.without_job().values_list(*columns)[:PEOPLE_PER_SWEEP]):
            run_after = next_calculation_at(*last)
            if Statistics.objects.filter(pk=pk).without_job().update(woken_at=run_after):
                queue_calculation_later(pk, run_after)

    def sweep(self) -> None:
        """Count what changed and whose job was lost; and everything once a day, should a change
        have been missed."""
        now = timezone.now()
        is_old = Q(calculated_at__lt=now - RECOUNTED_AFTER)
        ended = now - COUNTED_BEFORE_MIDNIGHT
        is_old |= Q(calculated_at__lt=ended, user__profile__time_zone__in=at_midnight(now))
        old = self.filter(is_old, stale_since=None).order_by("calculated_at")
        pks = list(old.values_list("pk", flat=True)[:PEOPLE_PER_SWEEP])
        self.filter(pk__in=pks).update(stale_since=now)
        self.stale().calculate_later()


class Statistics(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="statistics",
    )
    numbers = models.JSONField(default=dict)
    stale_since = models.DateTimeField(null=True, blank=True)  # the first change not counted yet
    # When the job that is queued may run, or since when it runs.
    woken_at = models.DateTimeField(null=True, blank=True)
    calculated_at = models.DateTimeField(null=True, blank=True)
    calculation_seconds = models.FloatField(default=0)  # that it took the last time

    objects = StatisticsQuerySet.as_manager()
    export = None  # counted from what else is told

    class Meta:
        verbose_name_plural = "statistics"
        indexes = [
            models.Index(
                fields=["stale_since"],
                condition=Q(stale_since__isnull=False),
                name="statistics_stale",
            ),
            models.Index(fields=["calculated_at"], name="statistics_by_age"),
        ]

    def __str__(self) -> str:
        return f"the numbers of {self.user}"

    @property
    def is_new(self) -> bool:
        """Whether they were never counted."""
        return self.calculated_at is None

    def begin(self) -> None:
        """Have them counted for the first time, where there is no row yet."""
        if self._state.adding:
            Statistics.objects.mark_stale(self.pk)
            self.stale_since = timezone.now()

    def calculate(self) -> None:
        """Count everything anew. What changes meanwhile is counted by another job, after this one.
        Raises what is a fault of ours: the sweep tries again."""
        rows = Statistics.objects.filter(pk=self.pk)
        rows.update(stale_since=None, woken_at=timezone.now())
        begun = monotonic()
        try:
            numbers = count(self.user)
        except Exception:
            rows.update(woken_at=None, stale_since=Coalesce("stale_since", timezone.now()))
            raise
        seconds = monotonic() - begun
        counted = {"numbers": numbers, "calculated_at": timezone.now()}
        rows.update(woken_at=None, calculation_seconds=seconds, **counted)
        rows.stale().calculate_later()


def queue_calculation_later(user_id: int, run_after: datetime) -> None:
    task = "importing.tasks.calculate_statistics"
    enqueue(task, user_id, queue="stats", owner=user_id, run_after=run_after)


def lost_before() -> datetime:
    """Return the moment such that a job that may run since then is not lost yet."""
    return ago(COUNT_JOB_PATIENCE_SECONDS)


def next_calculation_at(calculated_at: datetime | None, calculation_seconds: float) -> datetime:
    """Return when what has changed now is counted: once its burst is over, or later where it was
    counted a moment ago or counting takes long."""
    settled_at = from_now(SETTLING_SECONDS)
    if calculated_at is None:
        return settled_at
    pause = max(delay(PAUSE_SECONDS), timedelta(seconds=PAUSE_FACTOR * calculation_seconds))
    return max(settled_at, calculated_at + pause)


@cache
def all_zones() -> set[str]:
    return available_timezones()


def at_midnight(now: datetime) -> list[str]:
    """Return the zones in which a new day has just begun: it has its own anniversaries."""
    return [zone for zone in all_zones() if now.astimezone(ZoneInfo(zone)).hour == 0]


def forget_marks() -> None:
    """For tests: each begins as a process does."""
    _marked_until.clear()
