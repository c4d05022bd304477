"""Tokens of Facebook without a browser."""

from ..core.minting import scopes_of
from ..core.world import World
from . import oauth
from .changes import page_of, user_of

SCOPES = {"pages_show_list", "pages_read_engagement", "pages_manage_posts"}


def mint(world: World, given: dict, life: float | None) -> dict:
    """A user token (long-lived unless said otherwise) and the tokens of the ticked Pages."""
    user, scopes = user_of(world, given), scopes_of(given, SCOPES)
    mine = [page for page in world.facebook.pages.values() if user.id in page.tasks]
    if "pages" in given:
        mine = [page_of(world, {"page": page}) for page in given["pages"]]
    oauth.allow(world, user.id, scopes, set(), {page.id for page in mine})
    token = oauth.user_token(
        world,
        user.id,
        long=bool(given.get("long", True)),
        expires_in=life,
        value=str(given.get("access_token", "")),
    )
    pages = [
        {
            "id": page.id,
            "name": page.name,
            "tasks": page.tasks.get(user.id, []),
            "access_token": oauth.page_token(world, token, page.id).value,
        }
        for page in mine
    ]
    return {
        "access_token": token.value,
        "token_type": "bearer",
        "expires_in": round(token.expires_at - world.now()),
        "scopes": sorted(scopes),
        "user": {"id": user.id, "name": user.name},
        "pages": pages,
    }
