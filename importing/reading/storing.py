"""Writing items down: one statement for many, which adds what is new and changes what has changed.

Put together by hand: what the ORM does with a thousand rows takes longer than to read them from the
network, and it does not say which of them were new.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from importing.reading.clean_text import clean, cleaned
from social.networks.reading import web_address
from social.networks.shapes import Item

if TYPE_CHECKING:
    from .timeline import Timeline

AT_A_TIME = 1_000  # rows; SQLite takes 32,766 values in a statement
TABLE = "importing_importeditem"
OF_ITEM = (
    "first_id remote_id text url author_id author_name author_handle created_at likes reposts "
    "replies views reactions entities digest"
).split()
OF_ALL = "timeline_id user_id kind network imported_at updated_at".split()
SAID = "remote_id text entities digest updated_at".split()
WHOSE = "author_id author_name author_handle".split()
TIME = "timestamptz"
TYPES = {"created_at": TIME, "views": "bigint", "digest": "bigint"}
TYPES |= dict.fromkeys(("likes", "reposts", "replies", "reactions"), "int")
COUNTS = "likes reposts replies views".split()


@dataclass(frozen=True)
class Stored:
    added: int = 0
    updated: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.added + other.added, self.updated + other.updated)


def store(timeline: "Timeline", items: Sequence[Item]) -> Stored:
    """Each of `items` is there once afterwards, as it is now."""
    once = {item.first_id: item for item in reversed(items)}  # of two versions the newer
    rows, stored = list(once.values()), Stored()
    for start in range(0, len(rows), AT_A_TIME):
        stored += write(timeline, rows[start : start + AT_A_TIME])
    return stored


def write(timeline: "Timeline", items: Sequence[Item]) -> Stored:
    now = timezone.now()
    rows = [row_of(item, now) for item in items]
    shared = [pk(timeline, "id"), timeline.user_id, timeline.kind, timeline.network_name]
    shared += [connection.ops.adapt_datetimefield_value(now)] * 2
    given, values = GIVEN[connection.vendor](rows, shared)
    with connection.cursor() as cursor:
        cursor.execute(statement(given), values)
        news = [bool(is_new) for (is_new,) in cursor.fetchall()]
    return Stored(added=sum(news), updated=len(news) - sum(news))


def statement(given: str) -> str:
    """What did not change is not written, and does not come back either."""
    names = [*OF_ITEM, *OF_ALL]
    said = [f"{name} = excluded.{name}" for name in SAID]
    # What an answer leaves out is not forgotten.
    said += [f"{name} = COALESCE(excluded.{name}, {TABLE}.{name})" for name in COUNTS]
    said += [f"{name} = COALESCE(NULLIF(excluded.{name}, ''), {TABLE}.{name})" for name in WHOSE]
    # An address that names its author goes before one that does not.
    poorer = f"excluded.author_handle = '' AND {TABLE}.author_handle <> ''"
    said.append(f"url = CASE WHEN {poorer} THEN {TABLE}.url ELSE excluded.url END")
    reactions = [f"COALESCE(excluded.{name}, {TABLE}.{name}, 0)" for name in COUNTS[:2]]
    said += [f"reactions = {' + '.join(reactions)}", "gone_at = NULL"]
    return (
        f"INSERT INTO {TABLE} ({','.join(names)}) {given}"
        f" ON CONFLICT (timeline_id, first_id) DO UPDATE SET {', '.join(said)}"
        f" WHERE {TABLE}.digest <> excluded.digest OR {TABLE}.gone_at IS NOT NULL"
        " RETURNING imported_at = updated_at"
    )


def as_values(rows: list[list[Any]], shared: list[Any]) -> tuple[str, list[Any]]:
    line = f"({','.join(['%s'] * len([*OF_ITEM, *OF_ALL]))})"
    values = [value for row in rows for value in (*row, *shared)]
    return f"VALUES {','.join([line] * len(rows))}", values


def as_json(rows: list[list[Any]], shared: list[Any]) -> tuple[str, list[Any]]:
    """One value instead of twenty thousand, which PostgreSQL takes three times as long to read."""
    typed = ",".join(f"{name} {TYPES.get(name, 'text')}" for name in OF_ITEM)
    rest = ",".join(f"%s::{kind}" for kind in ("uuid", "int", "text", "text", *[TIME] * 2))
    said = [dict(zip(OF_ITEM, row, strict=True)) for row in rows]
    names = ",".join("entities::jsonb" if name == "entities" else name for name in OF_ITEM)
    given = f"SELECT {names},{rest} FROM json_to_recordset(%s::json) AS given({typed})"  # noqa: S608
    return given, [*shared, json.dumps(said, default=str)]


GIVEN = {"sqlite": as_values, "postgresql": as_json}


def row_of(item: Item, now: datetime) -> list[Any]:
    """The values for OF_ITEM."""
    said = [
        clean(item.remote_id),
        clean(item.text),
        web_address(clean(item.url)),
        clean(item.author_id)[:64],
        clean(item.author_name)[:200],
        clean(item.author_handle)[:100],
    ]
    counts = [item.likes, item.reposts, item.replies, item.views]
    entities = json.dumps(cleaned(item.entities), sort_keys=True)
    created_at = connection.ops.adapt_datetimefield_value(item.created_at or now)
    reactions = (item.likes or 0) + (item.reposts or 0)
    digest = digest_of([*said, *counts, entities])
    return [clean(item.first_id), *said, created_at, *counts, reactions, entities, digest]


def digest_of(said: list[Any]) -> int:
    """As a whole number of the database's."""
    hashed = blake2b(repr(said).encode(), digest_size=8).digest()
    return int.from_bytes(hashed, "big", signed=True)


def pk(row: Any, name: str) -> Any:
    field = row._meta.get_field(name)
    return field.get_db_prep_save(getattr(row, field.attname), connection)
