"""What really exists at X, and changing it behind everybody's back."""

from ..core import network as core
from ..core.network import Row
from ..core.wire import Malformed
from ..core.world import World
from . import store
from .changes import user_of
from .state import Tweet
from .text import expanded


def row_of(world: World, tweet: Tweet) -> Row:
    author = world.x.users[tweet.author_id]
    full = tweet.note or {"text": tweet.text, "entities": tweet.entities}
    return core.row_of(
        "x",
        tweet.id,
        author.username,
        tweet.sent,
        tweet.created_at,
        account_name=author.name,
        author=author.name,
        author_id=author.id,
        message=expanded(full["text"], full["entities"]),
        stored_text=tweet.text,
        media=[media_truth(world, id) for id in tweet.media_ids],
        visible=store.is_visible(world, tweet),
        deleted=tweet.deleted_at is not None,
        edit_history=tweet.history,
        reply_to=tweet.reply_to,
        origin=tweet.origin,
        path=f"/x/{author.username}/status/{tweet.id}",
    )


def media_truth(world: World, id: str) -> dict:
    media = world.x.media[id]
    shown = {"id": id, "type": media.type, "size": len(media.data), "alt_text": media.alt_text}
    return shown | {"path": f"/x/media/{id}"}


def users(world: World) -> dict[str, list[dict]]:
    listed = [
        {
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "max_length": user.max_length,
            "filler": user.filler,
            "suspended": user.suspended,
        }
        for user in world.x.users.values()
    ]
    return {"x": listed}


def add(world: World, given: dict, text: str, at: float | None) -> Row:
    author = user_of(world, {"user": given["account"]})
    return row_of(world, store.add_tweet(world, author, text, at, origin="control"))


def like(world: World, given: dict) -> dict:
    """{"like": id, "user"}"""
    id, user = str(given["like"]), user_of(world, given)
    if id not in world.x.tweets:
        raise Malformed(f"only tweets can be liked here, and {id!r} is none")
    store.like(world, user, id)
    return {"liked": id, "user": user.username}


def follow(world: World, given: dict) -> dict:
    """{"follow": handle, "user"}"""
    follower, followed = user_of(world, given), user_of(world, {"user": given["follow"]})
    store.follow(world, follower, followed)
    return {"user": follower.username, "follows": followed.username}


POST_CHANGES = {"like": like, "follow": follow}
