"""The queue rows as workers hold them: claim, renew, acknowledge, release.

`lock` of a held row is the end of its lease. What a worker had begun when it died is run again
alone (its holder is QUARANTINED), because it may be what killed it; what it had only claimed goes
back in line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from social.disk import unsynced
from social.processes import host_prefix, is_gone
from social.timing import from_now

from .notifier import notify_workers
from .queueing import QUARANTINED, among, stored

JOB_LEASE_SECONDS = 30  # that a claim lasts; renewed while its worker lives
QUARANTINED_STARTS = 3  # how often a job that killed its worker is run again, alone
# The holder of what nobody holds.
UNHELD = f"CASE WHEN starts > 0 THEN '{QUARANTINED}' ELSE '' END"


@dataclass(frozen=True)
class Claim:
    """A queue row that this worker holds. `starts` are those that ended with their worker."""

    row: int
    payload: str
    starts: int


def claim(queue: str, holder: str, limit: int) -> list[Claim]:
    """Take up to `limit` of those in line, the first first. On SQLite only after a snapshot that
    showed one: an UPDATE that matches nothing takes the one write lock there too."""
    first = """SELECT id FROM django_q_ormq
        WHERE "key" = %s AND holder = '' AND queue_position IS NOT NULL
        ORDER BY priority DESC, queue_position, id LIMIT %s"""
    return _take(first, [queue, limit], holder)


def claim_quarantined(queue: str, holder: str) -> list[Claim]:
    """Take one of those whose earlier worker is gone."""
    first = f"""SELECT id FROM django_q_ormq WHERE {quarantined([queue])} AND starts <= %s
        ORDER BY id LIMIT 1"""  # noqa: S608
    return _take(first, [QUARANTINED, queue, QUARANTINED_STARTS], holder)


def _take(select: str, parameters: Sequence[Any], holder: str) -> list[Claim]:
    if connection.vendor == "postgresql":
        # As an array it is found once; a plain IN may be evaluated again and lock more rows.
        chosen = f"id = ANY(ARRAY({select} FOR UPDATE SKIP LOCKED))"
    else:
        chosen = f"id IN ({select})"
    with unsynced(), connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE django_q_ormq SET "lock" = %s, holder = %s
            WHERE {chosen} RETURNING -priority, queue_position, id, payload, starts""",  # noqa: S608
            [stored(from_now(JOB_LEASE_SECONDS)), holder, *parameters],
        )
        return [Claim(*row[2:]) for row in sorted(cursor.fetchall())]


def exhausted(queues: Sequence[str]) -> list[int]:
    """Rows that have killed every worker they were given to."""
    return _column(
        f"SELECT id FROM django_q_ormq WHERE {quarantined(queues)} AND starts > %s",  # noqa: S608
        [QUARANTINED, *queues, QUARANTINED_STARTS],
    )


def quarantined(queues: Sequence[str]) -> str:
    return f"holder <> '' AND holder = %s AND {among(queues)}"


def renew(holder: str, rows: Sequence[int]) -> None:
    """Renew the lease of what the holder knows of. A claim whose answer was lost is not among it,
    and soon somebody else's."""
    marks = ",".join(["%s"] * len(rows))
    _execute(
        f"""UPDATE django_q_ormq SET "lock" = %s WHERE holder = %s AND id IN ({marks})""",  # noqa: S608
        [stored(from_now(JOB_LEASE_SECONDS)), holder, *rows],
    )


def acknowledge(holder: str, rows: Sequence[int]) -> set[int]:
    """Remove those of `rows` that this holder still holds, and name them."""
    marks = ",".join(["%s"] * len(rows))
    return set(
        _column(
            f"DELETE FROM django_q_ormq WHERE holder = %s AND id IN ({marks}) RETURNING id",  # noqa: S608
            [holder, *rows],
        )
    )


def release(holder: str, rows: Sequence[int]) -> None:
    """What this holder had claimed and not begun is due now. What was quarantined stays so."""
    marks = ",".join(["%s"] * len(rows))
    _execute(
        f"""UPDATE django_q_ormq SET "lock" = %s, holder = {UNHELD}
        WHERE holder <> '' AND holder = %s AND id IN ({marks})""",  # noqa: S608
        [stored(timezone.now()), holder, *rows],
    )
    notify_workers()


def release_orphaned(holder: str, begun: Sequence[int] | None) -> None:
    """Every holder whose name begins so is dead: what it had begun runs alone from now on, the
    rest is due. None: nobody knows what it had begun, so it may have been any of them."""
    if begun is None or begun:
        rows = "" if begun is None else f" AND id IN ({','.join(['%s'] * len(begun))})"
        _change("starts = starts + 1, holder = %s", [QUARANTINED], holder, rows, begun or ())
    _change(f'"lock" = %s, holder = {UNHELD}', [stored(timezone.now())], holder)
    notify_workers()


def _change(
    what: str, values: list[Any], holder: str, rows: str = "", parameters: Sequence[int] = ()
) -> None:
    """Of what a dead holder has. A session of its that the server still believes in may have rows
    locked: waiting for those would stop us too, and the next attempt finds them."""
    select = f"SELECT id FROM django_q_ormq WHERE holder <> '' AND holder LIKE %s{rows}"  # noqa: S608
    chosen = f"id IN ({select})"
    if connection.vendor == "postgresql":
        chosen = f"id = ANY(ARRAY({select} FOR UPDATE SKIP LOCKED))"
    _execute(
        f"UPDATE django_q_ormq SET {what} WHERE {chosen}",  # noqa: S608
        [*values, f"{holder}%", *parameters],
    )


def release_expired() -> None:
    """Nobody renewed these leases: a whole machine is gone, or nobody heard of the claim."""
    now = stored(timezone.now())
    expired = """SELECT id FROM django_q_ormq
        WHERE holder <> '' AND holder <> %s AND "lock" <= %s"""
    if rows := _column(expired, [QUARANTINED, now]):
        still = f' AND "lock" <= %s AND id IN ({",".join(["%s"] * len(rows))})'
        _change("starts = starts + 1, holder = %s", [QUARANTINED], "", still, [now, *rows])
        notify_workers()


def release_dead() -> None:
    """What processes of this machine held that are no longer there."""
    holders = "SELECT DISTINCT holder FROM django_q_ormq WHERE holder <> '' AND holder LIKE %s"
    for holder in _column(holders, [f"{host_prefix()}%"]):
        if is_gone(holder.rpartition(":")[0]):
            release_orphaned(holder, None)


def _execute(sql: str, parameters: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _column(sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]
