"""Tokens of Mastodon without a browser."""

from ..core.minting import scopes_of
from ..core.world import World
from . import oauth
from .changes import account_of
from .state import handle_of


def mint(world: World, given: dict, life: float | None) -> dict:
    account = account_of(world, given)
    scopes = frozenset(scopes_of(given, set(oauth.SCOPES)))
    app = oauth.new_app(world, [], scopes)
    made = oauth.mint(world, account.id, scopes, app.id)
    return {
        "client_id": app.id,
        "client_secret": app.secret,
        "access_token": made.value,
        "scope": " ".join(sorted(made.scopes)),
        "user": {"id": account.id, "username": handle_of(account), "name": account.name},
    }
