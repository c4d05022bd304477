"""What can be changed of the make-believe Bluesky, until it is changed back."""

from ..core.network import Change
from ..core.states import belongs, number
from ..core.wire import Malformed
from ..core.world import World
from .oauth import register
from .sessions import end_all
from .state import PICTURE_LIMIT, Account


def account_of(world: World, given: dict) -> Account:
    account = world.bluesky.account_named(str(given["user"]))
    if account is None:
        raise Malformed(f"Bluesky has no account {given['user']!r}")
    return account


def current(world: World) -> dict:
    state = world.bluesky
    inactive = {it.handle: it.status for it in state.accounts.values() if it.status}
    return {
        "inactive": inactive,
        "appview": state.has_appview,
        "picture_limit": state.picture_limit,
    }


def expire_access(world: World, given: dict) -> int:
    now, hit = world.now(), 0
    for session in world.bluesky.sessions.values():
        if belongs(session.access, session.account_id, given, world.bluesky.account_named):
            session.access_ends, hit = min(session.access_ends, now), hit + 1
    return hit


def revoke(world: World, given: dict) -> int:
    """Their app password is revoked."""
    account = world.bluesky.account_named(str(given["user"]))
    return end_all(world, account.did) if account else 0


def drop_scope(world: World, given: dict) -> int:
    """An app password may do what it may; there is nothing to take away from it."""
    return 0


def take_down(world: World, given: dict) -> None:
    account_of(world, given).status = "takendown" if given.get("on", True) else ""


def deactivate(world: World, given: dict) -> None:
    """As an account is that has moved to another server."""
    account_of(world, given).status = "deactivated" if given.get("on", True) else ""


def rename(world: World, given: dict) -> None:
    """{"user", "handle"}: tokens, posts and the DID stay."""
    account_of(world, given).handle = str(given["handle"]).lower()


def ask_code(world: World, given: dict) -> None:
    """Whether a sign-in with the main password takes a code from a mail."""
    account_of(world, given).needs_code = bool(given.get("on", True))


def appview(world: World, given: dict) -> None:
    """{"on": false}: a server that knows none."""
    world.bluesky.has_appview = bool(given.get("on", True))


def picture_limit(world: World, given: dict) -> None:
    world.bluesky.picture_limit = int(number(given, "bytes", PICTURE_LIMIT))


def drop_blobs(world: World, given: dict) -> dict:
    """The pictures that no post has named are forgotten."""
    named = {
        (post.author_id, it["id"]) for post in world.bluesky.posts.values() for it in post.media
    }
    loose = [key for key in world.bluesky.blobs if key not in named]
    for key in loose:
        del world.bluesky.blobs[key]
    return {"dropped": len(loose)}


CHANGES: dict[str, Change] = {
    "oauth_app": register,
    "take_down": take_down,
    "deactivate": deactivate,
    "rename": rename,
    "ask_code": ask_code,
    "appview": appview,
    "picture_limit": picture_limit,
    "drop_blobs": drop_blobs,
}
