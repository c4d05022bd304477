"""State faults: changes of the world itself that stay until they are changed back."""

from collections.abc import Callable

from . import facebook_tokens, x_oauth
from .records import FacebookUser, Page, XUser
from .wire import Malformed
from .world import Hiding, World


def change(world: World, given: dict) -> dict:
    name = given["do"]
    if name not in CHANGES:
        raise Malformed(f"no state fault {name!r}; there are {', '.join(CHANGES)}")
    return {"do": name, **(CHANGES[name](world, given) or {}), "state": current(world)}


def current(world: World) -> dict:
    return {
        "visibility_lag_ms": {"x": world.x.lag_ms, "facebook": world.facebook.lag_ms},
        "duplicate_window_s": {
            "x": world.x.duplicate_window_s,
            "facebook": world.facebook.duplicate_window_s,
        },
        "credits": world.x.credits,
        "require_proof": world.facebook.require_proof,
        "suspended": [user.username for user in world.x.users.values() if user.suspended],
        "checkpoint": [user.id for user in world.facebook.users.values() if user.checkpoint],
    }


def x_user(world: World, given: dict) -> XUser:
    user = world.x.user_named(str(given["user"]))
    if user is None:
        raise Malformed(f"X has no user {given['user']!r}")
    return user


def facebook_user(world: World, given: dict) -> FacebookUser:
    user = world.facebook.user_named(str(given["user"]))
    if user is None:
        raise Malformed(f"Facebook has no user {given['user']!r}")
    return user


def a_page(world: World, given: dict) -> Page:
    page = world.facebook.page_named(str(given["page"]))
    if page is None:
        raise Malformed(f"Facebook has no Page {given['page']!r}")
    return page


def networks(given: dict) -> list[str]:
    name = given.get("network")
    if name not in (None, "x", "facebook"):
        raise Malformed("network is x or facebook")
    return [name] if name else ["x", "facebook"]


def expire_access(world: World, given: dict) -> dict:
    """By token, or by user (on one network or both), or of everybody."""
    now, hit = world.now(), 0
    for grant in world.x.grants.values() if "x" in networks(given) else ():
        if belongs(grant.access, grant.user_id, given, world.x.user_named):
            grant.expires_at, hit = min(grant.expires_at, now), hit + 1
    for token in world.facebook.tokens.values() if "facebook" in networks(given) else ():
        if belongs(token.value, token.user_id, given, world.facebook.user_named):
            token.expires_at, hit = now, hit + 1
    return {"expired": hit}


def belongs(token: str, user_id: str | None, given: dict, named: Callable) -> bool:
    if "token" in given:
        return token == given["token"]
    if "user" in given:
        user = named(str(given["user"]))
        return user is not None and user.id == user_id
    return True


def revoke(world: World, given: dict) -> dict:
    """The person removes the app at the network."""
    hit = 0
    if "x" in networks(given) and (found := world.x.user_named(str(given["user"]))):
        hit += x_oauth.revoke_all(world, found.id)
    if "facebook" in networks(given) and (who := world.facebook.user_named(str(given["user"]))):
        hit += facebook_tokens.kill_all(world, who.id, 458)
        world.facebook.grants.pop((world.clients.facebook.id, who.id), None)
    return {"revoked": hit}


def kill_refresh(world: World, given: dict) -> dict:
    user, hit = x_user(world, given), 0
    for grant in world.x.grants.values():
        if grant.user_id == user.id and not grant.refresh_spent:
            grant.refresh_spent, hit = True, hit + 1
    return {"killed": hit}


def password_change(world: World, given: dict) -> dict:
    return {"killed": facebook_tokens.kill_all(world, facebook_user(world, given).id, 460)}


def checkpoint(world: World, given: dict) -> None:
    facebook_user(world, given).checkpoint = bool(given.get("on", True))


def remove_role(world: World, given: dict) -> dict:
    page, user = a_page(world, given), facebook_user(world, given)
    return {"removed": page.tasks.pop(user.id, None) is not None}


def give_role(world: World, given: dict) -> None:
    tasks = given.get("tasks", ["ANALYZE", "CREATE_CONTENT", "MODERATE"])
    if not isinstance(tasks, list):
        raise Malformed("tasks is a list")
    a_page(world, given).tasks[facebook_user(world, given).id] = [str(task) for task in tasks]


def suspend(world: World, given: dict) -> None:
    x_user(world, given).suspended = bool(given.get("on", True))


def set_credits(world: World, given: dict) -> None:
    """A number of calls left, or null for not counted."""
    left = given["credits"]
    if left is not None and type(left) is not int:
        raise Malformed("credits is a whole number, or null")
    world.x.credits = left


def bucket(world: World, given: dict) -> None:
    limit, window = given["limit"], given.get("window")
    if type(limit) is not int or limit < 0 or type(window) not in (int, type(None)):
        raise Malformed("limit and window are whole numbers")
    who = given.get("who", "user")
    if who not in ("user", "app"):
        raise Malformed("who is user or app")
    world.limits.override(given["endpoint"], limit, window, who)


def duplicates(world: World, given: dict) -> None:
    """{"on": false}, {"on": true} or {"window_s": 60}."""
    window = given.get("window_s", 86400 if given.get("on", True) else 0)
    if isinstance(window, bool) or not isinstance(window, int | float) or window < 0:
        raise Malformed("window_s is a number, 0 or more")
    for name in networks(given):
        getattr(world, name).duplicate_window_s = window


def visibility_lag(world: World, given: dict) -> None:
    """Of posts made from now on; those already there stay as they are."""
    lag = given["ms"]
    if isinstance(lag, bool) or not isinstance(lag, int | float) or lag < 0:
        raise Malformed("ms is a number, 0 or more")
    for name in networks(given):
        getattr(world, name).lag_ms = lag


def hide(world: World, given: dict) -> None:
    """From questions with a date (`since`, `start_time`), {"share": 0.1} of the posts made from now
    on, for {"seconds": 60}, or without that for ever."""
    share, seconds = given.get("share", 1), given.get("seconds")
    numbers = (share, seconds or 0)
    if any(isinstance(it, bool) or not isinstance(it, int | float) or it < 0 for it in numbers):
        raise Malformed("share and seconds are numbers, 0 or more")
    for name in networks(given):
        getattr(world, name).hidden = Hiding(share, seconds)


def public_content(world: World, given: dict) -> None:
    """Whether our app may read the posts of all Pages, or only of those that it is allowed to."""
    world.facebook.public_content = bool(given.get("on", True))


def unlist(world: World, given: dict) -> None:
    """/me/accounts leaves this Page out, as those of a Business Portfolio; {"on": false}: no
    more."""
    page, unlisted = a_page(world, given), world.facebook.unlisted
    (unlisted.add if given.get("on", True) else unlisted.discard)(page.id)


def leave_out(world: World, given: dict) -> None:
    """Lists whose reactions, comments or shares are asked for leave posts out without a word."""
    world.facebook.leaves_out = bool(given.get("on", True))


def permalinks(world: World, given: dict) -> None:
    """How links of posts on Pages are written: {"as": "id"}, posts, story or pfbid."""
    if given["as"] not in ("id", "posts", "story", "pfbid"):
        raise Malformed("as is id, posts, story or pfbid")
    world.facebook.permalinks = given["as"]


def media_processing(world: World, given: dict) -> None:
    """X takes so many seconds over each picture, or fails at it: {"seconds": 2} or {"fails": 1}."""
    seconds = given.get("seconds", 1)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise Malformed("seconds is a number, 0 or more")
    world.x.picture_processing_s = seconds
    world.x.processing_fails = bool(given.get("fails", False))


def words(world: World, given: dict) -> None:
    """X speaks of tweets, or of posts: {"words": "old"} or "new". With "strict" it refuses
    parameters that it does not know, instead of passing them over."""
    if given.get("words", "old") not in ("old", "new"):
        raise Malformed("words is old or new")
    world.x.words = given.get("words", "old")
    world.x.refuses_unknown = bool(given.get("strict", False))


def forget_marks(world: World, given: dict) -> None:
    """The marks of pages that were given out until now are not known any more."""
    for name in networks(given):
        getattr(world, name).marks += 1


def drop_scope(world: World, given: dict) -> dict:
    scope, hit = str(given["scope"]), 0
    for grant in world.x.grants.values() if "x" in networks(given) else ():
        mine = belongs(grant.access, grant.user_id, given, world.x.user_named)
        if mine and scope in grant.scopes:
            grant.scopes, hit = grant.scopes - {scope}, hit + 1
    for grant in world.facebook.grants.values() if "facebook" in networks(given) else ():
        mine = belongs("", grant.user_id, given, world.facebook.user_named)
        if mine and scope in grant.scopes:
            grant.scopes.discard(scope)
            grant.declined.add(scope)
            hit += 1
    return {"dropped": hit}


def require_proof(world: World, given: dict) -> None:
    world.facebook.require_proof = bool(given.get("on", True))


CHANGES: dict[str, Callable[[World, dict], dict | None]] = {
    "expire_access": expire_access,
    "revoke": revoke,
    "kill_refresh": kill_refresh,
    "password_change": password_change,
    "checkpoint": checkpoint,
    "remove_role": remove_role,
    "give_role": give_role,
    "suspend": suspend,
    "credits": set_credits,
    "bucket": bucket,
    "duplicates": duplicates,
    "visibility_lag": visibility_lag,
    "hide": hide,
    "public_content": public_content,
    "permalinks": permalinks,
    "unlist": unlist,
    "leave_out": leave_out,
    "forget_marks": forget_marks,
    "words": words,
    "drop_scope": drop_scope,
    "media_processing": media_processing,
    "require_proof": require_proof,
}
