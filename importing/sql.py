"""The SQL of this app that is written by hand, each piece with its reason.

- `upsert_items`: what the ORM does with a thousand rows takes longer than to read them from the
  network, and it does not say which of them were new.
- `statistics_row` and `mark_stale`: they run for deliveries that end, where the ORM takes ten times
  as long to write such a statement as the database to run it; and it has no upsert that keeps what
  was there first and returns it.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

ITEM_TABLE = "importing_importeditem"
ITEM_COLUMNS = (
    "first_id remote_id text url author_id author_name author_handle created_at likes reposts "
    "replies views reactions entities digest"
).split()
SHARED_COLUMNS = "timeline_id user_id kind network imported_at updated_at".split()
REPLACED_COLUMNS = "remote_id text entities digest updated_at".split()
AUTHOR_COLUMNS = "author_id author_name author_handle".split()
COUNT_COLUMNS = "likes reposts replies views".split()
TIMESTAMP = "timestamptz"
POSTGRESQL_TYPES = {"created_at": TIMESTAMP, "views": "bigint", "digest": "bigint"}
POSTGRESQL_TYPES |= dict.fromkeys(("likes", "reposts", "replies", "reactions"), "int")

STATISTICS_ROW = """SELECT stale_since, calculated_at, calculation_seconds
    FROM importing_statistics WHERE user_id = %s"""
MARK_STALE = """INSERT INTO importing_statistics AS known
    (user_id, stale_since, woken_at, numbers, calculation_seconds)
    VALUES (%s, %s, %s, '{}', 0) ON CONFLICT (user_id) DO UPDATE
    SET stale_since = COALESCE(known.stale_since, excluded.stale_since),
        woken_at = CASE WHEN known.woken_at >= %s THEN known.woken_at ELSE excluded.woken_at END
    RETURNING stale_since, woken_at"""


# ── items ─────────────────────────────────────────────────────────────────────────────────────
def upsert_items(rows: list[list[Any]], shared: list[Any]) -> list[bool]:
    """Store items: each of `rows` are the values of ITEM_COLUMNS, `shared` those of SHARED_COLUMNS.
    Return for each that was written whether it was new; what had not changed is not written."""
    source, values = SOURCES[connection.vendor](rows, shared)
    with connection.cursor() as cursor:
        cursor.execute(upsert_statement(source), values)
        return [bool(is_new) for (is_new,) in cursor.fetchall()]


def upsert_statement(source: str) -> str:
    """Return the statement that stores what `source` (VALUES or a SELECT) gives."""
    table = ITEM_TABLE
    changes = [f"{name} = excluded.{name}" for name in REPLACED_COLUMNS]
    # What an answer leaves out is not forgotten.
    changes += [f"{name} = COALESCE(excluded.{name}, {table}.{name})" for name in COUNT_COLUMNS]
    changes += [
        f"{name} = COALESCE(NULLIF(excluded.{name}, ''), {table}.{name})" for name in AUTHOR_COLUMNS
    ]
    # An address that names its author goes before one that does not.
    poorer = f"excluded.author_handle = '' AND {table}.author_handle <> ''"
    changes.append(f"url = CASE WHEN {poorer} THEN {table}.url ELSE excluded.url END")
    reactions = [f"COALESCE(excluded.{name}, {table}.{name}, 0)" for name in COUNT_COLUMNS[:2]]
    changes += [f"reactions = {' + '.join(reactions)}", "gone_at = NULL"]
    return (
        f"INSERT INTO {table} ({','.join([*ITEM_COLUMNS, *SHARED_COLUMNS])}) {source}"
        f" ON CONFLICT (timeline_id, first_id) DO UPDATE SET {', '.join(changes)}"
        f" WHERE {table}.digest <> excluded.digest OR {table}.gone_at IS NOT NULL"
        " RETURNING imported_at = updated_at"
    )


def values_source(rows: list[list[Any]], shared: list[Any]) -> tuple[str, list[Any]]:
    """Return VALUES, and a parameter for each value."""
    line = f"({','.join(['%s'] * len([*ITEM_COLUMNS, *SHARED_COLUMNS]))})"
    values = [value for row in rows for value in (*row, *shared)]
    return f"VALUES {','.join([line] * len(rows))}", values


def json_source(rows: list[list[Any]], shared: list[Any]) -> tuple[str, list[Any]]:
    """Return a SELECT from one JSON parameter, instead of twenty thousand parameters, which
    PostgreSQL takes three times as long to read."""
    typed = ",".join(f"{name} {POSTGRESQL_TYPES.get(name, 'text')}" for name in ITEM_COLUMNS)
    shared_types = ("uuid", "int", "text", "text", TIMESTAMP, TIMESTAMP)
    rest = ",".join(f"%s::{kind}" for kind in shared_types)
    objects = [dict(zip(ITEM_COLUMNS, row, strict=True)) for row in rows]
    names = ",".join("entities::jsonb" if name == "entities" else name for name in ITEM_COLUMNS)
    source = f"SELECT {names},{rest} FROM json_to_recordset(%s::json) AS given({typed})"  # noqa: S608
    return source, [*shared, json.dumps(objects, default=str)]


SOURCES = {"sqlite": values_source, "postgresql": json_source}


# ── statistics ────────────────────────────────────────────────────────────────────────────────
def statistics_row(user_id: int) -> tuple[datetime | None, datetime | None, float]:
    """Return (stale_since, calculated_at, calculation_seconds) of this person's numbers."""
    with connection.cursor() as cursor:
        cursor.execute(STATISTICS_ROW, [user_id])
        stale_since, calculated_at, seconds = cursor.fetchone() or (None, None, 0)
    return from_database(stale_since), from_database(calculated_at), seconds


def mark_stale(
    user_id: int, now: datetime, run_after: datetime, lost_before: datetime
) -> tuple[datetime, datetime]:
    """Mark this person's numbers as stale since `now`, to be counted by a job at `run_after`.
    Return since when they are, and when a job may count them: those that were there already, but
    for a job that was for a moment before `lost_before`."""
    moments = [to_database(moment) for moment in (now, run_after, lost_before)]
    with connection.cursor() as cursor:
        cursor.execute(MARK_STALE, [user_id, *moments])
        stale_since, woken_at = cursor.fetchone()
    return from_database(stale_since) or now, from_database(woken_at) or run_after


# ── values ────────────────────────────────────────────────────────────────────────────────────
def to_database(moment: datetime) -> Any:
    """Return a moment as this database takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


def from_database(value: Any) -> datetime | None:
    """Return a moment as Django has it."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)


def key_to_database(row: Any, name: str) -> Any:
    """Return the value of a row's key as this database takes it."""
    field = row._meta.get_field(name)
    return field.get_db_prep_save(getattr(row, field.attname), connection)
