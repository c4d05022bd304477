"""Writing to and reading from the make-believe Bluesky."""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..core.world import World
from .state import POST, Account, Record

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
TYPED = "$type"


def cid_of(data: bytes, codec: str = "bafyrei") -> str:
    """The same for the same bytes. The real ones hold a SHA-256 as well."""
    digest = hashlib.sha256(data).digest()
    return codec + base64.b32encode(digest).decode().lower().rstrip("=")


def cid_of_value(value: dict[str, Any]) -> str:
    """Whatever the order of its keys."""
    return cid_of(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())


def key_at(moment: float, clock: int = 0) -> str:
    """A TID: microseconds since 1970 and ten bits of a clock's number, in 13 letters."""
    return key_of((int(moment * 1_000_000) << 10) | clock)


def key_of(number: int) -> str:
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def new_key(world: World) -> str:
    state = world.bluesky
    state.last_key = max(int(world.now() * 1_000_000) << 10, state.last_key + 1)
    return key_of(state.last_key)


def uri_of(account_id: str, key: str) -> str:
    return f"at://{account_id}/{POST}/{key}"


def put(
    world: World, account: Account, key: str, value: dict[str, Any], media: list[dict[str, Any]]
) -> Record:
    """Make it, or take the place of what is there."""
    uri, now = uri_of(account.did, key), world.now()
    before = world.bluesky.posts.get(uri)
    visible = now + world.bluesky.lag_ms / 1000
    record = Record(uri, account.did, key, value, cid_of_value(value), now, visible, media)
    if before is None:
        world.bluesky.by_author.setdefault(account.did, []).append(uri)
    elif before.deleted_at is None:
        record.created_at, record.edited, record.counts = before.created_at, True, before.counts
    world.bluesky.posts[uri] = record
    return record


def add(
    world: World, account: Account, text: str, moment: float | None = None, origin: str = "fixture"
) -> Record:
    """A post that no client made; `moment` is for what is dated back."""
    at = world.now() if moment is None else moment
    key = new_key(world) if moment is None else key_at(moment)
    while uri_of(account.did, key) in world.bluesky.posts:
        at += 0.000001
        key = key_at(at)
    record = put(world, account, key, {TYPED: POST, "text": text, "createdAt": written(at)}, [])
    record.created_at, record.origin = at, origin
    if moment is not None:
        record.visible_from = at
    return record


def written(moment: float) -> str:
    stamp = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")


def edit(world: World, record: Record, text: str) -> Record:
    """Other words under the same key: no app shows that it was edited."""
    record.value = {**record.value, "text": text}
    record.value.pop("facets", None)
    record.cid, record.edited = cid_of_value(record.value), True
    return record


def is_there(record: Record | None) -> bool:
    return record is not None and record.deleted_at is None


def is_visible(world: World, record: Record) -> bool:
    """To the AppView, which hears of posts after their server."""
    return record.deleted_at is None and record.visible_from <= world.now()


def by_key(world: World, account_id: str) -> list[Record]:
    """What its server has, newest key first."""
    uris = world.bluesky.by_author.get(account_id, [])
    there = [world.bluesky.posts[uri] for uri in uris]
    standing = [record for record in there if record.deleted_at is None]
    return sorted(standing, key=lambda record: record.key, reverse=True)


def shown(world: World, account_id: str) -> Iterator[Record]:
    """What the AppView shows of its posts, in any order."""
    for uri in world.bluesky.by_author.get(account_id, []):
        record = world.bluesky.posts[uri]
        if is_visible(world, record):
            yield record


def follow(world: World, follower: Account, followed: Account) -> None:
    rows = world.bluesky.follows.setdefault(follower.did, [])
    rows.append((world.bluesky.order(), followed.did))


def like(world: World, account: Account, uri: str) -> None:
    rows = world.bluesky.likes.setdefault(account.did, [])
    rows.append((world.bluesky.order(), uri))
    counts = world.bluesky.posts[uri].counts
    counts["like"] = counts.get("like", 0) + 1
