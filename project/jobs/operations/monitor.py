"""How the queues, the workers and what they did stand at this moment: for the monitor's page and
for /metrics. Each count stops somewhere, so that a million rows are no slower than ten thousand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from statistics import mean, quantiles

from django.conf import settings
from django.db import connection
from django.utils import timezone

from publishing.deliveries.stuck import Stuck, stuck
from social.models import CircuitBreaker
from social.models.circuit_breaker import PAUSED
from social.networks import NETWORKS

from ..models import AuditLogEntry, DeadLetter, FailureNote, FinishedJob, Heartbeat, PausedQueue
from ..models.heartbeat import HeartbeatQuerySet
from ..queue.queueing import QUARANTINED, stored, take_snapshot
from .advice import advised_slots

COUNT_LIMIT = 10_000  # rows; a count goes no further
SAMPLED_JOBS = 500  # finished ones that stand for all of a queue
SAMPLE_SECONDS = 300.0  # that they may be old
LINES_PER_LIST = 10  # on the page


@dataclass(frozen=True)
class EndedCounts:
    """Jobs that ended in some time."""

    done: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Pace:
    """How fast a queue's jobs are, of late: how many a second, and how long each takes."""

    seconds: Sequence[float] = ()
    rate: float = 0.0

    @cached_property
    def percentiles(self) -> list[float]:
        if len(self.seconds) == 1:
            return [self.seconds[0]] * 99
        return quantiles(self.seconds, n=100, method="inclusive")

    @property
    def p50(self) -> float | None:
        return self.percentiles[49] if self.seconds else None

    @property
    def p95(self) -> float | None:
        return self.percentiles[94] if self.seconds else None


@dataclass(frozen=True)
class QueueReport:
    """One queue, as it stands."""

    name: str
    queued: int
    scheduled: int
    running: int
    quarantined: int
    overdue_seconds: float  # since the first in line has been due
    slots: int  # jobs that all live workers together can run at a time
    paused: PausedQueue | None = None
    pace: Pace = field(default_factory=Pace)
    minute: EndedCounts = field(default_factory=EndedCounts)
    hour: EndedCounts = field(default_factory=EndedCounts)

    @property
    def advised(self) -> int | None:
        """None: nothing ran lately, so nobody knows."""
        seconds = self.pace.seconds
        return advised_slots(self.pace.rate, mean(seconds), self.queued) if seconds else None

    @property
    def is_small(self) -> bool:
        return self.advised is not None and self.advised > self.slots


@dataclass(frozen=True)
class NetworkReport:
    """What nothing is sent to now: all of a network, or homes there."""

    name: str
    label: str
    closed: list[CircuitBreaker]  # for how many reasons nothing goes there now
    limited: int  # accounts there that are asked nothing for a while

    @property
    def is_paused(self) -> bool:
        return any(breaker.kind == PAUSED for breaker in self.closed)

    @property
    def homes_closed(self) -> int:
        """How many homes nothing is sent to, where it has many."""
        return len({breaker.home for breaker in self.closed if breaker.home})


@dataclass(frozen=True)
class JobsReport:
    """Everything that the monitor's page shows."""

    queues: list[QueueReport]
    stuck: list[Stuck]
    networks: list[NetworkReport]
    workers: list[Heartbeat]
    failures: list[dict]
    failed: int
    dead_letters: list[DeadLetter]
    dead: int
    audit_log: list[AuditLogEntry]


def jobs_report() -> JobsReport:
    return JobsReport(
        queues=queues(),
        stuck=stuck(),
        networks=networks(),
        workers=list(workers().order_by("host", "pid")),
        failures=list(FailureNote.objects.groups()[:LINES_PER_LIST]),
        failed=FailureNote.objects.order_by()[:COUNT_LIMIT].count(),
        dead_letters=list(DeadLetter.objects.defer("payload")[:LINES_PER_LIST]),
        dead=DeadLetter.objects.order_by()[:COUNT_LIMIT].count(),
        audit_log=list(AuditLogEntry.objects.all()[:LINES_PER_LIST]),
    )


def workers() -> HeartbeatQuerySet:
    return Heartbeat.objects.fresh().filter(kind="worker")


def queues() -> list[QueueReport]:
    names = list(settings.JOB_SLOTS)
    counts, running, quarantined = unheld(names), held(False), held(True)
    snapshots, now = take_snapshot(names).queues, timezone.now()
    paused, alive = PausedQueue.objects.in_bulk(), workers().count()
    return [
        QueueReport(
            name=name,
            queued=counts[name][0],
            scheduled=counts[name][1],
            running=running[name],
            quarantined=quarantined[name],
            overdue_seconds=snapshots[name].overdue_seconds(now),
            slots=settings.JOB_SLOTS[name] * alive,
            paused=paused.get(name),
            pace=pace(name, now),
            minute=ended(name, now - timedelta(minutes=1)),
            hour=ended(name, now - timedelta(hours=1)),
        )
        for name in names
    ]


def networks() -> list[NetworkReport]:
    closed = list(CircuitBreaker.objects.tripped().of_networks().select_related("by"))
    accounts = CircuitBreaker.objects.tripped().of_accounts().order_by()
    limited = Counter(accounts.values_list("network_name", flat=True)[:COUNT_LIMIT])
    return [
        NetworkReport(
            name, network.label, [c for c in closed if c.network_name == name], limited[name]
        )
        for name, network in NETWORKS.items()
    ]


# ── Not ended ─────────────────────────────────────────────────────────────────────────────────
def unheld(names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """queue → (queued, scheduled)"""
    # In the order of the index, because otherwise PostgreSQL may read the table to fill the limit.
    of_it = """(SELECT COUNT(*) FROM (SELECT 1 AS one FROM django_q_ormq
        WHERE "key" = %s AND holder = '' AND queue_position IS {} ORDER BY "key", {}
        LIMIT %s) AS few)"""
    queued = of_it.format("NOT NULL", "priority DESC, queue_position, id")
    scheduled = of_it.format("NULL", '"lock", id')
    counted = f"SELECT %s, {queued}, {scheduled}"
    most = COUNT_LIMIT + 1
    parameters = [value for name in names for value in (name, name, most, name, most)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([counted] * len(names)), parameters)
        return {name: (queued, scheduled) for name, queued, scheduled in cursor.fetchall()}


def held(quarantined: bool) -> "Counter[str]":
    """How many of each queue workers hold, or wait to run alone."""
    which = "=" if quarantined else "<>"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT queue, COUNT(*) FROM (SELECT "key" AS queue FROM django_q_ormq
            WHERE holder <> '' AND holder {which} %s LIMIT %s) AS few GROUP BY queue""",  # noqa: S608
            [QUARANTINED, COUNT_LIMIT],
        )
        return Counter(dict(cursor.fetchall()))


# ── Ended ─────────────────────────────────────────────────────────────────────────────────────


def pace(queue: str, now: datetime) -> Pace:
    lately = FinishedJob.objects.filter(
        queue=queue, stopped__gte=now - timedelta(seconds=SAMPLE_SECONDS)
    ).order_by("-stopped")
    jobs = list(lately.values_list("started", "stopped")[:SAMPLED_JOBS])
    if not jobs:
        return Pace()
    span = (now - jobs[-1][1]).total_seconds() if len(jobs) == SAMPLED_JOBS else SAMPLE_SECONDS
    seconds = [(stopped - started).total_seconds() for started, stopped in jobs]
    return Pace(seconds, len(jobs) / max(span, 1.0))


def ended(queue: str, since: datetime) -> EndedCounts:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT success, COUNT(*) FROM (SELECT success FROM django_q_task
            WHERE cluster = %s AND stopped >= %s ORDER BY stopped DESC LIMIT %s) AS few
            GROUP BY success""",
            [queue, stored(since), COUNT_LIMIT + 1],
        )
        jobs = {bool(success): number for success, number in cursor.fetchall()}
    return EndedCounts(jobs.get(True, 0), jobs.get(False, 0))
