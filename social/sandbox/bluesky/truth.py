"""What really exists at Bluesky, and changing it behind everybody's back."""

from ..core.clock import iso_time
from ..core.network import Row
from ..core.wire import Malformed
from ..core.world import World
from . import store
from .changes import account_of
from .state import Record


def row_of(world: World, post: Record) -> Row:
    author = world.bluesky.accounts[post.author_id]
    return {
        "network": "bluesky",
        "account": author.handle,
        "account_name": author.name,
        "author": author.name,
        "author_id": author.did,
        "id": post.id,
        "text": post.text,
        "message": post.text,
        "record": post.value,
        "media": post.media,
        "link": post.card.get("uri"),
        "created_at": iso_time(post.created_at),
        "created_unix": post.created_at,
        "visible": store.is_visible(world, post),
        "deleted": post.deleted_at is not None,
        "published": True,
        "scheduled_at": None,
        "edited": post.edited,
        "origin": post.origin,
        "path": f"/bluesky/profile/{author.did}/post/{post.key}",
    }


def users(world: World) -> dict[str, list[dict]]:
    listed = [
        {"id": it.did, "username": it.handle, "name": it.name, "filler": it.filler}
        for it in world.bluesky.accounts.values()
    ]
    return {"bluesky": listed}


def add(world: World, given: dict, text: str, at: float | None) -> Row:
    author = account_of(world, {"user": given["account"]})
    return row_of(world, store.add(world, author, text, at, origin="control"))


def like(world: World, given: dict) -> dict:
    """{"like_post": at-URI, "user"}"""
    uri, account = str(given["like_post"]), account_of(world, given)
    if uri not in world.bluesky.posts:
        raise Malformed(f"only posts of Bluesky can be liked so, and {uri!r} is none")
    store.like(world, account, uri)
    return {"liked": uri, "user": account.handle}


def follow(world: World, given: dict) -> dict:
    """{"follow_account": handle, "user"}"""
    follower = account_of(world, given)
    followed = account_of(world, {"user": given["follow_account"]})
    store.follow(world, follower, followed)
    return {"user": follower.handle, "follows": followed.handle}


POST_CHANGES = {"like_post": like, "follow_account": follow}
