"""Writing to and reading from the make-believe X."""

from bisect import insort
from collections.abc import Iterator
from typing import Any

from ..core.world import World
from .state import Tweet, XUser
from .text import as_shown, duplicate_key

LONG = 280
REACH = 3_200  # how far back a timeline can be read


def add_tweet(
    world: World, author: XUser, sent: str, moment: float | None = None, **more: Any
) -> Tweet:
    """`moment` is for what is dated back; such posts are visible at once."""
    created = world.now() if moment is None else moment
    id = world.x.snowflake(world.now(), moment)
    visible = created if moment is not None else created + world.x.lag_ms / 1000
    tweet = Tweet(id, author.id, sent, "", created, visible, history=[id], **more)
    if moment is None:
        tweet.filtered_from = world.x.hidden.until(created, world.dice)
    write(world, tweet)
    world.x.tweets[id] = tweet
    insort(world.x.by_author.setdefault(author.id, []), id, key=int)  # may be dated back
    return tweet


def write(world: World, tweet: Tweet) -> None:
    """Store the text as X would show it; a long post keeps its full text in note_tweet."""

    def shorten(url: str) -> str:
        code = world.secret("t.co", "", 10)
        world.x.links[code] = url
        return f"https://t.co/{code}"

    stored = as_shown(tweet.sent, shorten, media_link(world, tweet))
    tweet.text, tweet.entities, tweet.note = stored.text, stored.entities, None
    tweet.key = duplicate_key(tweet.sent)
    if stored.weight > LONG:
        tweet.note = {"text": stored.text, "entities": stored.entities}
        head = as_shown(stored.plain[: LONG - 30].rstrip() + "…", shorten)
        tweet.text, tweet.entities = head.text, head.entities


def media_link(world: World, tweet: Tweet) -> dict | None:
    if not tweet.media_ids:
        return None
    author = world.x.users[tweet.author_id]
    kind = "video" if world.x.media[tweet.media_ids[0]].type.startswith("video/") else "photo"
    code = world.secret("t.co", "", 10)
    full = f"https://x.com/{author.username}/status/{tweet.id}/{kind}/1"
    world.x.links[code] = full
    return {
        "url": f"https://t.co/{code}",
        "expanded_url": full,
        "display_url": f"pic.x.com/{code}",
        "media_key": f"3_{tweet.media_ids[0]}",
    }


def edit_tweet(world: World, tweet: Tweet, text: str) -> Tweet:
    """An edit is a new post with a new id that takes the place of the old one."""
    newer = add_tweet(
        world,
        world.x.users[tweet.author_id],
        text,
        media_ids=tweet.media_ids,
        reply_to=tweet.reply_to,
        counts=tweet.counts,
        origin="control",
    )
    newer.created_at = tweet.created_at
    newer.history = [*tweet.history, newer.id]
    tweet.deleted_at = world.now()
    tweet.history = newer.history
    return newer


def follow(world: World, follower: XUser, followed: XUser) -> None:
    world.x.follows.setdefault(follower.id, []).append((world.x.order(), followed.id))


def like(world: World, user: XUser, tweet_id: str) -> None:
    world.x.likes.setdefault(user.id, []).append((world.x.order(), tweet_id))
    world.x.liked[tweet_id] += 1


def is_visible(world: World, tweet: Tweet) -> bool:
    return tweet.deleted_at is None and tweet.visible_from <= world.now()


def timeline(world: World, author_id: str) -> Iterator[Tweet]:
    """Newest first, at most what X lets a client reach."""
    seen = 0
    for id in reversed(world.x.by_author.get(author_id, [])):
        tweet = world.x.tweets[id]
        if is_visible(world, tweet):
            seen += 1
            yield tweet
            if seen >= REACH:
                return


def duplicate_of(world: World, author_id: str, text: str) -> Tweet | None:
    """The author's standing post with the same words in the window, visible in lists or not."""
    window, key = world.x.duplicate_window_s, duplicate_key(text)
    if not window or not key:
        return None
    oldest = world.now() - window
    for id in reversed(world.x.by_author.get(author_id, [])):
        tweet = world.x.tweets[id]
        if tweet.created_at < oldest:
            return None
        if tweet.key == key and tweet.deleted_at is None:
            return tweet
    return None
