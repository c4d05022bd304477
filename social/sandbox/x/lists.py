"""Reading: who am I, and the lists of X with their filters and pages."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from ..core.clock import parse_time
from ..core.wire import Request, Response, json_response
from ..core.world import World
from .errors import forbidden, invalid_request, not_found
from .state import Tweet, XGrant
from .store import REACH, is_visible, timeline
from .views import includes, listed, tweet_json, user_json

T = TypeVar("T")

LIST_PARAMETERS = set(
    "max_results start_time end_time since_id until_id exclude pagination_token expansions "
    "tweet.fields user.fields media.fields poll.fields place.fields".split()
)


def me(world: World, request: Request, grant: XGrant) -> Response:
    check_parameters(world, request, {"user.fields", "tweet.fields", "expansions"})
    fields = listed(request.query, "user.fields")
    user = world.x.users[grant.user_id]
    shown = user_json(world, user, fields, request.origin)
    if "subscription_type" in fields:  # X says it of oneself only
        shown["subscription_type"] = "Premium" if user.max_length > 280 else "None"
    return json_response({"data": shown})


def by_user(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(world, request, LIST_PARAMETERS)
    if id not in world.x.users:
        raise not_found("user", id)
    return tweet_page(world, request, timeline(world, id), low=5, usual=10)


def home(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(world, request, LIST_PARAMETERS)
    check_own(grant, id)
    authors = {id, *(user for _, user in world.x.follows.get(id, []))}
    week = world.now() - 7 * 86400
    tweets = (tweet for author in authors for tweet in timeline(world, author))
    recent = [tweet for tweet in tweets if tweet.created_at >= week]
    recent.sort(key=lambda tweet: int(tweet.id), reverse=True)
    return tweet_page(world, request, recent[:REACH], low=1, usual=100)


def search(world: World, request: Request, grant: XGrant) -> Response:
    """Enough to look for one's own words: from:<username> "<text>"."""
    check_parameters(world, request, LIST_PARAMETERS | {"query", "next_token", "sort_order"})
    query = request.query.get("query", "")
    if not query.strip():
        raise invalid_request("The `query` query parameter can not be empty", query=query)
    phrases = [phrase.casefold() for phrase in re.findall(r'"([^"]*)"', query)]
    author = re.search(r"\bfrom:(\w+)", query)
    user = world.x.user_named(author[1]) if author else None
    authors = [user.id] if user else ([] if author else list(world.x.users))
    tweets = [t for id in authors for t in timeline(world, id) if says(t, phrases)]
    tweets.sort(key=lambda tweet: int(tweet.id), reverse=True)
    return tweet_page(world, request, tweets, low=10, usual=10)


def says(tweet: Tweet, phrases: list[str]) -> bool:
    return all(phrase in tweet.sent.casefold() for phrase in phrases)


def liked(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(world, request, LIST_PARAMETERS)
    check_own(grant, id)
    rows = [(order, world.x.tweets[tweet]) for order, tweet in world.x.likes.get(id, [])]
    rows = [(order, tweet) for order, tweet in rows if is_visible(world, tweet)]
    page, meta = cut(world, request, reversed(rows), low=5, high=100, usual=100)
    return tweets_response(world, request, [tweet for _, tweet in page], meta)


def following(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(world, request, LIST_PARAMETERS)
    if id not in world.x.users:
        raise not_found("user", id)
    rows = [(order, world.x.users[user]) for order, user in world.x.follows.get(id, [])]
    page, meta = cut(world, request, reversed(rows), low=1, high=1000, usual=100)
    fields = listed(request.query, "user.fields")
    data = [user_json(world, user, fields, request.origin) for _, user in page]
    return json_response(({"data": data} if data else {}) | {"meta": meta})


def check_own(grant: XGrant, id: str) -> None:
    if id != grant.user_id:
        raise forbidden(
            f"The authenticated user is not authorized for user [{id}].",
            "not-authorized-for-resource",
            resource_type="user",
            resource_id=id,
        )


def check_parameters(world: World, request: Request, known: set[str]) -> None:
    """As X's own emulator does, it passes over what it does not know, unless it is told to refuse
    it."""
    if not world.x.refuses_unknown:
        return
    for name in sorted(request.query.keys() - known):
        message = f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]"
        raise invalid_request(message, **{name: request.query[name]})


def tweet_page(
    world: World, request: Request, tweets: Iterable[Tweet], low: int, usual: int
) -> Response:
    rows = ((int(tweet.id), tweet) for tweet in kept(world, request, tweets))
    page, meta = cut(world, request, rows, low=low, high=100, usual=usual)
    if page:
        meta |= {"newest_id": page[0][1].id, "oldest_id": page[-1][1].id}
    return tweets_response(world, request, [tweet for _, tweet in page], meta)


def kept(world: World, request: Request, tweets: Iterable[Tweet]) -> Iterator[Tweet]:
    query = request.query
    since, until = id_parameter(query, "since_id"), id_parameter(query, "until_id")
    start, end = time_parameter(query, "start_time"), time_parameter(query, "end_time")
    excluded = {value for value in query.get("exclude", "").split(",") if value}
    if excluded - {"replies", "retweets"}:
        raise invalid_request("exclude takes replies and retweets", exclude=query["exclude"])
    for tweet in tweets:
        if since is not None and int(tweet.id) <= since:
            continue
        if until is not None and int(tweet.id) >= until:
            continue
        if start is not None and tweet.created_at < start:
            continue
        if (start or end) is not None and tweet.filtered_from > world.now():
            continue
        if end is not None and tweet.created_at >= end:
            continue
        if not ("replies" in excluded and tweet.reply_to):
            yield tweet


def id_parameter(query: dict[str, str], name: str) -> int | None:
    return number(query, name, lambda text: int(text) if re.fullmatch(r"\d{1,19}", text) else None)


def time_parameter(query: dict[str, str], name: str) -> float | None:
    def parse(text: str) -> float | None:
        try:
            return parse_time(text) if "T" in text else None
        except (ValueError, OverflowError):
            return None

    return number(query, name, parse)


def number(query: dict[str, str], name: str, parse: Callable[[str], T | None]) -> T | None:
    if name not in query:
        return None
    value = parse(query[name])
    if value is None:
        text = f"The `{name}` query parameter value [{query[name]}] is not valid"
        raise invalid_request(text, **{name: query[name]})
    return value


def cut(
    world: World,
    request: Request,
    rows: Iterable[tuple[int, object]],
    low: int,
    high: int,
    usual: int,
) -> tuple[list, dict]:
    """One page of rows that come newest first; its mark names the last one shown."""
    text = request.query.get("max_results", str(usual))
    if not re.fullmatch(r"\d{1,6}", text) or not low <= int(text) <= high:
        message = f"The `max_results` query parameter value [{text}] is not in {low}..{high}"
        raise invalid_request(message, max_results=text)
    before, size = read_mark(world, request.query), int(text)
    circles = request.tampered == "circle"  # an armed fault: after the last comes the first
    rows = list(rows) if circles else rows
    rest = (row for row in rows if before is None or row[0] < before)
    found = list(islice(rest, size + 1))  # one more tells whether there is a next page
    if circles and not found:
        found = list(islice(rows, size))
    page = found[:size]
    meta: dict[str, object] = {"result_count": len(page)}
    if len(found) > size or (circles and page):
        meta["next_token"] = f"{mark_of(world)}{page[-1][0]:016x}"  # none of X's is shorter
    return page, meta


def mark_of(world: World) -> str:
    """How those that are known begin."""
    return f"714{world.x.marks % 10}"


def read_mark(world: World, query: dict[str, str]) -> int | None:
    mark = query.get("pagination_token") or query.get("next_token")
    if not mark:
        return None
    if not re.fullmatch(mark_of(world) + r"[0-9a-f]{16}", mark):
        text = f"The `pagination_token` query parameter value [{mark}] is not valid"
        raise invalid_request(text, pagination_token=mark)
    return int(mark[4:], 16)


def tweets_response(world: World, request: Request, tweets: list[Tweet], meta: dict) -> Response:
    fields = listed(request.query, "tweet.fields")
    body: dict[str, object] = {}
    if tweets:  # an empty page has no data key
        body["data"] = [tweet_json(world, tweet, fields) for tweet in tweets]
    included = includes(world, tweets, request.query, request.origin)
    if included:
        body["includes"] = included
    return json_response(body | {"meta": meta})
