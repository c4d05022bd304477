"""The queue rows as workers move them: claim, keep, finish, give back. Plain SQL on django-q2's
table, because each is one statement there, and two of its columns are ours."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from social.timing import delay

LEASE = 30  # seconds a claim lasts; renewed while its job runs
SOLO_STARTS = 3  # how often a job that killed its worker is run again, alone


@dataclass(frozen=True)
class Claim:
    """A queue row that this worker holds. `starts` counts this start too."""

    row: int
    payload: str
    starts: int


def claim(queue: str, holder: str, limit: int, solo: bool = False) -> list[Claim]:
    """Take up to `limit` due rows of `queue`, oldest first. The solo ones are those whose earlier
    worker is gone; nothing else runs beside them."""
    now = timezone.now()
    starts = "starts BETWEEN 1 AND %s" if solo else "starts = 0"
    found = f'FROM django_q_ormq WHERE "key" = %s AND "lock" <= %s AND {starts}'
    given = [queue, stored(now), *([SOLO_STARTS] if solo else [])]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # An UPDATE that matches nothing still takes the one write lock: look first.
            cursor.execute(f"SELECT 1 {found} LIMIT 1", given)
            if cursor.fetchone() is None:
                return []
        cursor.execute(
            f"""UPDATE django_q_ormq SET "lock" = %s, starts = starts + 1, holder = %s
            WHERE {the_first(f'SELECT id {found} ORDER BY "lock", id LIMIT %s')}
            RETURNING id, payload, starts""",  # noqa: S608  no value is written into it
            [stored(now + delay(LEASE)), holder, *given, limit],
        )
        return [Claim(*row) for row in sorted(cursor.fetchall())]


def the_first(select: str) -> str:
    if connection.vendor == "postgresql":
        # As an array it is found once; a plain IN may be evaluated again and lock more rows.
        return f"id = ANY(ARRAY({select} FOR UPDATE SKIP LOCKED))"
    return f"id IN ({select})"


def returned(queues: Sequence[str]) -> bool:
    """Whether a job is due whose worker was lost."""
    now = stored(timezone.now())
    due = f'FROM django_q_ormq WHERE starts > 0 AND "lock" <= %s AND {among(queues)}'
    return bool(_column(f"SELECT 1 {due} LIMIT 1", [now, *queues]))


def worn_out(queues: Sequence[str]) -> list[int]:
    """Due rows that have killed every worker they were given to."""
    return _column(
        f'SELECT id FROM django_q_ormq WHERE starts > %s AND "lock" <= %s AND {among(queues)}',  # noqa: S608
        [SOLO_STARTS, stored(timezone.now()), *queues],
    )


def keep(holder: str) -> None:
    """Renew the lease of everything held."""
    until = stored(timezone.now() + delay(LEASE))
    _execute('UPDATE django_q_ormq SET "lock" = %s WHERE holder = %s', [until, holder])


def finish(holder: str, rows: Sequence[int]) -> set[int]:
    """Acknowledge: remove those of `rows` that this holder still holds, and name them."""
    marks = ",".join(["%s"] * len(rows))
    return set(
        _column(
            f"DELETE FROM django_q_ormq WHERE holder = %s AND id IN ({marks}) RETURNING id",  # noqa: S608
            [holder, *rows],
        )
    )


def give_back(holder: str) -> None:
    """This holder (or every one whose name begins so) is gone: what it held is due now."""
    _execute(
        """UPDATE django_q_ormq SET "lock" = %s, holder = '' WHERE holder LIKE %s""",
        [stored(timezone.now()), f"{holder}%"],
    )


def give_back_of_the_dead() -> None:
    """What processes of this machine held that are no longer there."""
    here = f"{socket.gethostname()}:"
    holders = "SELECT DISTINCT holder FROM django_q_ormq WHERE holder LIKE %s"
    for holder in _column(holders, [f"{here}%"]):
        pid = holder.removeprefix(here).partition(":")[0]
        if not (pid.isdigit() and is_alive(int(pid))):
            give_back(holder)


def next_due(queues: Sequence[str]) -> datetime | None:
    """When the next row becomes due that is not due yet."""
    later = f'FROM django_q_ormq WHERE {among(queues)} AND "lock" > %s'
    found = _column(f'SELECT MIN("lock") {later}', [*queues, stored(timezone.now())])
    return loaded(found[0]) if found[0] else None


def among(queues: Sequence[str]) -> str:
    return f'"key" IN ({",".join(["%s"] * len(queues))})'


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def loaded(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if timezone.is_aware(value) else value.replace(tzinfo=UTC)


def _execute(sql: str, given: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def _column(sql: str, given: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [row[0] for row in cursor.fetchall()]
