"""The queue rows while nobody holds them. Plain SQL on django-q2's table: most of its columns here
are ours, and each step is one statement.

A row is *asleep* until `lock`, then *ready*: `turn` says where it stands in line. Each of the two
has its own index, and what a worker holds is in neither, so a million rows of the other kinds slow
nobody down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from social.timing import scaled

from .job import Job

# One owner's jobs stand this far apart in line (seconds): whoever queues 5,000 at once is
# overtaken by everybody who queues one, and nobody waits for ever.
SHARE = 10
WITHIN = 1  # the same between the deliveries of one post: whoever has three channels is no crowd
SOLO = "solo"  # the holder of jobs that must run alone
AT_A_TIME = 1_000  # sleepers that are put in line by one statement

COLUMNS = '"key", payload, "lock", priority, owner, network, func, argument, job, turn'
KINDS = ("text", "text", "timestamptz", "smallint", *["text"] * 5, "bigint")
TOP = """SELECT turn FROM django_q_ormq WHERE "key" = {queue} AND owner = {owner}
    AND turn IS NOT NULL ORDER BY turn DESC LIMIT 1"""


@dataclass(frozen=True)
class NewRow:
    queue: str
    job: Job
    due: datetime
    priority: int = 0
    network: str = ""

    def values(self) -> list[Any]:
        job = self.job
        argument = str(job.args[0]) if job.args else ""
        due = stored(self.due)
        owner = job.group or ""
        tags = [self.priority, owner, self.network, job.func, argument, job.id]
        return [self.queue, job.payload(), due, *tags]


@dataclass(frozen=True)
class Look:
    """At one queue: since when the first in line is due, when the next sleeper wakes, whether a
    person has paused it, and whether a job must run alone (claiming.py)."""

    first: datetime | None
    wakes: datetime | None
    is_paused: bool
    has_solo: bool

    @property
    def may_begin(self) -> bool:
        return self.first is not None and not self.is_paused

    @property
    def may_solo(self) -> bool:
        return self.has_solo and not self.is_paused


@dataclass(frozen=True)
class Sight:
    """What a worker sees in one statement: its queues, what an operator wishes of it, and when the
    next schedule is due."""

    queues: dict[str, Look]
    wish: str
    scheduled: datetime | None


def insert(rows: Sequence[NewRow]) -> None:
    """One INSERT for all."""
    if not rows:
        return
    if len(rows) == 1:
        turn, more = one_turn(rows[0])
        source = f"VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,{turn})"
        given = [*rows[0].values(), *more]
    else:
        source, given = many(rows)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO django_q_ormq ({COLUMNS}) {source}", given)


def many(rows: Sequence[NewRow]) -> tuple[str, list[Any]]:
    """What to insert, as SQL and its values. psycopg takes its time for every placeholder, so that
    PostgreSQL is given each column as an array."""
    lines = [(*row.values(), turn) for row, turn in zip(rows, turns(rows), strict=True)]
    if connection.vendor == "postgresql":
        columns = ",".join(f"%s::{kind}[]" for kind in KINDS)
        source = f"SELECT * FROM unnest({columns})"  # noqa: S608
        return source, [list(column) for column in zip(*lines, strict=True)]
    line = f"({','.join(['%s'] * len(KINDS))})"
    return f"VALUES {','.join([line] * len(lines))}", [it for values in lines for it in values]


def one_turn(row: NewRow) -> tuple[str, list[Any]]:
    """As SQL, so that a single job costs a single statement."""
    if row.due > timezone.now():
        return "NULL", []
    if not row.job.group:
        return "%s", [milliseconds(row.due)]
    later = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    top = TOP.format(queue="%s", owner="%s")
    sql = f"{later}(%s, COALESCE(({top}), 0) + %s)"
    return sql, [milliseconds(row.due), row.queue, row.job.group, share()]


def turns(rows: Sequence[NewRow]) -> list[int | None]:
    now = timezone.now()
    line = Line({(row.queue, row.job.group or "") for row in rows if row.due <= now}, WITHIN)
    return [
        None if row.due > now else line.next(row.queue, row.job.group or "", row.due)
        for row in rows
    ]


class Line:
    """Where the next job of each owner stands: this far from their last in line, and `within` (in
    seconds) from one that it was asked about before."""

    def __init__(self, wanted: Iterable[tuple[str, str]], within: float = SHARE) -> None:
        self.within, self.met = within, set[tuple[str, str]]()
        self.tops: dict[tuple[str, str], int] = {}
        owners = [pair for pair in wanted if pair[1]]
        if owners:
            values = ",".join(["(%s,%s)"] * len(owners))
            top = TOP.format(queue="o.queue", owner="o.owner")
            with connection.cursor() as cursor:
                cursor.execute(
                    f"WITH o(queue, owner) AS (VALUES {values}) SELECT o.*, ({top}) FROM o",  # noqa: S608
                    [text for pair in owners for text in pair],
                )
                self.tops = {(queue, owner): top for queue, owner, top in cursor if top}

    def next(self, queue: str, owner: str, due: datetime) -> int:
        turn = milliseconds(due)
        if owner:
            apart = share(self.within if (queue, owner) in self.met else SHARE)
            turn = max(turn, self.tops.get((queue, owner), 0) + apart)
            self.tops[queue, owner] = turn
            self.met.add((queue, owner))
        return turn


def look(queues: Sequence[str], worker: int = 0) -> Sight:
    """At all of `queues`, in one statement that reads a few index entries. `worker` is a row of
    Heartbeat."""
    names = ",".join(["(%s)"] * len(queues))
    of_it = """FROM django_q_ormq WHERE "key" = q.name AND holder = '' AND turn IS"""
    first = f'SELECT "lock" {of_it} NOT NULL ORDER BY priority DESC, turn, id LIMIT 1'
    wakes = f'SELECT "lock" {of_it} NULL ORDER BY "lock", id LIMIT 1'
    paused = "EXISTS (SELECT 1 FROM jobs_pausedqueue p WHERE p.queue = q.name)"
    solo = f"""EXISTS (SELECT 1 FROM django_q_ormq WHERE holder <> '' AND holder = '{SOLO}'
        AND "key" = q.name)"""  # noqa: S608
    wish = "SELECT wish FROM jobs_heartbeat WHERE id = %s"
    scheduled = "SELECT MIN(next_run) FROM django_q_schedule WHERE repeats <> 0"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH q(name) AS (VALUES {names})
            SELECT ({wish}), ({scheduled}), q.name, ({first}), ({wakes}), {paused}, {solo}
            FROM q""",  # noqa: S608
            [*queues, worker],
        )
        rows = cursor.fetchall()
    looks = {
        name: Look(loaded(first), loaded(wakes), bool(paused), bool(solo))
        for _, _, name, first, wakes, paused, solo in rows
    }
    return Sight(looks, rows[0][0] or "", loaded(rows[0][1]))


def line_up(queues: Sequence[str], worker: int = 0) -> Sight:
    """Put in line what has become due, and look."""
    sight, now = look(queues, worker), timezone.now()
    if any(it.wakes is not None and it.wakes <= now for it in sight.queues.values()):
        wake_sleepers(queues)
        sight = look(queues, worker)
    return sight


def wake_sleepers(queues: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id, "key", owner, "lock" FROM django_q_ormq
            WHERE turn IS NULL AND holder = '' AND "lock" <= %s AND {among(queues)}
            ORDER BY "lock", id LIMIT {AT_A_TIME}""",  # noqa: S608
            [stored(timezone.now()), *queues],
        )
        rows = [(row, queue, owner, loaded(due)) for row, queue, owner, due in cursor.fetchall()]
    if rows:
        put_in_line(rows)


def put_in_line(rows: Sequence[tuple[int, str, str, Any]]) -> None:
    line = Line({(queue, owner) for _, queue, owner, _ in rows})
    turns = [(row, line.next(queue, owner, due)) for row, queue, owner, due in rows]
    values = ",".join(["(%s,%s)"] * len(turns))
    with connection.cursor() as cursor:
        # Another worker may have been faster, or a person has moved it to another time.
        cursor.execute(
            f"""WITH given(row, turn) AS (VALUES {values})
            UPDATE django_q_ormq SET turn = given.turn FROM given
            WHERE id = given.row AND django_q_ormq.turn IS NULL AND holder = ''
            AND "lock" <= %s""",  # noqa: S608
            [*(number for pair in turns for number in pair), stored(timezone.now())],
        )


def among(queues: Sequence[str]) -> str:
    return f'"key" IN ({",".join(["%s"] * len(queues))})'


def share(seconds: float = SHARE) -> int:
    return int(scaled(seconds) * 1000)


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def loaded(value: Any) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if timezone.is_aware(value) else value.replace(tzinfo=UTC)
