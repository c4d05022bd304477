"""What can be changed of the make-believe Facebook, until it is changed back."""

from ..core.network import Change
from ..core.states import belongs
from ..core.wire import Malformed
from ..core.world import World
from .oauth import kill_all
from .state import FacebookUser, Page


def user_of(world: World, given: dict) -> FacebookUser:
    user = world.facebook.user_named(str(given["user"]))
    if user is None:
        raise Malformed(f"Facebook has no user {given['user']!r}")
    return user


def page_of(world: World, given: dict) -> Page:
    page = world.facebook.page_named(str(given["page"]))
    if page is None:
        raise Malformed(f"Facebook has no Page {given['page']!r}")
    return page


def current(world: World) -> dict:
    checkpoint = [user.id for user in world.facebook.users.values() if user.checkpoint]
    return {"require_proof": world.facebook.require_proof, "checkpoint": checkpoint}


def expire_access(world: World, given: dict) -> int:
    now, hit = world.now(), 0
    for token in world.facebook.tokens.values():
        if belongs(token.value, token.user_id, given, world.facebook.user_named):
            token.expires_at, hit = now, hit + 1
    return hit


def revoke(world: World, given: dict) -> int:
    user = world.facebook.user_named(str(given["user"]))
    if user is None:
        return 0
    world.facebook.grants.pop((world.clients["facebook"].id, user.id), None)
    return kill_all(world, user.id, 458)


def drop_scope(world: World, given: dict) -> int:
    scope, hit = str(given["scope"]), 0
    for grant in world.facebook.grants.values():
        is_meant = belongs("", grant.user_id, given, world.facebook.user_named)
        if is_meant and scope in grant.scopes:
            grant.scopes.discard(scope)
            grant.declined.add(scope)
            hit += 1
    return hit


def password_change(world: World, given: dict) -> dict:
    return {"killed": kill_all(world, user_of(world, given).id, 460)}


def checkpoint(world: World, given: dict) -> None:
    user_of(world, given).checkpoint = bool(given.get("on", True))


def remove_role(world: World, given: dict) -> dict:
    page, user = page_of(world, given), user_of(world, given)
    return {"removed": page.tasks.pop(user.id, None) is not None}


def give_role(world: World, given: dict) -> None:
    tasks = given.get("tasks", ["ANALYZE", "CREATE_CONTENT", "MODERATE"])
    if not isinstance(tasks, list):
        raise Malformed("tasks is a list")
    page_of(world, given).tasks[user_of(world, given).id] = [str(task) for task in tasks]


def public_content(world: World, given: dict) -> None:
    """Whether our app may read the posts of all Pages, or only of those that it is allowed to."""
    world.facebook.public_content = bool(given.get("on", True))


def unlist(world: World, given: dict) -> None:
    """/me/accounts leaves this Page out, as those of a Business Portfolio; {"on": false}: no
    more."""
    page, unlisted = page_of(world, given), world.facebook.unlisted
    (unlisted.add if given.get("on", True) else unlisted.discard)(page.id)


def leave_out(world: World, given: dict) -> None:
    """Lists whose reactions, comments or shares are asked for leave posts out without a word."""
    world.facebook.leaves_out = bool(given.get("on", True))


def permalinks(world: World, given: dict) -> None:
    """How links of posts on Pages are written: {"as": "id"}, posts, story or pfbid."""
    if given["as"] not in ("id", "posts", "story", "pfbid"):
        raise Malformed("as is id, posts, story or pfbid")
    world.facebook.permalinks = given["as"]


def require_proof(world: World, given: dict) -> None:
    world.facebook.require_proof = bool(given.get("on", True))


CHANGES: dict[str, Change] = {
    "password_change": password_change,
    "checkpoint": checkpoint,
    "remove_role": remove_role,
    "give_role": give_role,
    "public_content": public_content,
    "permalinks": permalinks,
    "unlist": unlist,
    "leave_out": leave_out,
    "require_proof": require_proof,
}
