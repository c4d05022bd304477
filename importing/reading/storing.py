"""Writing items down: each is there once, as its network shows it now."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.utils import timezone

from importing import sql
from social.networks.reading import web_address
from social.networks.shapes import Item

from .clean_text import clean, cleaned
from .timeline import Timeline

ITEMS_PER_STATEMENT = 1_000  # SQLite takes 32,766 values in a statement


@dataclass(frozen=True)
class StoredCounts:
    """How many items were new, and how many had changed."""

    added: int = 0
    updated: int = 0

    def __add__(self, other: "StoredCounts") -> "StoredCounts":
        return StoredCounts(self.added + other.added, self.updated + other.updated)


def store(timeline: Timeline, items: Sequence[Item]) -> StoredCounts:
    """Store `items`: each is there once afterwards, as it is now."""
    once = {item.first_id: item for item in reversed(items)}  # of two versions the newer
    rows, counts = list(once.values()), StoredCounts()
    for start in range(0, len(rows), ITEMS_PER_STATEMENT):
        counts += write(timeline, rows[start : start + ITEMS_PER_STATEMENT])
    return counts


def write(timeline: Timeline, items: Sequence[Item]) -> StoredCounts:
    """Store `items` in one statement; none of them may be there twice."""
    now = timezone.now()
    key = sql.key_to_database(timeline, "id")
    shared = [key, timeline.user_id, timeline.kind, timeline.network_name]
    shared += [sql.to_database(now)] * 2
    is_new = sql.upsert_items([row_of(item, now) for item in items], shared)
    return StoredCounts(added=sum(is_new), updated=len(is_new) - sum(is_new))


def row_of(item: Item, now: datetime) -> list[Any]:
    """Return the values of `sql.ITEM_COLUMNS`."""
    texts = [
        clean(item.remote_id),
        clean(item.text),
        web_address(clean(item.url)),
        clean(item.author_id)[:320],
        clean(item.author_name)[:200],
        clean(item.author_handle)[:320],
    ]
    counts = [item.likes, item.reposts, item.replies, item.views]
    entities = json.dumps(cleaned(item.entities), sort_keys=True)
    created_at = sql.to_database(item.created_at or now)
    reactions = (item.likes or 0) + (item.reposts or 0)
    digest = digest_of([*texts, *counts, entities])
    return [clean(item.first_id), *texts, created_at, *counts, reactions, entities, digest]


def digest_of(values: list[Any]) -> int:
    """Return a digest of all that the network says of an item, as a whole number that a database
    column holds."""
    hashed = blake2b(repr(values).encode(), digest_size=8).digest()
    return int.from_bytes(hashed, "big", signed=True)
