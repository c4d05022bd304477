"""Tokens of Bluesky without a browser."""

from ..core.wire import Malformed
from ..core.world import World
from . import sessions
from .changes import account_of


def mint(world: World, given: dict, life: float | None) -> dict:
    account = account_of(world, given)
    scope = str(given.get("scope", sessions.APP))
    if scope not in (sessions.APP, sessions.MAIN):
        raise Malformed(f"scope is {sessions.APP} or {sessions.MAIN}")
    session = sessions.begin(world, account, scope, life)
    return {
        "access_token": session.access,
        "refresh_token": session.refresh,
        "scope": scope,
        "user": {"id": account.did, "username": account.handle, "name": account.name},
    }
