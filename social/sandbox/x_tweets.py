"""Creating, deleting and reading tweets."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from . import x_store, x_text
from .clock import parse_time
from .records import Tweet, XGrant, XUser
from .wire import Request, Response, json_response
from .world import World
from .x_errors import forbidden, invalid_request, not_found
from .x_views import includes, listed, tweet_json, user_json

CREATE_KEYS = set(
    "text media reply poll reply_settings community_id for_super_followers_only geo nullcast "
    "direct_message_deep_link quote_tweet_id card_uri edit_options made_with_ai paid_partnership "
    "share_with_followers".split()
)
LIST_PARAMETERS = set(
    "max_results start_time end_time since_id until_id exclude pagination_token expansions "
    "tweet.fields user.fields media.fields poll.fields place.fields".split()
)
TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see "
    "https://github.com/twitter/twitter-text."
)
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."


def create(world: World, request: Request, grant: XGrant) -> Response:
    body, author = create_body(request), world.x.users[grant.user_id]
    text, media_ids = checked_text(body, author), checked_media(world, body, author)
    if not x_text.trimmed(text) and not media_ids:
        raise invalid_request("One of `text` or `media` is required.", text=text)
    check_policy(world, text, body, author)
    if x_store.duplicate_of(world, author.id, text):
        raise forbidden(DUPLICATE)
    tweet = x_store.add_tweet(
        world,
        author,
        text,
        media_ids=media_ids,
        reply_to=(body.get("reply") or {}).get("in_reply_to_tweet_id"),
        poll=body.get("poll"),
        reply_settings=body.get("reply_settings") or "everyone",
    )
    request.created = tweet.id
    return json_response({"data": tweet_json(world, tweet, set())}, 201)


def create_body(request: Request) -> dict:
    if not request.is_json:
        raise invalid_request("Content-Type must be application/json.")
    for name in sorted(request.json.keys() - CREATE_KEYS):
        message = f"$.{name}: is not defined in the schema and the schema does not allow it"
        raise invalid_request(message, **{name: request.json[name]})
    for name in ("media", "reply", "poll", "geo"):
        if not isinstance(request.json.get(name) or {}, dict):
            raise invalid_request(f"$.{name}: must be an object", **{name: request.json[name]})
    return request.json


def checked_text(body: dict, author: XUser) -> str:
    text = body.get("text", "")
    if not isinstance(text, str):
        raise invalid_request("$.text: must be a string", text=text)
    if any(mark in text for mark in x_text.FORBIDDEN):
        raise invalid_request("$.text: holds characters that are not allowed", text=text)
    if x_text.weigh(x_text.trimmed(text)) > author.max_length:
        raise invalid_request(TOO_LONG, text=text)
    return text


def checked_media(world: World, body: dict, author: XUser) -> list[str]:
    if "media" not in body:
        return []
    ids = (body["media"] or {}).get("media_ids")
    if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
        raise invalid_request("$.media.media_ids: must be an array of strings", media_ids=ids)
    if not 1 <= len(ids) <= 4:
        raise invalid_request("$.media.media_ids: must have 1 to 4 items", media_ids=ids)
    for id in ids:
        media = world.x.media.get(id)
        usable = media and media.owner_id == author.id and media.expected is None
        if not usable or not media.ready_at <= world.now() < media.expires_at:
            raise invalid_request("Your media IDs are invalid.", **{"media.media_ids": ids})
    return ids


def check_policy(world: World, text: str, body: dict, author: XUser) -> None:
    """What X has closed for self-serve apps."""
    if "quote_tweet_id" in body:
        raise forbidden("You are not permitted to create quote posts.")
    if len(x_text.CASHTAG.findall(text)) > 1:
        raise forbidden("You are not permitted to use more than one cashtag in a post.")
    if not body.get("reply"):
        return
    answered = world.x.tweets.get(str(body["reply"].get("in_reply_to_tweet_id")))
    if answered is None or answered.deleted_at is not None:
        raise forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")
    if answered.author_id != author.id and f"@{author.username}" not in answered.sent.lower():
        raise forbidden("Replies are only permitted when the author mentioned or quoted you.")


def delete(world: World, request: Request, grant: XGrant, id: str) -> Response:
    tweet = world.x.tweets.get(id)
    if tweet is None or tweet.deleted_at is not None:
        raise not_found("tweet", id)
    if tweet.author_id != grant.user_id:
        raise forbidden("You are not authorized to delete this Tweet.")
    tweet.deleted_at = world.now()
    return json_response({"data": {"deleted": True}})


def show(world: World, request: Request, grant: XGrant, id: str) -> Response:
    tweet = world.x.tweets.get(id)
    if tweet is None or tweet.deleted_at is not None:
        raise not_found("tweet", id)
    fields = listed(request.query, "tweet.fields")
    body = {"data": tweet_json(world, tweet, fields)}
    found = includes(world, [tweet], request.query, request.origin)
    return json_response(body | ({"includes": found} if found else {}))


def me(world: World, request: Request, grant: XGrant) -> Response:
    check_parameters(request, {"user.fields", "tweet.fields", "expansions"})
    fields = listed(request.query, "user.fields")
    user = world.x.users[grant.user_id]
    return json_response({"data": user_json(world, user, fields, request.origin)})


def by_user(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(request, LIST_PARAMETERS)
    if id not in world.x.users:
        raise not_found("user", id)
    return tweet_page(world, request, x_store.timeline(world, id), low=5, usual=10)


def home(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(request, LIST_PARAMETERS)
    check_own(grant, id)
    authors = {id, *(user for _, user in world.x.follows.get(id, []))}
    week = world.now() - 7 * 86400
    found = (tweet for author in authors for tweet in x_store.timeline(world, author))
    recent = [tweet for tweet in found if tweet.created_at >= week]
    recent.sort(key=lambda tweet: int(tweet.id), reverse=True)
    return tweet_page(world, request, recent[: x_store.REACH], low=1, usual=100)


def search(world: World, request: Request, grant: XGrant) -> Response:
    """Enough to look for one's own words: from:<username> "<text>"."""
    check_parameters(request, (LIST_PARAMETERS | {"query", "next_token", "sort_order"}))
    query = request.query.get("query", "")
    if not query.strip():
        raise invalid_request("The `query` query parameter can not be empty", query=query)
    phrases = [phrase.casefold() for phrase in re.findall(r'"([^"]*)"', query)]
    author = re.search(r"\bfrom:(\w+)", query)
    user = world.x.user_named(author[1]) if author else None
    authors = [user.id] if user else ([] if author else list(world.x.users))
    found = [t for id in authors for t in x_store.timeline(world, id) if says(t, phrases)]
    found.sort(key=lambda tweet: int(tweet.id), reverse=True)
    return tweet_page(world, request, found, low=10, usual=10)


def says(tweet: Tweet, phrases: list[str]) -> bool:
    return all(phrase in tweet.sent.casefold() for phrase in phrases)


def liked(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(request, LIST_PARAMETERS)
    check_own(grant, id)
    rows = [(order, world.x.tweets[tweet]) for order, tweet in world.x.likes.get(id, [])]
    rows = [(order, tweet) for order, tweet in rows if x_store.is_visible(world, tweet)]
    page, meta = cut(request, rows, low=5, high=100, usual=100)
    return tweets_response(world, request, [tweet for _, tweet in page], meta)


def following(world: World, request: Request, grant: XGrant, id: str) -> Response:
    check_parameters(request, LIST_PARAMETERS)
    if id not in world.x.users:
        raise not_found("user", id)
    rows = [(order, world.x.users[user]) for order, user in world.x.follows.get(id, [])]
    page, meta = cut(request, rows, low=1, high=1000, usual=100)
    fields = listed(request.query, "user.fields")
    data = [user_json(world, user, fields, request.origin) for _, user in page]
    return json_response(({"data": data} if data else {}) | {"meta": meta})


def check_own(grant: XGrant, id: str) -> None:
    if id != grant.user_id:
        raise forbidden(
            f"The authenticated user is not authorized for user [{id}].",
            "not-authorized-for-resource",
        )


def check_parameters(request: Request, known: set[str]) -> None:
    for name in sorted(request.query.keys() - known):
        message = f"The query parameter [{name}] is not one of [{','.join(sorted(known))}]"
        raise invalid_request(message, **{name: request.query[name]})


def tweet_page(
    world: World, request: Request, tweets: Iterable[Tweet], low: int, usual: int
) -> Response:
    rows = [(int(tweet.id), tweet) for tweet in kept(request, tweets)]
    page, meta = cut(request, rows[::-1], low=low, high=100, usual=usual)
    if page:
        meta |= {"newest_id": page[0][1].id, "oldest_id": page[-1][1].id}
    return tweets_response(world, request, [tweet for _, tweet in page], meta)


def kept(request: Request, tweets: Iterable[Tweet]) -> Iterator[Tweet]:
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


def number(query: dict[str, str], name: str, parse: Callable) -> float | int | None:
    if name not in query:
        return None
    value = parse(query[name])
    if value is None:
        text = f"The `{name}` query parameter value [{query[name]}] is not valid"
        raise invalid_request(text, **{name: query[name]})
    return value


def cut(
    request: Request, rows: list[tuple[int, object]], low: int, high: int, usual: int
) -> tuple[list, dict]:
    """One page of rows that are ordered oldest first; the mark names the last one shown."""
    text = request.query.get("max_results", str(usual))
    if not re.fullmatch(r"\d{1,6}", text) or not low <= int(text) <= high:
        message = (
            f"The `max_results` query parameter value [{text}] is not between {low} and {high}"
        )
        raise invalid_request(message, max_results=text)
    before = read_mark(request.query)
    newest_first = [row for row in reversed(rows) if before is None or row[0] < before]
    page = list(islice(newest_first, int(text)))
    meta: dict[str, object] = {"result_count": len(page)}
    if len(newest_first) > len(page):
        meta["next_token"] = f"7140{page[-1][0]:x}"
    return page, meta


def read_mark(query: dict[str, str]) -> int | None:
    mark = query.get("pagination_token") or query.get("next_token")
    if not mark:
        return None
    if not re.fullmatch(r"7140[0-9a-f]{1,16}", mark):
        text = f"The `pagination_token` query parameter value [{mark}] is not valid"
        raise invalid_request(text, pagination_token=mark)
    return int(mark[4:], 16)


def tweets_response(world: World, request: Request, tweets: list[Tweet], meta: dict) -> Response:
    fields = listed(request.query, "tweet.fields")
    body: dict[str, object] = {}
    if tweets:  # an empty page has no data key
        body["data"] = [tweet_json(world, tweet, fields) for tweet in tweets]
    found = includes(world, tweets, request.query, request.origin)
    if found:
        body["includes"] = found
    return json_response(body | {"meta": meta})
