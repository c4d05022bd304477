"""What can be changed of the make-believe Mastodon, until it is changed back."""

from ..core.network import Change
from ..core.states import belongs, number
from ..core.wire import Malformed
from ..core.world import World
from .state import SOFTWARE, Account


def account_of(world: World, given: dict) -> Account:
    account = world.mastodon.account_named(str(given["user"]))
    if account is None:
        raise Malformed(f"Mastodon has no account {given['user']!r}")
    return account


def current(world: World) -> dict:
    state = world.mastodon
    return {
        "server_software": state.software.name,
        "keys": {"late_s": state.keys_late_s, "kept_s": state.keys_kept_s},
        "repeat_fails": state.repeat_fails,
        "silent_drop": state.drops_silently,
    }


def revoke(world: World, given: dict) -> int:
    hit = 0
    for token in world.mastodon.tokens.values():
        mine = belongs(token.value, token.account_id, given, world.mastodon.account_named)
        if mine and not token.revoked:
            token.revoked, hit = True, hit + 1
    return hit


def drop_scope(world: World, given: dict) -> int:
    """{"user", "scope"}"""
    scope, hit = str(given["scope"]), 0
    for token in world.mastodon.tokens.values():
        mine = belongs(token.value, token.account_id, given, world.mastodon.account_named)
        if mine and scope in token.scopes:
            token.scopes, hit = token.scopes - {scope}, hit + 1
    return hit


def software(world: World, given: dict) -> None:
    """{"name"}: as GoToSocial or Pixelfed, which keep no keys, and have other limits."""
    if given["name"] not in SOFTWARE:
        raise Malformed(f"name is one of {', '.join(SOFTWARE)}")
    world.mastodon.software = SOFTWARE[given["name"]]


def keys(world: World, given: dict) -> None:
    """{"late_s"}: known only after so long, so that two at once make two posts, as before February
    2026; {"kept_s"}: forgotten after so long, 0 at once, as after a crash."""
    world.mastodon.keys_late_s = number(given, "late_s", 0)
    world.mastodon.keys_kept_s = number(given, "kept_s", 3_600)


def repeat_fails(world: World, given: dict) -> None:
    """A repeat is a 500, and the post is there (mastodon/mastodon#40399)."""
    world.mastodon.repeat_fails = bool(given.get("on", True))


def silent_drop(world: World, given: dict) -> None:
    world.mastodon.drops_silently = bool(given.get("on", True))


def slow_media(world: World, given: dict) -> None:
    """{"seconds"}: until a picture is ready; {"fails": true}: it never is."""
    world.mastodon.media_takes_s = number(given, "seconds", 0)
    world.mastodon.media_fails = bool(given.get("fails", False))


def disable(world: World, given: dict) -> None:
    """{"user", "status": "disabled" or "pending" or ""}"""
    account_of(world, given).status = str(given.get("status", "disabled"))


CHANGES: dict[str, Change] = {
    "server_software": software,
    "keys": keys,
    "repeat_fails": repeat_fails,
    "silent_drop": silent_drop,
    "slow_media": slow_media,
    "disable": disable,
}
