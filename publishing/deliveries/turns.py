"""Whose turn it is at an account: the order is (due_at, id), one at a time. As SQL, because every
send asks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

DUE = "next_attempt_at <= %s"
# Of those in line only, as the index `delivery_order` has it.
IN_LINE = f"FROM publishing_delivery WHERE state = 'queued' AND account = %s AND {DUE}"


def nobody_ahead(account: str, due_at: datetime, pk: int) -> tuple[str, list[Any]]:
    """The condition that none of those due at `account` comes before this one, and its values."""
    earlier = f"SELECT 1 {IN_LINE} AND (due_at, id) < (%s, %s)"
    return f"NOT EXISTS ({earlier})", [account, stored(timezone.now()), stored(due_at), pk]


def next_at(
    account: str, other_than: int, has_come: bool = False
) -> list[tuple[UUID, datetime, int, str]]:
    """The job of the delivery whose turn it is at `account`, but for this one; with `has_come`
    only if its own job came too early, for one that is still in line needs no second."""
    now = timezone.now()
    waits = "AND d.waiting_for = 'turn'" if has_come else ""
    first = f"SELECT id {IN_LINE} AND id <> %s ORDER BY due_at, id LIMIT 1"
    row = _row(
        f"""SELECT d.job_id, p.user_id, d.network FROM publishing_delivery d
        JOIN publishing_post p ON p.id = d.post_id WHERE d.id = ({first}) {waits}""",  # noqa: S608
        [account, stored(now), other_than],
    )
    return [(UUID(str(row[0])), now, row[1], row[2])] if row else []


def words(pk: int) -> tuple[str, str, int]:
    """A delivery's own text, its post's and how many pictures that has, as they are now."""
    return _row(
        """SELECT d.text, p.text, p.picture_count FROM publishing_delivery d
        JOIN publishing_post p ON p.id = d.post_id WHERE d.id = %s""",
        [pk],
    )


def stored(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _row(sql: str, given: list[Any]) -> tuple | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchone()
