"""State faults: changes of the world itself that stay until they are changed back. What only one
network has is in its `changes`."""

from collections.abc import Callable, Iterator

from .network import Change, Network
from .state import Hiding
from .wire import Malformed
from .world import World


def change(world: World, given: dict) -> dict:
    known = changes(world)
    name = given["do"]
    if name not in known:
        raise Malformed(f"no state fault {name!r}; there are {', '.join(known)}")
    return {"do": name, **(known[name](world, given) or {}), "state": current(world)}


def changes(world: World) -> dict[str, Change]:
    known = dict(CHANGES)
    for network in world.networks.values():
        known |= network.changes
    return known


def current(world: World) -> dict:
    shown = {
        "visibility_lag_ms": {name: state.lag_ms for name, state in world.states.items()},
        "duplicate_window_s": {
            name: state.duplicate_window_s for name, state in world.states.items()
        },
    }
    for network in world.networks.values():
        shown |= network.current(world)
    return shown


def wanted(world: World, given: dict) -> Iterator[Network]:
    """The networks that are meant: the one that is named, or all. Raises Malformed."""
    name = given.get("network")
    if name is not None and name not in world.networks:
        raise Malformed(f"network is {' or '.join(world.networks)}")
    return iter([world.networks[name]] if name else world.networks.values())


def one_network(world: World, given: dict) -> Network:
    """The one that is named. Raises Malformed, or KeyError where none is."""
    if given["network"] not in world.networks:
        raise Malformed(f"network is {' or '.join(world.networks)}")
    return world.networks[given["network"]]


def belongs(token: str, user_id: str | None, given: dict, named: Callable) -> bool:
    """Whether a token is among those that are meant: by itself, or by its user; else all are."""
    if "token" in given:
        return token == given["token"]
    if "user" in given:
        user = named(str(given["user"]))
        return user is not None and user.id == user_id
    return True


def number(given: dict, name: str, usual: float) -> float:
    """Raises Malformed for what is none, or below 0."""
    value = given.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Malformed(f"{name} is a number, 0 or more")
    return value


def expire_access(world: World, given: dict) -> dict:
    """By token, or by user (on one network or all), or of everybody."""
    return {"expired": sum(it.expire_access(world, given) for it in wanted(world, given))}


def revoke(world: World, given: dict) -> dict:
    """The person removes the app at the network."""
    return {"revoked": sum(it.revoke(world, given) for it in wanted(world, given))}


def drop_scope(world: World, given: dict) -> dict:
    return {"dropped": sum(it.drop_scope(world, given) for it in wanted(world, given))}


def bucket(world: World, given: dict) -> None:
    endpoint, limit, window = given["endpoint"], given["limit"], given.get("window")
    if type(limit) is not int or limit < 0 or type(window) not in (int, type(None)):
        raise Malformed("limit and window are whole numbers")
    who = given.get("who", "user")
    if who not in ("user", "app"):
        raise Malformed("who is user or app")
    for network in world.networks.values():
        if endpoint in network.endpoints:
            network.limit(world, endpoint, limit, window, who)
            return
    names = ", ".join(name for it in world.networks.values() for name in it.endpoints)
    raise ValueError(f"no endpoint {endpoint!r}; there are {names}")


def duplicates(world: World, given: dict) -> None:
    """{"on": false}, {"on": true} or {"window_s": 60}."""
    window = number(given, "window_s", 86400 if given.get("on", True) else 0)
    for network in wanted(world, given):
        world.states[network.name].duplicate_window_s = window


def visibility_lag(world: World, given: dict) -> None:
    """Of posts made from now on; those already there stay as they are."""
    if "ms" not in given:
        raise KeyError("ms")
    lag = number(given, "ms", 0)
    for network in wanted(world, given):
        world.states[network.name].lag_ms = lag


def hide(world: World, given: dict) -> None:
    """From questions with a date (`since`, `start_time`), {"share": 0.1} of the posts made from now
    on, for {"seconds": 60}, or without that for ever."""
    share = number(given, "share", 1)
    seconds = None if given.get("seconds") is None else number(given, "seconds", 0)
    for network in wanted(world, given):
        world.states[network.name].hidden = Hiding(share, seconds)


def forget_marks(world: World, given: dict) -> None:
    """The marks of pages that were given out until now are not known any more."""
    for network in wanted(world, given):
        world.states[network.name].marks += 1


CHANGES: dict[str, Change] = {
    "expire_access": expire_access,
    "revoke": revoke,
    "bucket": bucket,
    "duplicates": duplicates,
    "visibility_lag": visibility_lag,
    "hide": hide,
    "forget_marks": forget_marks,
    "drop_scope": drop_scope,
}
