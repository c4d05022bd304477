"""Tokens of X without a browser."""

from ..core.minting import scopes_of
from ..core.wire import Malformed
from ..core.world import World
from . import oauth
from .changes import user_of

SCOPES = {"tweet.read", "tweet.write", "users.read", "offline.access", "like.read"}
SCOPES |= {"follows.read", "media.write"}


def mint(world: World, given: dict, life: float | None) -> dict:
    if given.get("kind") == "app":
        return oauth.token_body(world, oauth.mint(world, None, frozenset()))
    user, scopes = user_of(world, given), frozenset(scopes_of(given, SCOPES))
    life = oauth.ACCESS_LIFE if life is None else life
    access, refresh = str(given.get("access_token", "")), str(given.get("refresh_token", ""))
    if access in world.x.grants:
        raise Malformed("this access_token exists already")
    grant = oauth.mint(world, user.id, scopes, life, access, refresh)
    whose = {"user": {"id": user.id, "username": user.username, "name": user.name}}
    return oauth.token_body(world, grant) | whose
