"""What can be changed of the make-believe X, until it is changed back."""

from ..core.network import Change
from ..core.states import belongs, number
from ..core.wire import Malformed
from ..core.world import World
from .oauth import revoke_all
from .state import XUser


def user_of(world: World, given: dict) -> XUser:
    user = world.x.user_named(str(given["user"]))
    if user is None:
        raise Malformed(f"X has no user {given['user']!r}")
    return user


def current(world: World) -> dict:
    suspended = [user.username for user in world.x.users.values() if user.suspended]
    return {"credits": world.x.credits, "suspended": suspended}


def expire_access(world: World, given: dict) -> int:
    now, hit = world.now(), 0
    for grant in world.x.grants.values():
        if belongs(grant.access, grant.user_id, given, world.x.user_named):
            grant.expires_at, hit = min(grant.expires_at, now), hit + 1
    return hit


def revoke(world: World, given: dict) -> int:
    user = world.x.user_named(str(given["user"]))
    return revoke_all(world, user.id) if user else 0


def drop_scope(world: World, given: dict) -> int:
    scope, hit = str(given["scope"]), 0
    for grant in world.x.grants.values():
        is_meant = belongs(grant.access, grant.user_id, given, world.x.user_named)
        if is_meant and scope in grant.scopes:
            grant.scopes, hit = grant.scopes - {scope}, hit + 1
    return hit


def kill_refresh(world: World, given: dict) -> dict:
    user, hit = user_of(world, given), 0
    for grant in world.x.grants.values():
        if grant.user_id == user.id and not grant.refresh_spent:
            grant.refresh_spent, hit = True, hit + 1
    return {"killed": hit}


def suspend(world: World, given: dict) -> None:
    user_of(world, given).suspended = bool(given.get("on", True))


def set_credits(world: World, given: dict) -> None:
    """A number of calls left, or null for not counted."""
    left = given["credits"]
    if left is not None and type(left) is not int:
        raise Malformed("credits is a whole number, or null")
    world.x.credits = left


def media_processing(world: World, given: dict) -> None:
    """X takes so many seconds over each picture, or fails at it: {"seconds": 2} or {"fails": 1}."""
    world.x.picture_processing_s = number(given, "seconds", 1)
    world.x.processing_fails = bool(given.get("fails", False))


def words(world: World, given: dict) -> None:
    """X speaks of tweets, or of posts: {"words": "old"} or "new". With "strict" it refuses
    parameters that it does not know, instead of passing them over."""
    if given.get("words", "old") not in ("old", "new"):
        raise Malformed("words is old or new")
    world.x.words = given.get("words", "old")
    world.x.refuses_unknown = bool(given.get("strict", False))


CHANGES: dict[str, Change] = {
    "kill_refresh": kill_refresh,
    "suspend": suspend,
    "credits": set_credits,
    "media_processing": media_processing,
    "words": words,
}
