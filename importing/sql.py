"""The SQL of this app that is written by hand, each piece with its reason.

- `upsert_items`: what the ORM does with a thousand rows takes longer than to read them from the
  network, and it does not say which of them were new.
- `stale_since` and `mark_stale`: they run once for each delivery that ends, where the ORM takes ten
  times as long to write such a statement as the database to run it; and it has no upsert that keeps
  the earlier of two moments and returns it.
"""

import json
from collections.abc import Sequence
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

SELECT_STALE = """SELECT stale_since FROM importing_statistics
    WHERE user_id = %s AND stale_since IS NOT NULL"""
MARK_STALE = """INSERT INTO importing_statistics
    (user_id, stale_since, numbers, calculation_seconds)
    VALUES (%s, %s, '{}', 0) ON CONFLICT (user_id) DO UPDATE
    SET stale_since = COALESCE(importing_statistics.stale_since, excluded.stale_since)
    RETURNING stale_since"""


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
def stale_since(user_id: int) -> datetime | None:
    """Return since when this person's numbers are stale; None when they are not."""
    return first_moment(SELECT_STALE, [user_id])


def mark_stale(user_id: int, now: datetime) -> datetime:
    """Mark this person's numbers as stale since `now`, or since an earlier moment that is there
    already; return which."""
    return first_moment(MARK_STALE, [user_id, to_database(now)]) or now


def first_moment(statement: str, values: Sequence[Any]) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return from_database(row[0]) if row else None


# ── values ────────────────────────────────────────────────────────────────────────────────────
def to_database(moment: datetime) -> Any:
    """Return a moment as this database takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


def from_database(value: Any) -> datetime:
    """Return a moment as Django has it."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)


def key_to_database(row: Any, name: str) -> Any:
    """Return the value of a row's key as this database takes it."""
    field = row._meta.get_field(name)
    return field.get_db_prep_save(getattr(row, field.attname), connection)
