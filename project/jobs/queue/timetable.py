"""The timetable (project/schedules.py) as django-q2's Schedule rows, and queueing what is due.

django-q2's own scheduler is off: it looks every 30 s, and handles all due schedules in one
transaction, so that a single malformed row stops every one of them.
"""

import ast
import json
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf

from django.db import connection, transaction
from django.utils import timezone
from django_q.models import Schedule
from django_q.utils import add_months

from project.schedules import TIMETABLE
from social.timing import delay, scaled

from ..models import DeadLetter
from .job import Job, NotAJob
from .queueing import DEFAULT_QUEUE, NewRow, insert

SYNC_LOCK = 0x66616E66617265  # a number of ours among a database's advisory locks
RETRY_AFTER_SECONDS = 1.0  # at least, when a schedule could not be queued
SHORTEST_PERIOD_SECONDS = 60 * min(minutes for _, minutes in TIMETABLE.values())
CLOCK_TOLERANCE_SECONDS = 60.0  # by which the clock may be put right without anybody minding
FIXED_PERIODS = {
    Schedule.HOURLY: timedelta(hours=1),
    Schedule.DAILY: timedelta(days=1),
    Schedule.WEEKLY: timedelta(weeks=1),
    Schedule.BIWEEKLY: timedelta(weeks=2),
}
PERIOD_MONTHS = {
    Schedule.MONTHLY: 1,
    Schedule.BIMONTHLY: 2,
    Schedule.QUARTERLY: 3,
    Schedule.YEARLY: 12,
}
MAX_STEPS = 100  # of a walk to the present, from shortly before it
MAX_INTERVAL_MINUTES = 366 * 24 * 60
TIMETABLE_PREFIX = "timetable: "  # how the names of our rows begin
logger = logging.getLogger(__name__)


def sync_timetable() -> None:
    """Make the Schedule rows that are ours say what project/schedules.py says."""
    with transaction.atomic():
        keep_others_out()
        ours = Schedule.objects.filter(name__startswith=TIMETABLE_PREFIX)
        kept = [
            sync_row(TIMETABLE_PREFIX + name, func, minutes)
            for name, (func, minutes) in TIMETABLE.items()
        ]
        ours.exclude(pk__in=kept).delete()


def keep_others_out() -> None:
    """Two clusters may start at once. On SQLite the transaction itself keeps the other out. Not a
    lock on the table: a worker at it would wait for us, and we for the row that it holds."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SYNC_LOCK])


def sync_row(name: str, func: str, minutes: int) -> int:
    fields = {
        "func": func,
        "schedule_type": Schedule.MINUTES,
        "minutes": minutes,
        "args": None,
        "kwargs": None,
        "hook": None,
        "cluster": None,
    }
    row = Schedule.objects.filter(name=name).order_by("pk").first()
    if row is None:
        return Schedule.objects.create(name=name, **fields).pk
    Schedule.objects.filter(pk=row.pk).update(**fields)
    return row.pk


class Timetable:
    """Queues what is due in time, as one worker does it for all: each snapshot of the queues tells
    when that is. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.queued_at = self.due_at = 0.0  # monotonic

    def expect(self, next_at: datetime | None) -> None:
        """Note when the next schedule is due."""
        seconds = (next_at - timezone.now()).total_seconds() if next_at else inf
        latest = scaled(SHORTEST_PERIOD_SECONDS) + CLOCK_TOLERANCE_SECONDS
        if inf > seconds > latest and bring_forward():
            seconds = 0.0
        earliest = self.queued_at + scaled(RETRY_AFTER_SECONDS)
        self.due_at = max(time.monotonic() + seconds, earliest)

    def queue_when_due(self) -> bool:
        """Whether there may be something new in line."""
        if time.monotonic() < self.due_at:
            return False
        self.queued_at, self.due_at = time.monotonic(), inf
        queue_due()
        return True


def bring_forward() -> int:
    """The clock was ahead when these ran last, and has been put right: now, not hours later."""
    now, moved = timezone.now(), 0
    for schedule in Schedule.objects.filter(schedule_type=Schedule.MINUTES).exclude(repeats=0):
        try:
            latest = now + interval_of(schedule) + timedelta(seconds=CLOCK_TOLERANCE_SECONDS)
        except NotAJob as error:  # a person's own; the others are not to wait for it
            stop_schedule(schedule, error)
            continue
        ahead = Schedule.objects.filter(pk=schedule.pk, next_run__gt=latest)
        if ahead.update(next_run=now):
            logger.warning("Schedule %s was put off by a wrong clock: it runs now", schedule)
            moved += 1
    return moved


def queue_due() -> None:
    """Queue a job for every schedule that is due."""
    runs = Schedule.objects.exclude(repeats=0).filter(next_run__lte=timezone.now())
    if due := list(runs.order_by("next_run").values_list("pk", flat=True)):
        queue_each(due)


def queue_each(due: Sequence[int]) -> None:
    """All at once, because this is most of what an idle instance does; one by one, each in its own
    transaction, when one of them does not let the others."""
    try:
        queue_all(due)
    except Exception:
        for pk in due:
            try:
                queue_all([pk])
            except Exception:
                logger.exception("Schedule %s could not be queued; the others go on", pk)


@transaction.atomic
def queue_all(due: Sequence[int]) -> None:
    """Those of these schedules that still are; their jobs by one INSERT."""
    now = timezone.now()
    rows = Schedule.objects.select_for_update(skip_locked=True).exclude(repeats=0)
    rows = rows.filter(pk__in=due, next_run__lte=now)  # another cluster may be faster
    runs = [run for schedule in list(rows) if (run := advance(schedule, now))]
    insert([NewRow(DEFAULT_QUEUE, job, now) for _, job in runs])
    again = [schedule for schedule, _ in runs if schedule.pk]
    Schedule.objects.bulk_update(again, ["next_run", "repeats", "task"])


def advance(schedule: Schedule, now: datetime) -> tuple[Schedule, Job] | None:
    """The job of a schedule that is due, which is moved on, or deleted if this was its last time;
    None if it makes no job: it is stopped."""
    try:
        job = Job.new(schedule.func, *arguments(schedule), group=schedule.name)
        following = after(schedule, now)
    except Exception as error:
        stop_schedule(schedule, error)
        return None
    if following is None:
        schedule.delete()
        return schedule, job
    schedule.next_run, schedule.task = following, job.id
    schedule.repeats = schedule.repeats - 1 if schedule.repeats > 0 else -1
    return schedule, job


def arguments(schedule: Schedule) -> tuple[int | str, ...]:
    if schedule.kwargs or schedule.hook:
        raise NotAJob("a job takes neither keyword arguments nor a hook")
    value = ast.literal_eval(schedule.args) if schedule.args else ()
    return value if isinstance(value, tuple) else (value,)


def after(schedule: Schedule, now: datetime) -> datetime | None:
    """The next time that is still to come: what was missed is not caught up. Raises NotAJob or
    OverflowError for times that no calendar has."""
    if schedule.schedule_type == Schedule.ONCE:
        return None
    if schedule.schedule_type == Schedule.MINUTES:
        return next_multiple(interval_of(schedule), now)
    following = schedule.calculate_next_run(shortly_before(schedule, now))
    for _ in range(MAX_STEPS):
        if following > now:
            return following
        following = schedule.calculate_next_run(following)
    raise NotAJob("it never comes to the present")


def shortly_before(schedule: Schedule, now: datetime) -> datetime:
    """The time of this schedule that lies a few of its steps before `now`, on the same clock time
    as the one it missed; that one itself if it is not long ago. In one stride: walking there by the
    hour from a year long past takes minutes."""
    missed = schedule.next_run
    if period := FIXED_PERIODS.get(schedule.schedule_type):
        steps = max(0, (now - missed) // period - 2)
        if schedule.schedule_type == Schedule.HOURLY:
            return missed + steps * period
        on_the_wall = timezone.make_naive(missed) + steps * period  # whatever the season there
        return timezone.make_aware(on_the_wall)
    if months := PERIOD_MONTHS.get(schedule.schedule_type):
        between = 12 * (now.year - missed.year) + now.month - missed.month
        return add_months(missed, max(0, between // months - 2) * months)
    return missed


def interval_of(schedule: Schedule) -> timedelta:
    """Raises NotAJob for what is no time from one run to the next."""
    minutes = schedule.minutes or 1
    if not 0 < minutes <= MAX_INTERVAL_MINUTES:
        raise NotAJob(f"every {minutes} minutes is no interval")
    return delay(60 * minutes)


def next_multiple(interval: timedelta, now: datetime) -> datetime:
    """Those of each minute and those of each fifth one come together: one wake-up for all."""
    return now + interval - timedelta(seconds=now.timestamp() % interval.total_seconds())


def stop_schedule(schedule: Schedule, error: Exception) -> None:
    """This one alone, and show it to a person among the dead letters."""
    payload = {"schedule": schedule.pk, "func": schedule.func, "args": schedule.args}
    DeadLetter.objects.create(
        key="schedule",
        payload=json.dumps(payload),
        reason=f"schedule {schedule.name or schedule.pk}: {str(error) or type(error).__name__}",
    )
    Schedule.objects.filter(pk=schedule.pk).update(repeats=0)
