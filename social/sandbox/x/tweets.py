"""Creating, deleting and showing one tweet."""

from ..core.wire import Request, Response, json_response
from ..core.world import World
from .errors import check_keys, forbidden, invalid_request, not_found
from .state import XGrant, XUser
from .store import add_tweet, duplicate_of
from .text import CASHTAG, FORBIDDEN, trimmed, weigh
from .views import includes, listed, tweet_json

CREATE_KEYS = set(
    "text media reply poll reply_settings community_id for_super_followers_only geo nullcast "
    "direct_message_deep_link quote_tweet_id card_uri edit_options made_with_ai paid_partnership "
    "share_with_followers".split()
)
WITHIN = {
    "media": set(
        "media_ids tagged_user_ids call_to_actions description embeddable preview_media_id "
        "title".split()
    ),
    "reply": {"in_reply_to_tweet_id", "exclude_reply_user_ids", "auto_populate_reply_metadata"},
    "poll": {"options", "duration_minutes", "reply_settings"},
    "geo": {"place_id"},
}
REPLY_SETTINGS = {"following", "mentionedUsers", "subscribers", "verified"}
TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see "
    "https://github.com/twitter/twitter-text."
)
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."


def create(world: World, request: Request, grant: XGrant) -> Response:
    body, author = create_body(request), world.x.users[grant.user_id]
    text, media_ids = checked_text(body, author), checked_media(world, body, author)
    if not trimmed(text) and not media_ids:
        raise invalid_request("One of `text` or `media` is required.", text=text)
    check_policy(world, text, body, author)
    if duplicate_of(world, author.id, text):
        raise forbidden(DUPLICATE)
    tweet = add_tweet(
        world,
        author,
        text,
        media_ids=media_ids,
        reply_to=str(body["reply"]["in_reply_to_tweet_id"]) if body.get("reply") else None,
        poll=body.get("poll"),
        reply_settings=body.get("reply_settings") or "everyone",
    )
    request.created = tweet.id
    return json_response({"data": tweet_json(world, tweet, set())}, 201)


def create_body(request: Request) -> dict:
    if not request.is_json:
        raise invalid_request("Content-Type must be application/json.")
    check_keys(request.json, CREATE_KEYS)
    for name, keys in WITHIN.items():
        if not isinstance(request.json.get(name) or {}, dict):
            raise invalid_request(f"$.{name}: must be an object", **{name: request.json[name]})
        check_keys(request.json.get(name) or {}, keys, f"{name}.")
    settings = request.json.get("reply_settings")
    if settings is not None and str(settings) not in REPLY_SETTINGS:
        raise invalid_request("$.reply_settings: is not known", reply_settings=settings)
    return request.json


def checked_text(body: dict, author: XUser) -> str:
    text = body.get("text", "")
    if not isinstance(text, str):
        raise invalid_request("$.text: must be a string", text=text)
    if any(mark in text for mark in FORBIDDEN):
        raise invalid_request("$.text: holds characters that are not allowed", text=text)
    if weigh(trimmed(text)) > author.max_length:
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
    if len(CASHTAG.findall(text)) > 1:
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
    expanded = includes(world, [tweet], request.query, request.origin)
    return json_response(body | ({"includes": expanded} if expanded else {}))
