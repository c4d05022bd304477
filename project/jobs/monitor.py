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
from social.models import Closure
from social.models.closures import PAUSED
from social.networks import NETWORKS

from .advice import advised_slots
from .models import Act, FailureNote, FinishedJob, Heartbeat, PausedQueue, SetAside
from .queueing import SOLO, Look, look, stored

MANY = 10_000  # rows; a count goes no further
SAMPLE = 500  # finished jobs that stand for all of a queue
LATELY = 300.0  # seconds that they may be old
FEW = 10  # lines of a list on the page


@dataclass(frozen=True)
class Ended:
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
class Queue:
    name: str
    waiting: int
    asleep: int
    running: int
    alone: int
    oldest: float  # seconds that the first in line has been due
    slots: int  # jobs that all live workers together can run at a time
    paused: PausedQueue | None = None
    pace: Pace = field(default_factory=Pace)
    minute: Ended = field(default_factory=Ended)
    hour: Ended = field(default_factory=Ended)

    @property
    def advised(self) -> int | None:
        """None: nothing ran lately, so nobody knows."""
        seconds = self.pace.seconds
        return advised_slots(self.pace.rate, mean(seconds), self.waiting) if seconds else None

    @property
    def is_small(self) -> bool:
        return self.advised is not None and self.advised > self.slots


@dataclass(frozen=True)
class OneNetwork:
    name: str
    label: str
    closed: list[Closure]  # for how many reasons nothing goes there now
    limited: int  # accounts there that are asked nothing for a while

    @property
    def is_paused(self) -> bool:
        return any(closure.kind == PAUSED for closure in self.closed)


@dataclass(frozen=True)
class Standing:
    """Everything that the monitor's page shows."""

    queues: list[Queue]
    stuck: list[Stuck]
    networks: list["OneNetwork"]
    workers: list[Heartbeat]
    failures: list[dict]
    failed: int
    aside: list[SetAside]
    set_aside: int
    acts: list[Act]


def standing() -> Standing:
    return Standing(
        queues=queues(),
        stuck=stuck(),
        networks=networks(),
        workers=list(workers().order_by("host", "pid")),
        failures=list(FailureNote.objects.groups()[:FEW]),
        failed=FailureNote.objects.order_by()[:MANY].count(),
        aside=list(SetAside.objects.defer("payload")[:FEW]),
        set_aside=SetAside.objects.order_by()[:MANY].count(),
        acts=list(Act.objects.all()[:FEW]),
    )


def workers():
    return Heartbeat.objects.fresh().filter(kind="worker")


def queues() -> list[Queue]:
    names = list(settings.JOB_SLOTS)
    counts, held, alone = in_line(names), held_by(False), held_by(True)
    looks, paused, now = look(names).queues, PausedQueue.objects.in_bulk(), timezone.now()
    alive = workers().count()
    return [
        Queue(
            name=name,
            waiting=counts[name][0],
            asleep=counts[name][1],
            running=held[name],
            alone=alone[name],
            oldest=overdue(looks[name], now),
            slots=settings.JOB_SLOTS[name] * alive,
            paused=paused.get(name),
            **history(name, now),
        )
        for name in names
    ]


def networks() -> list[OneNetwork]:
    closed = list(Closure.objects.standing().of_networks().select_related("by"))
    accounts = Closure.objects.standing().exclude(bucket__in=NETWORKS).order_by()
    limited = Counter(accounts.values_list("network_name", flat=True)[:MANY])
    return [
        OneNetwork(name, it.label, [c for c in closed if c.bucket == name], limited[name])
        for name, it in NETWORKS.items()
    ]


def overdue(seen: Look, now: datetime) -> float:
    due = [(now - at).total_seconds() for at in (seen.first, seen.wakes) if at]
    return max([0.0, *due])


# ── In line ───────────────────────────────────────────────────────────────────────────────────
def in_line(names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """queue → (ready, asleep)"""
    # In the order of the index, because otherwise PostgreSQL may read the table to fill the limit.
    of_it = """(SELECT COUNT(*) FROM (SELECT 1 AS one FROM django_q_ormq
        WHERE "key" = %s AND holder = '' AND turn IS {} ORDER BY "key", {} LIMIT %s) AS few)"""
    ready = of_it.format("NOT NULL", "priority DESC, turn, id")
    asleep = of_it.format("NULL", '"lock", id')
    counted = f"SELECT %s, {ready}, {asleep}"
    given = [value for name in names for value in (name, name, MANY + 1, name, MANY + 1)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([counted] * len(names)), given)
        return {name: (ready, asleep) for name, ready, asleep in cursor.fetchall()}


def held_by(solo: bool) -> "Counter[str]":
    """How many of each queue workers hold, or wait to run alone."""
    which = "=" if solo else "<>"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT queue, COUNT(*) FROM (SELECT "key" AS queue FROM django_q_ormq
            WHERE holder <> '' AND holder {which} %s LIMIT %s) AS few GROUP BY queue""",  # noqa: S608
            [SOLO, MANY],
        )
        return Counter(dict(cursor.fetchall()))


# ── Ended ─────────────────────────────────────────────────────────────────────────────────────
def history(queue: str, now: datetime) -> dict[str, Pace | Ended]:
    return {
        "pace": pace(queue, now),
        "minute": ended(queue, now - timedelta(minutes=1)),
        "hour": ended(queue, now - timedelta(hours=1)),
    }


def pace(queue: str, now: datetime) -> Pace:
    lately = FinishedJob.objects.filter(
        queue=queue, stopped__gte=now - timedelta(seconds=LATELY)
    ).order_by("-stopped")
    jobs = list(lately.values_list("started", "stopped")[:SAMPLE])
    if not jobs:
        return Pace()
    span = (now - jobs[-1][1]).total_seconds() if len(jobs) == SAMPLE else LATELY
    seconds = [(stopped - started).total_seconds() for started, stopped in jobs]
    return Pace(seconds, len(jobs) / max(span, 1.0))


def ended(queue: str, since: datetime) -> Ended:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT success, COUNT(*) FROM (SELECT success FROM django_q_task
            WHERE cluster = %s AND stopped >= %s ORDER BY stopped DESC LIMIT %s) AS few
            GROUP BY success""",
            [queue, stored(since), MANY + 1],
        )
        found = {bool(success): jobs for success, jobs in cursor.fetchall()}
    return Ended(found.get(True, 0), found.get(False, 0))
