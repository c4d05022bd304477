"""The queue rows as workers hold them: claim, keep, finish, give back.

`lock` of a held row is the end of its lease. What a worker had begun when it died is run again
alone (holder SOLO), because it may be what killed it; what it had only claimed goes back in line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from social.disk import unsynced
from social.processes import host_prefix, is_gone
from social.timing import delay

from .queueing import SOLO, among, stored
from .waking import ring

LEASE = 30  # seconds a claim lasts; renewed while its worker lives
SOLO_STARTS = 3  # how often a job that killed its worker is run again, alone
FREE = f"CASE WHEN starts > 0 THEN '{SOLO}' ELSE '' END"  # the holder of what nobody holds


@dataclass(frozen=True)
class Claim:
    """A queue row that this worker holds. `starts` are those that ended with their worker."""

    row: int
    payload: str
    starts: int


def claim(queue: str, holder: str, limit: int, lease: float = LEASE) -> list[Claim]:
    """Take up to `limit` of those in line, the first first. On SQLite only after a look that found
    one: an UPDATE that matches nothing takes the one write lock there too."""
    first = """SELECT id FROM django_q_ormq
        WHERE "key" = %s AND holder = '' AND turn IS NOT NULL
        ORDER BY priority DESC, turn, id LIMIT %s"""
    return _take(first, [queue, limit], holder, lease)


def claim_solo(queue: str, holder: str) -> list[Claim]:
    """One of those whose earlier worker is gone."""
    first = f"""SELECT id FROM django_q_ormq WHERE {held_by_solo([queue])} AND starts <= %s
        ORDER BY id LIMIT 1"""  # noqa: S608
    return _take(first, [SOLO, queue, SOLO_STARTS], holder)


def _take(select: str, given: Sequence[Any], holder: str, lease: float = LEASE) -> list[Claim]:
    if connection.vendor == "postgresql":
        # As an array it is found once; a plain IN may be evaluated again and lock more rows.
        chosen = f"id = ANY(ARRAY({select} FOR UPDATE SKIP LOCKED))"
    else:
        chosen = f"id IN ({select})"
    with unsynced(), connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE django_q_ormq SET "lock" = %s, holder = %s
            WHERE {chosen} RETURNING -priority, turn, id, payload, starts""",  # noqa: S608
            [stored(timezone.now() + delay(lease)), holder, *given],
        )
        return [Claim(*row[2:]) for row in sorted(cursor.fetchall())]


def worn_out(queues: Sequence[str]) -> list[int]:
    """Rows that have killed every worker they were given to."""
    return _column(
        f"SELECT id FROM django_q_ormq WHERE {held_by_solo(queues)} AND starts > %s",  # noqa: S608
        [SOLO, *queues, SOLO_STARTS],
    )


def held_by_solo(queues: Sequence[str]) -> str:
    return f"holder <> '' AND holder = %s AND {among(queues)}"


def keep(holder: str, rows: Sequence[int]) -> None:
    """Renew the lease of what the holder knows of. A claim whose answer was lost is not among it,
    and soon somebody else's."""
    marks = ",".join(["%s"] * len(rows))
    _execute(
        f"""UPDATE django_q_ormq SET "lock" = %s WHERE holder = %s AND id IN ({marks})""",  # noqa: S608
        [stored(timezone.now() + delay(LEASE)), holder, *rows],
    )


def finish(holder: str, rows: Sequence[int]) -> set[int]:
    """Acknowledge: remove those of `rows` that this holder still holds, and name them."""
    marks = ",".join(["%s"] * len(rows))
    return set(
        _column(
            f"DELETE FROM django_q_ormq WHERE holder = %s AND id IN ({marks}) RETURNING id",  # noqa: S608
            [holder, *rows],
        )
    )


def give_back(holder: str, rows: Sequence[int] | None = None) -> None:
    """What this holder had not begun is due now: these rows, or all. A suspect stays one."""
    only, given = "", []
    if rows is not None:
        only, given = f" AND id IN ({','.join(['%s'] * len(rows))})", list(rows)
    _execute(
        f"""UPDATE django_q_ormq SET "lock" = %s, holder = {FREE}
        WHERE holder <> '' AND holder = %s{only}""",  # noqa: S608
        [stored(timezone.now()), holder, *given],
    )
    ring()


def give_back_expired(holder: str) -> None:
    """Of a holder that neither renews its leases nor says what it had begun."""
    _execute(
        """UPDATE django_q_ormq SET holder = ''
        WHERE holder <> '' AND holder = %s AND "lock" <= %s""",
        [holder, stored(timezone.now())],
    )


def leave_behind(holder: str, begun: Sequence[int] | None) -> None:
    """Every holder whose name begins so is dead: what it had begun runs alone from now on, the
    rest is due. None: nobody knows what it had begun, so it may have been any of them."""
    if begun is None or begun:
        rows = "" if begun is None else f" AND id IN ({','.join(['%s'] * len(begun))})"
        _change("starts = starts + 1, holder = %s", [SOLO], holder, rows, begun or ())
    _change(f'"lock" = %s, holder = {FREE}', [stored(timezone.now())], holder)
    ring()


def _change(
    what: str, values: list[Any], holder: str, rows: str = "", given: Sequence[int] = ()
) -> None:
    """Of what a dead holder has. A session of its that the server still believes in may have rows
    locked: waiting for those would stop us too, and the next look finds them."""
    found = f"SELECT id FROM django_q_ormq WHERE holder <> '' AND holder LIKE %s{rows}"  # noqa: S608
    chosen = f"id IN ({found})"
    if connection.vendor == "postgresql":
        chosen = f"id = ANY(ARRAY({found} FOR UPDATE SKIP LOCKED))"
    _execute(
        f"UPDATE django_q_ormq SET {what} WHERE {chosen}",  # noqa: S608
        [*values, f"{holder}%", *given],
    )


def leave_behind_expired() -> None:
    """Nobody renewed these leases: a whole machine is gone, or nobody heard of the claim."""
    now = stored(timezone.now())
    expired = """SELECT id FROM django_q_ormq
        WHERE holder <> '' AND holder <> %s AND "lock" <= %s"""
    if rows := _column(expired, [SOLO, now]):
        still = f' AND "lock" <= %s AND id IN ({",".join(["%s"] * len(rows))})'
        _change("starts = starts + 1, holder = %s", [SOLO], "", still, [now, *rows])
        ring()


def leave_behind_dead() -> None:
    """What processes of this machine held that are no longer there."""
    holders = "SELECT DISTINCT holder FROM django_q_ormq WHERE holder <> '' AND holder LIKE %s"
    for holder in _column(holders, [f"{host_prefix()}%"]):
        if is_gone(holder.rpartition(":")[0]):
            leave_behind(holder, None)


def _execute(sql: str, given: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def _column(sql: str, given: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return [row[0] for row in cursor.fetchall()]
