"""The numbers of a person: one row that a job writes and a page reads. No page counts anything."""

from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any, Self
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django_q.brokers import get_broker

from importing.insights.counting import Numbers, count
from social.timing import delay

SETTLING = 5  # seconds after the first change until it is counted, so that many are counted once
REMEMBERED = 3  # seconds for which a process knows that it has said so; less than SETTLING
TROUBLESOME = 20  # so many times as long as it took, it is left alone
LOST = 600  # seconds until a job that was queued is taken for lost
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
AT_A_TIME = 500  # people of one sweep

IS_MARKED = """SELECT stale_since FROM importing_statistics
    WHERE user_id = %s AND stale_since IS NOT NULL"""
MARK = """INSERT INTO importing_statistics (user_id, stale_since, numbers, took)
    VALUES (%s, %s, '{}', 0) ON CONFLICT (user_id) DO UPDATE
    SET stale_since = COALESCE(importing_statistics.stale_since, excluded.stale_since)
    RETURNING stale_since"""

_said: dict[int, datetime] = {}  # person → until when nobody needs to hear it again


class StatisticsQuerySet(models.QuerySet["Statistics"]):
    def of(self, user: Any) -> "Statistics":
        """The one row that a page reads; nothing is stored for who only looks."""
        return self.filter(user=user).first() or Statistics(user=user)

    def stale(self) -> Self:
        """Something has changed, and that long ago that its burst is over."""
        return self.filter(stale_since__lte=timezone.now() - delay(SETTLING))

    def unwoken(self) -> Self:
        return self.filter(Q(woken_at=None) | Q(woken_at__lt=timezone.now() - delay(LOST)))

    def mark_stale(self, user_id: int) -> None:
        """Something of theirs has changed. A thousand changes are one row, and in one process
        hardly more than one statement."""
        now = timezone.now()
        if _said.get(user_id, now) > now:
            return
        with connection.cursor() as cursor:
            cursor.execute(IS_MARKED, [user_id])
            row = cursor.fetchone()
            if row is None:  # else whoever takes that mark away counts afterwards, and this as well
                cursor.execute(MARK, [user_id, stored(now)])
                row = cursor.fetchone()
            since = loaded(row[0])
        if len(_said) > 10_000:
            _said.clear()
        _said[user_id] = since + delay(REMEMBERED)

    def calculate_later(self) -> None:
        """A job for each of these that has none."""
        broker = get_broker("stats")
        for pk in list(self.unwoken().values_list("pk", flat=True)[:AT_A_TIME]):
            now = timezone.now()
            if self.model.objects.filter(pk=pk).unwoken().update(woken_at=now):
                broker.queue("importing.tasks.calculate_statistics", pk, group=f"user:{pk}")

    def sweep(self) -> None:
        """What changed is counted; and everything once a day, should a change have been missed."""
        now = timezone.now()
        is_old = Q(calculated_at__lt=now - A_DAY)
        is_old |= Q(calculated_at__lt=now - AN_HOUR, user__profile__time_zone__in=at_midnight(now))
        old = self.filter(is_old, stale_since=None)
        few = list(old.order_by("calculated_at").values_list("pk", flat=True)[:AT_A_TIME])
        self.filter(pk__in=few).update(stale_since=timezone.now())
        self.stale().rested().calculate_later()

    def rested(self) -> "StatisticsQuerySet":
        """But for those that were counted a moment ago and whose counting takes long."""
        rows = self.values_list("pk", "calculated_at", "took")
        rows = list(rows[:AT_A_TIME])
        tired = [pk for pk, at, took in rows if at and is_tired(at, took)]
        return self.exclude(pk__in=tired) if rows else self.none()


class Statistics(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="statistics",
    )
    numbers = models.JSONField(default=dict)
    stale_since = models.DateTimeField(null=True, blank=True)  # the first change not counted yet
    woken_at = models.DateTimeField(null=True, blank=True)  # a job is queued
    calculated_at = models.DateTimeField(null=True, blank=True)
    took = models.FloatField(default=0)  # seconds

    objects = StatisticsQuerySet.as_manager()

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
        return self.calculated_at is None

    def look_later(self) -> None:
        """Somebody looks: they need not wait for the sweep."""
        if self.stale_since:
            Statistics.objects.filter(pk=self.pk).stale().rested().calculate_later()
        elif self.is_new and self._state.adding:
            Statistics.objects.mark_stale(self.pk)
            self.stale_since = timezone.now()

    def calculate(self) -> None:
        """Count everything anew. What changes meanwhile marks the row again."""
        mine = Statistics.objects.filter(pk=self.pk)
        mine.update(stale_since=None, woken_at=None)
        begun = monotonic()
        try:
            numbers: Numbers = count(self.user)
        except Exception:
            Statistics.objects.mark_stale(self.pk)
            raise
        took = monotonic() - begun
        mine.update(numbers=numbers, calculated_at=timezone.now(), took=took)


@cache
def zones() -> set[str]:
    return available_timezones()


def at_midnight(now: datetime) -> list[str]:
    """The zones in which a new day has just begun: it has its own anniversaries."""
    return [zone for zone in zones() if now.astimezone(ZoneInfo(zone)).hour == 0]


def is_tired(calculated_at: datetime, took: float) -> bool:
    return timezone.now() < calculated_at + timedelta(seconds=TROUBLESOME * took)


def forget_said() -> None:
    """For tests: each begins as a process does."""
    _said.clear()


def stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def loaded(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)
