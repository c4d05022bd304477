"""Timelines, favourites, whom one follows. Only a Link header says how a list goes on."""

import re
from typing import Any
from urllib.parse import urlencode

from ..core.wire import Request, Response, json_response
from ..core.world import World
from . import store
from .errors import MastodonError, not_found
from .state import Account, Status

Row = tuple[int, Any]  # what orders it, and itself


def of_account(world: World, request: Request, account: Account) -> Response:
    author = account_in(world, request)
    mine = author is account
    rows = [
        it for it in store.of(world, author.id) if mine or it.visibility in ("public", "unlisted")
    ]
    return statuses(world, request, rows)


def home(world: World, request: Request, account: Account) -> Response:
    authors = {account.id, *(id for _, id in world.mastodon.follows.get(account.id, []))}
    return statuses(world, request, [it for id in authors for it in store.of(world, id)])


def statuses(world: World, request: Request, found: list[Status]) -> Response:
    rows = sorted(((int(it.id), it) for it in found), key=lambda row: row[0], reverse=True)
    page, headers = cut(world, request, rows, 40)
    return listed([store.view(world, request.origin, it) for it in page], headers)


def favourites(world: World, request: Request, account: Account) -> Response:
    liked = world.mastodon.likes.get(account.id, [])
    rows = [(order, world.mastodon.statuses[id]) for order, id in reversed(liked)]
    page, headers = cut(world, request, [it for it in rows if store.is_visible(world, it[1])], 40)
    return listed([store.view(world, request.origin, it) for it in page], headers)


def following(world: World, request: Request, account: Account) -> Response:
    rows = world.mastodon.follows.get(account_in(world, request).id, [])
    people = [(order, world.mastodon.accounts[id]) for order, id in reversed(rows)]
    page, headers = cut(world, request, people, 80)
    return listed([store.person(world, request.origin, it) for it in page], headers)


def listed(rows: list[dict[str, Any]], headers: dict[str, str]) -> Response:
    response = json_response(rows)
    response.headers |= headers
    return response


def account_in(world: World, request: Request) -> Account:
    account = world.mastodon.accounts.get(request.path.split("/")[4])
    if account is None:
        raise not_found()
    return account


def cut(
    world: World, request: Request, rows: list[Row], most: int
) -> tuple[list[Any], dict[str, str]]:
    """One page of rows that come newest first, and where the others are."""
    query, is_circle = request.query, request.tampered == "circle"
    text = query.get("limit", "20")
    size = min(most, int(text)) if re.fullmatch(r"\d{1,4}", text) else 20
    below, above = mark(world, query.get("max_id")), mark(world, query.get("since_id"))
    page = [
        row
        for row in rows
        if (below is None or row[0] < below) and (above is None or row[0] > above)
    ][:size]
    if not page and is_circle:
        page = rows[:size]
    if not page:
        return [], {}
    path = f"{request.origin}{request.path}"
    ends = {"next": ("max_id", page[-1][0]), "prev": ("min_id", page[0][0])}
    if len(page) < size and not is_circle:  # else nobody has looked whether there are more
        del ends["next"]
    prefix = f"{world.mastodon.marks}-" if world.mastodon.marks else ""
    links = [
        f'<{path}?{urlencode({"limit": size, name: f"{prefix}{at}"})}>; rel="{rel}"'
        for rel, (name, at) in ends.items()
    ]
    return [row[1] for row in page], {"Link": ", ".join(links)}


def mark(world: World, stated: str | None) -> int | None:
    if not stated:
        return None
    epoch, _, at = stated.rpartition("-")
    if (epoch or "0") != str(world.mastodon.marks) or not at.isdigit():
        raise MastodonError(400, "Malformed id")
    return int(at)
