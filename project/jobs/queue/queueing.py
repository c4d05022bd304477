"""The queue rows while nobody holds them. Plain SQL on django-q2's table: most of its columns here
are ours, and each step is one statement.

A row is *scheduled* until `lock`, then *queued*: `queue_position` says where it stands in line.
Each of the two has its own index, and what a worker holds is in neither, so a million rows of the
other kinds slow nobody down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from social.timing import scaled

from .job import Job

# One owner's jobs stand this far apart in line: whoever queues 5,000 at once is overtaken by
# everybody who queues one, and nobody waits for ever.
OWNER_GAP_SECONDS = 10
POST_GAP_SECONDS = 1  # the same between the deliveries of one post: three channels are no crowd
DEFAULT_QUEUE = str(settings.Q_CLUSTER["cluster_name"])  # of a job that names none
QUARANTINED = "quarantined"  # the holder of jobs that must run alone
PROMOTIONS_PER_STATEMENT = 1_000

# column → its type in PostgreSQL
INSERTED = {
    '"key"': "text",
    "payload": "text",
    '"lock"': "timestamptz",
    "priority": "smallint",
    "owner": "text",
    "network": "text",
    "func": "text",
    "argument": "text",
    "job": "text",
    "queue_position": "bigint",
}
INSERT = f"INSERT INTO django_q_ormq ({', '.join(INSERTED)})"
LAST_POSITION = """SELECT queue_position FROM django_q_ormq
    WHERE "key" = {queue} AND owner = {owner} AND queue_position IS NOT NULL
    ORDER BY queue_position DESC LIMIT 1"""


@dataclass(frozen=True)
class NewRow:
    """A job on its way into the queue named so, not to run before `due`."""

    queue: str
    job: Job
    due: datetime
    priority: int = 0
    network: str = ""

    @property
    def owner(self) -> str:
        return self.job.group or ""

    def values(self) -> list[Any]:
        """For INSERTED, but its last."""
        job = self.job
        argument = str(job.args[0]) if job.args else ""
        tags = [self.priority, self.owner, self.network, job.func, argument, job.id]
        return [self.queue, job.payload(), stored(self.due), *tags]


@dataclass(frozen=True)
class QueueSnapshot:
    """One queue at a moment: since when the first in line is due, when the next of the scheduled
    is, whether a person has paused it, and whether a job must run alone (claiming.py)."""

    first_due_at: datetime | None
    next_scheduled_at: datetime | None
    is_paused: bool
    has_quarantined: bool

    @property
    def may_begin(self) -> bool:
        return self.first_due_at is not None and not self.is_paused

    @property
    def may_begin_quarantined(self) -> bool:
        return self.has_quarantined and not self.is_paused

    def overdue_seconds(self, now: datetime) -> float:
        """How long something of it has been due."""
        due = [at for at in (self.first_due_at, self.next_scheduled_at) if at]
        return max([0.0, *((now - at).total_seconds() for at in due)])


@dataclass(frozen=True)
class WorkerSnapshot:
    """What a worker reads in one statement: its queues, an operator's command to it, and when the
    next schedule is due."""

    queues: dict[str, QueueSnapshot]
    command: str
    next_schedule_at: datetime | None


# ── Putting in ────────────────────────────────────────────────────────────────────────────────
def insert(rows: Sequence[NewRow]) -> None:
    """One INSERT for all."""
    if not rows:
        return
    source, parameters = one_line(rows[0]) if len(rows) == 1 else many_lines(rows)
    with connection.cursor() as cursor:
        cursor.execute(f"{INSERT} {source}", parameters)


def one_line(row: NewRow) -> tuple[str, list[Any]]:
    """With its place in line as SQL, so that a single job costs a single statement."""
    position = "%s"
    parameters: list[int | str] = [milliseconds(row.due)]
    if row.due > timezone.now():
        position, parameters = "NULL", []
    elif row.owner:
        greater = "GREATEST" if connection.vendor == "postgresql" else "MAX"
        last = LAST_POSITION.format(queue="%s", owner="%s")
        position = f"{greater}(%s, COALESCE(({last}), 0) + %s)"
        parameters += [row.queue, row.owner, gap()]
    values = row.values()
    return f"VALUES ({'%s,' * len(values)}{position})", [*values, *parameters]


def many_lines(rows: Sequence[NewRow]) -> tuple[str, list[Any]]:
    """psycopg takes its time for every placeholder, so that PostgreSQL is given each column as an
    array."""
    positions = positions_of(rows)
    lines = [(*row.values(), at) for row, at in zip(rows, positions, strict=True)]
    if connection.vendor == "postgresql":
        columns = ",".join(f"%s::{kind}[]" for kind in INSERTED.values())
        source = f"SELECT * FROM unnest({columns})"  # noqa: S608
        return source, [list(column) for column in zip(*lines, strict=True)]
    line = f"({','.join(['%s'] * len(INSERTED))})"
    return f"VALUES {','.join([line] * len(lines))}", [value for line in lines for value in line]


# ── Places in line ────────────────────────────────────────────────────────────────────────────
class Positions:
    """Where the next job of each owner stands: this far from their last in line, and `gap_seconds`
    from one that was asked about before."""

    def __init__(
        self, owners: Iterable[tuple[str, str]], gap_seconds: float = OWNER_GAP_SECONDS
    ) -> None:
        self.gap_seconds, self.met = gap_seconds, set[tuple[str, str]]()
        self.last: dict[tuple[str, str], int] = {}
        named = [pair for pair in owners if pair[1]]
        if named:
            values = ",".join(["(%s,%s)"] * len(named))
            last = LAST_POSITION.format(queue="o.queue", owner="o.owner")
            with connection.cursor() as cursor:
                cursor.execute(
                    f"WITH o(queue, owner) AS (VALUES {values}) SELECT o.*, ({last}) FROM o",  # noqa: S608
                    [text for pair in named for text in pair],
                )
                self.last = {(queue, owner): at for queue, owner, at in cursor if at}

    def next(self, queue: str, owner: str, due: datetime) -> int:
        position = milliseconds(due)
        if owner:
            apart = gap(self.gap_seconds if (queue, owner) in self.met else OWNER_GAP_SECONDS)
            position = max(position, self.last.get((queue, owner), 0) + apart)
            self.last[queue, owner] = position
            self.met.add((queue, owner))
        return position


def positions_of(rows: Sequence[NewRow]) -> list[int | None]:
    """None for those that are due later."""
    now = timezone.now()
    owners = {(row.queue, row.owner) for row in rows if row.due <= now}
    positions = Positions(owners, POST_GAP_SECONDS)
    return [
        None if row.due > now else positions.next(row.queue, row.owner, row.due) for row in rows
    ]


# ── Looking ───────────────────────────────────────────────────────────────────────────────────
def take_snapshot(queues: Sequence[str], worker: int = 0) -> WorkerSnapshot:
    """Of all `queues`, in one statement that reads a few index entries. `worker` is a row of
    Heartbeat."""
    names = ",".join(["(%s)"] * len(queues))
    of_it = """FROM django_q_ormq WHERE "key" = q.name AND holder = '' AND queue_position IS"""
    first = f'SELECT "lock" {of_it} NOT NULL ORDER BY priority DESC, queue_position, id LIMIT 1'
    scheduled = f'SELECT "lock" {of_it} NULL ORDER BY "lock", id LIMIT 1'
    paused = "EXISTS (SELECT 1 FROM jobs_pausedqueue p WHERE p.queue = q.name)"
    alone = f"""EXISTS (SELECT 1 FROM django_q_ormq WHERE holder <> '' AND holder = '{QUARANTINED}'
        AND "key" = q.name)"""  # noqa: S608
    command = "SELECT command FROM jobs_heartbeat WHERE id = %s"
    schedule = "SELECT MIN(next_run) FROM django_q_schedule WHERE repeats <> 0"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH q(name) AS (VALUES {names})
            SELECT ({command}), ({schedule}), q.name, ({first}), ({scheduled}), {paused}, {alone}
            FROM q""",  # noqa: S608
            [*queues, worker],
        )
        rows = cursor.fetchall()
    snapshots = {
        name: QueueSnapshot(loaded(first), loaded(scheduled), bool(paused), bool(alone))
        for _, _, name, first, scheduled, paused, alone in rows
    }
    return WorkerSnapshot(snapshots, rows[0][0] or "", loaded(rows[0][1]))


def promote_due(queues: Sequence[str], worker: int = 0) -> WorkerSnapshot:
    """Put in line what has become due; a snapshot of how it is then."""
    snapshot, now = take_snapshot(queues, worker), timezone.now()
    scheduled = [queue.next_scheduled_at for queue in snapshot.queues.values()]
    if any(at is not None and at <= now for at in scheduled):
        promote(queues)
        snapshot = take_snapshot(queues, worker)
    return snapshot


def promote(queues: Sequence[str]) -> None:
    """Put in line those of the scheduled that are due, the first of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id, "key", owner, "lock" FROM django_q_ormq
            WHERE queue_position IS NULL AND holder = '' AND "lock" <= %s AND {among(queues)}
            ORDER BY "lock", id LIMIT {PROMOTIONS_PER_STATEMENT}""",  # noqa: S608
            [stored(timezone.now()), *queues],
        )
        rows = [(row, queue, owner, loaded(due)) for row, queue, owner, due in cursor.fetchall()]
    if rows:
        put_in_line(rows)


def put_in_line(rows: Sequence[tuple[int, str, str, Any]]) -> None:
    """Each row is (id, queue, owner, due)."""
    positions = Positions({(queue, owner) for _, queue, owner, _ in rows})
    lines = [(row, positions.next(queue, owner, due)) for row, queue, owner, due in rows]
    values = ",".join(["(%s,%s)"] * len(lines))
    with connection.cursor() as cursor:
        # Another worker may have been faster, or a person has moved it to another time.
        cursor.execute(
            f"""WITH promoted(row, position) AS (VALUES {values})
            UPDATE django_q_ormq SET queue_position = promoted.position FROM promoted
            WHERE id = promoted.row AND django_q_ormq.queue_position IS NULL AND holder = ''
            AND "lock" <= %s""",  # noqa: S608
            [*(number for line in lines for number in line), stored(timezone.now())],
        )


# ── In statements ─────────────────────────────────────────────────────────────────────────────
def among(queues: Sequence[str]) -> str:
    return f'"key" IN ({",".join(["%s"] * len(queues))})'


def gap(seconds: float = OWNER_GAP_SECONDS) -> int:
    """In milliseconds, as places in line are counted."""
    return int(scaled(seconds) * 1000)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def stored(moment: datetime) -> Any:
    """As the database takes it in a statement."""
    return connection.ops.adapt_datetimefield_value(moment)


def loaded(value: Any) -> datetime | None:
    """From what the database answers to a statement."""
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if timezone.is_aware(value) else value.replace(tzinfo=UTC)
