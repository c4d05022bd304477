"""Tokens without a browser, for tests and machines."""

from . import facebook_tokens, x_oauth
from .states import a_page, facebook_user, x_user
from .wire import Malformed
from .world import World

X_SCOPES = {"tweet.read", "tweet.write", "users.read", "offline.access", "like.read"}
X_SCOPES |= {"follows.read", "media.write"}
FACEBOOK_SCOPES = {"pages_show_list", "pages_read_engagement", "pages_manage_posts"}


def mint(world: World, given: dict) -> dict:
    life = given.get("expires_in")
    if isinstance(life, bool) or not isinstance(life, int | float | None):
        raise Malformed("expires_in is a number of seconds")
    if "users" in given:  # many at once
        one = {name: value for name, value in given.items() if name != "users"}
        return {"tokens": [mint(world, one | {"user": user}) for user in given["users"]]}
    if given["network"] == "x":
        return mint_x(world, given, life)
    if given["network"] == "facebook":
        return mint_facebook(world, given, life)
    raise Malformed("network is x or facebook")


def scopes_of(given: dict, usual: set[str]) -> set[str]:
    scopes = given.get("scopes", sorted(usual))
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise Malformed("scopes is a list of names")
    return set(scopes)


def mint_x(world: World, given: dict, life: float | None) -> dict:
    if given.get("kind") == "app":
        return x_oauth.token_body(world, x_oauth.mint(world, None, frozenset()))
    user, scopes = x_user(world, given), frozenset(scopes_of(given, X_SCOPES))
    life = x_oauth.ACCESS_LIFE if life is None else life
    access, refresh = str(given.get("access_token", "")), str(given.get("refresh_token", ""))
    if access in world.x.grants:
        raise Malformed("this access_token exists already")
    grant = x_oauth.mint(world, user.id, scopes, life, access, refresh)
    whose = {"user": {"id": user.id, "username": user.username, "name": user.name}}
    return x_oauth.token_body(world, grant) | whose


def mint_facebook(world: World, given: dict, life: float | None) -> dict:
    """A user token (long-lived unless said otherwise) and the tokens of the ticked Pages."""
    user, scopes = facebook_user(world, given), scopes_of(given, FACEBOOK_SCOPES)
    mine = [page for page in world.facebook.pages.values() if user.id in page.tasks]
    if "pages" in given:
        mine = [a_page(world, {"page": page}) for page in given["pages"]]
    facebook_tokens.allow(world, user.id, scopes, set(), {page.id for page in mine})
    token = facebook_tokens.user_token(
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
            "access_token": facebook_tokens.page_token(world, token, page.id).value,
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
