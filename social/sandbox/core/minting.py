"""Tokens without a browser, for tests and machines."""

from .states import one_network
from .wire import Malformed
from .world import World


def mint(world: World, given: dict) -> dict:
    life = given.get("expires_in")
    if isinstance(life, bool) or not isinstance(life, int | float | None):
        raise Malformed("expires_in is a number of seconds")
    if "users" in given:  # many at once
        one = {name: value for name, value in given.items() if name != "users"}
        return {"tokens": [mint(world, one | {"user": user}) for user in given["users"]]}
    return one_network(world, given).mint(world, given, life)


def scopes_of(given: dict, usual: set[str]) -> set[str]:
    scopes = given.get("scopes", sorted(usual))
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise Malformed("scopes is a list of names")
    return set(scopes)
