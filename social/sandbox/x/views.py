"""Tweets and users as JSON: only what was asked for, and nothing that has no value."""

from ..core.clock import iso_time
from ..core.world import World
from .state import Tweet, XMedia, XUser

COUNTS = ("retweet", "reply", "quote", "bookmark", "impression")
USER_FIELDS = set(
    "id name username created_at description entities location pinned_tweet_id profile_image_url "
    "protected public_metrics url verified verified_type withheld most_recent_tweet_id affiliation "
    "connection_status is_identity_verified parody profile_banner_url receives_your_dm "
    "subscription subscription_type verified_followers_count confirmed_email".split()
)
TWEET_FIELDS = set(
    "id text attachments author_id card_uri community_id context_annotations conversation_id "
    "created_at display_text_range edit_controls edit_history_tweet_ids entities geo "
    "in_reply_to_user_id lang media_metadata non_public_metrics note_tweet organic_metrics "
    "possibly_sensitive promoted_metrics public_metrics referenced_tweets reply_settings scopes "
    "source suggested_source_links withheld article".split()
)
MEDIA_FIELDS = set(
    "media_key type url alt_text duration_ms height width preview_image_url public_metrics "
    "variants non_public_metrics organic_metrics promoted_metrics".split()
)
EXPANSIONS = set(
    "author_id attachments.media_keys attachments.poll_ids referenced_tweets.id "
    "referenced_tweets.id.author_id in_reply_to_user_id edit_history_tweet_ids "
    "entities.mentions.username geo.place_id pinned_tweet_id most_recent_tweet_id".split()
)
ALLOWED = {
    "tweet.fields": TWEET_FIELDS,
    "user.fields": USER_FIELDS,
    "media.fields": MEDIA_FIELDS,
    "expansions": EXPANSIONS,
}


def listed(query: dict[str, str], name: str) -> set[str]:
    """A comma-separated parameter, as far as X knows what it names."""
    values = {value for value in query.get(name, "").split(",") if value}
    return values & ALLOWED.get(name, values)


def user_json(world: World, user: XUser, fields: set[str], origin: str) -> dict:
    full = {
        "id": user.id,
        "name": user.name,
        "username": user.username,
        "created_at": iso_time(user.created_at),
        "description": user.description or None,
        "profile_image_url": f"{origin}/x/avatars/{user.id}.svg",
        "protected": False,
        "verified": user.max_length > 280,
        "verified_type": "blue" if user.max_length > 280 else "none",
        "public_metrics": user_metrics(world, user) if "public_metrics" in fields else None,
    }
    wanted = fields | {"id", "name", "username"}
    return {k: v for k, v in full.items() if k in wanted and v is not None}


def user_metrics(world: World, user: XUser) -> dict:
    followers = sum(
        any(id == user.id for _, id in followed) for followed in world.x.follows.values()
    )
    return {
        "followers_count": followers,
        "following_count": len(world.x.follows.get(user.id, [])),
        "tweet_count": len(world.x.by_author.get(user.id, [])),
        "listed_count": 0,
        "like_count": len(world.x.likes.get(user.id, [])),
    }


def tweet_json(world: World, tweet: Tweet, fields: set[str]) -> dict:
    replied = world.x.tweets.get(tweet.reply_to or "")
    full = {
        "id": tweet.id,
        "text": tweet.text,
        "edit_history_tweet_ids": tweet.history,
        "author_id": tweet.author_id,
        "created_at": iso_time(tweet.created_at),
        "entities": tweet.entities or None,
        "note_tweet": tweet.note,
        "conversation_id": tweet.reply_to or tweet.id,
        "lang": "en",
        "possibly_sensitive": False,
        "reply_settings": tweet.reply_settings,
        "in_reply_to_user_id": replied.author_id if replied else None,
        "public_metrics": tweet_metrics(world, tweet) if "public_metrics" in fields else None,
    }
    if tweet.reply_to:
        full["referenced_tweets"] = [{"type": "replied_to", "id": tweet.reply_to}]
    if tweet.media_ids:
        full["attachments"] = {"media_keys": [f"3_{id}" for id in tweet.media_ids]}
    wanted = fields | {"id", "text"}
    wanted |= {"edit_history_tweet_ids"} if world.x.words == "old" else set()  # or an expansion
    return {k: v for k, v in full.items() if k in wanted and v is not None}


def tweet_metrics(world: World, tweet: Tweet) -> dict:
    shown = {f"{name}_count": tweet.counts.get(name, 0) for name in COUNTS}
    return shown | {"like_count": world.x.liked[tweet.id] + tweet.counts.get("like", 0)}


def includes(world: World, tweets: list[Tweet], query: dict[str, str], origin: str) -> dict:
    expansions = listed(query, "expansions")
    found: dict[str, list[dict]] = {}
    if "author_id" in expansions:
        authors = {tweet.author_id: world.x.users[tweet.author_id] for tweet in tweets}
        fields = listed(query, "user.fields")
        found["users"] = [user_json(world, user, fields, origin) for user in authors.values()]
    if "attachments.media_keys" in expansions:
        media = [world.x.media[id] for tweet in tweets for id in tweet.media_ids]
        fields = listed(query, "media.fields")
        found["media"] = [media_json(item, fields, origin) for item in media]
    return {name: items for name, items in found.items() if items}


def media_json(media: XMedia, fields: set[str], origin: str) -> dict:
    kind = {"image/gif": "animated_gif"}.get(media.type, "photo")
    kind = "video" if media.type.startswith("video/") else kind
    full = {
        "media_key": f"3_{media.id}",
        "type": kind,
        "url": f"{origin}/x/media/{media.id}" if kind == "photo" else None,
        "alt_text": media.alt_text or None,
    }
    wanted = fields | {"media_key", "type"}
    return {k: v for k, v in full.items() if k in wanted and v is not None}
