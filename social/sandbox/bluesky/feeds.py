"""What the AppView shows: people, posts with their counts, likes, follows. It is late (`lag_ms`),
and a server may have none."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ..core.wire import Request, Response, json_response
from ..core.world import World
from . import store
from .errors import invalid, no_appview
from .records import repository, size_of
from .state import Account, Record

MOST_URIS = 25


def profile(world: World, request: Request, account: Account) -> Response:
    check_appview(world, request)
    shown = repository(world, request.query.get("actor", ""))
    return json_response(person(world, request, shown, detailed=True))


def author_feed(world: World, request: Request, account: Account) -> Response:
    check_appview(world, request)
    author = repository(world, request.query.get("actor", ""))
    records = list(store.shown(world, author.did))
    if request.query.get("filter") == "posts_no_replies":
        records = [record for record in records if "reply" not in record.value]
    return post_page(world, request, records)


def home(world: World, request: Request, account: Account) -> Response:
    check_appview(world, request)
    authors = {account.did, *(did for _, did in world.bluesky.follows.get(account.did, []))}
    return post_page(world, request, [it for did in authors for it in store.shown(world, did)])


def liked(world: World, request: Request, account: Account) -> Response:
    check_appview(world, request)
    if repository(world, request.query.get("actor", "")) is not account:
        raise invalid("Profile not found")
    rows = world.bluesky.likes.get(account.did, [])
    standing = [(order, world.bluesky.posts[uri]) for order, uri in reversed(rows)]
    visible = [(order, it) for order, it in standing if store.is_visible(world, it)]
    page, cursor = cut(world, request, visible)
    feed = [{"post": view(world, request, record)} for record in page]
    return json_response({"feed": feed} | cursor)


def follows(world: World, request: Request, account: Account) -> Response:
    check_appview(world, request)
    shown = repository(world, request.query.get("actor", ""))
    rows = world.bluesky.follows.get(shown.did, [])
    people = [(order, world.bluesky.accounts[did]) for order, did in reversed(rows)]
    page, cursor = cut(world, request, people)
    listed = [person(world, request, it) for it in page]
    body = {"subject": person(world, request, shown), "follows": listed}
    return json_response(body | cursor)


def posts(world: World, request: Request, account: Account) -> Response:
    """By their addresses; those that are not there are left out."""
    check_appview(world, request)
    asked = parse_qsl(urlsplit(request.target).query)
    uris = [value for name, value in asked if name == "uris"]
    if not uris or len(uris) > MOST_URIS:
        raise invalid(f"Error: uris must have 1 to {MOST_URIS} elements")
    found = [world.bluesky.posts.get(uri) for uri in uris]
    visible = [it for it in found if it is not None and store.is_visible(world, it)]
    return json_response({"posts": [view(world, request, record) for record in visible]})


def check_appview(world: World, request: Request) -> None:
    if not world.bluesky.has_appview:
        raise no_appview(request.path.rpartition("/")[2])


def post_page(world: World, request: Request, records: Iterable[Record]) -> Response:
    newest = sorted(records, key=lambda it: (it.created_at, it.id), reverse=True)
    rows = [(int(record.created_at * 1_000_000), record) for record in newest]
    page, cursor = cut(world, request, rows)
    feed = [{"post": view(world, request, record)} for record in page]
    return json_response({"feed": feed} | cursor)


def cut(
    world: World, request: Request, rows: list[tuple[int, Any]]
) -> tuple[list[Any], dict[str, str]]:
    """One page of rows that come newest first; its mark names the last one shown."""
    size, before = size_of(request.query, usual=50), read_mark(world, request)
    page = [row for row in rows if before is None or row[0] < before][:size]
    if not page and request.tampered == "circle":
        page = rows[:size]
    is_last = not page or (page[-1] is rows[-1] and request.tampered != "circle")
    mark = f"{world.bluesky.marks}:{page[-1][0]}" if page else ""
    return [row for _, row in page], {} if is_last else {"cursor": mark}


def read_mark(world: World, request: Request) -> int | None:
    mark = request.query.get("cursor")
    if not mark:
        return None
    marks, _, order = mark.partition(":")
    if marks != str(world.bluesky.marks) or not order.isdigit():
        raise invalid("Malformed cursor")
    return int(order)


def person(
    world: World, request: Request, account: Account, detailed: bool = False
) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "did": account.did,
        "handle": account.handle,
        "displayName": account.name,
        "avatar": f"{request.origin}/bluesky/avatars/{account.did}.svg",
        "description": account.description,
    }
    if detailed:
        shown["postsCount"] = len(list(store.shown(world, account.did)))
        shown["followsCount"] = len(world.bluesky.follows.get(account.did, []))
    return shown


COUNTS: dict[str, str] = {
    "likeCount": "like",
    "repostCount": "retweet",
    "replyCount": "reply",
    "quoteCount": "quote",
}


def view(world: World, request: Request, record: Record) -> dict[str, Any]:
    author = world.bluesky.accounts[record.author_id]
    counts = {name: record.counts.get(kind, 0) for name, kind in COUNTS.items()}
    return {
        "uri": record.id,
        "cid": record.cid,
        "author": person(world, request, author),
        "record": record.value,
        "indexedAt": store.written(record.visible_from),
        **counts,
    }
