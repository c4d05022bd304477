"""What really exists at Mastodon, and changing it behind everybody's back."""

from ..core.network import Row
from ..core.network import row_of as plain_row
from ..core.wire import Malformed
from ..core.world import World
from . import store
from .changes import account_of
from .state import Media, Status, global_id, handle_of


def row_of(world: World, post: Status) -> Row:
    author = world.mastodon.accounts[post.author_id]
    return plain_row(
        "mastodon",
        global_id(world, post.id),
        handle_of(author),
        post.text,
        post.created_at,
        account_name=author.name,
        author=author.name,
        author_id=author.id,
        media=[media_row(world.mastodon.media[id]) for id in post.media],
        visible=store.is_visible(world, post),
        deleted=post.deleted_at is not None,
        edited=post.edited_at is not None,
        visibility=post.visibility,
        warning=post.warning,
        language=post.language,
        origin=post.origin,
        path=store.path_of(author, post),
    )


def media_row(media: Media) -> dict:
    shown = {"id": media.id, "type": media.type, "size": len(media.data), "alt_text": media.alt}
    return shown | {"path": f"/mastodon/media/{media.id}"}


def users(world: World) -> dict[str, list[dict]]:
    listed = [
        {"id": it.id, "username": handle_of(it), "name": it.name, "filler": it.filler}
        for it in world.mastodon.accounts.values()
    ]
    return {"mastodon": listed}


def add(world: World, given: dict, text: str, at: float | None) -> Row:
    author = account_of(world, {"user": given["account"]})
    return row_of(world, store.add(world, author, text, at, origin="control"))


def like(world: World, given: dict) -> dict:
    """{"like_status": id, "user"}"""
    id, account = str(given["like_status"]).partition("@")[0], account_of(world, given)
    if id not in world.mastodon.statuses:
        raise Malformed(f"only posts of Mastodon can be liked so, and {id!r} is none")
    store.like(world, account, id)
    return {"liked": id, "user": handle_of(account)}


POST_CHANGES = {"like_status": like}
