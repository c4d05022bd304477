"""What really exists, seen by nobody's token; and changing it behind everybody's back."""

from .clock import parse_time
from .network import Change, Network, Row
from .states import one_network
from .wire import Malformed
from .world import World

COUNTS = ("like", "retweet", "reply", "quote", "bookmark", "impression")


def posts(world: World, given: dict) -> dict:
    """?network= &account= &include_hidden=1 &origin=api &text= ; newest first."""
    asked = given.get("network")
    networks = [it for name, it in world.networks.items() if asked in (None, "", name)]
    rows = [row for network in networks for row in network.rows(world)]
    hidden = str(given.get("include_hidden", "")) in ("1", "true")
    account = account_of(world, given.get("account", "").lstrip("@"))
    kept = [row for row in rows if wanted(row, account, given) and (hidden or row["visible"])]
    kept.sort(key=lambda row: (row["created_unix"], row["id"]), reverse=True)
    return {"posts": kept, "count": len(kept)}


def account_of(world: World, name: str) -> str:
    """What rows call the account that an id, a handle or a name stands for."""
    named = (network.account_named(world, name) for network in world.networks.values() if name)
    return next(filter(None, named), name)


def wanted(row: Row, account: str, given: dict) -> bool:
    text = given.get("text")
    return (
        (not account or account == row["account"])
        and given.get("origin", row["origin"]) == row["origin"]
        and (text is None or text in (row["text"], row["message"]))
    )


def users(world: World, given: dict) -> dict:
    users_by_kind: dict[str, list[dict]] = {}
    for network in world.networks.values():
        users_by_kind |= network.users(world)
    return users_by_kind


def change_posts(world: World, given: dict) -> dict | None:
    """Add a post by hand, or {"posts": [many]}, {"edit": id, "text"}, {"delete": id},
    {"count": id, "like": 12, …}, or one of the networks' own `post_changes`."""
    changes = dict(CHANGES)
    for network in world.networks.values():
        changes |= network.post_changes
    for name, change in changes.items():
        if name in given:
            return change(world, given)
    return add(world, given)


def add(world: World, given: dict) -> Row:
    text, moment = str(given["text"]), given.get("created_at")
    at = parse_time(str(moment)) if moment is not None else None
    return one_network(world, given).add(world, given, text, at)


def add_many(world: World, given: dict) -> dict:
    return {"ids": [add(world, one)["id"] for one in given["posts"]]}


def home_of(world: World, id: str) -> Network:
    """Where this post is. Raises Malformed where it is nowhere."""
    for network in world.networks.values():
        if network.record(world, id) is not None:
            return network
    raise Malformed(f"there is no post {id!r}")


def edit(world: World, given: dict) -> Row:
    id = str(given["edit"])
    return home_of(world, id).edit(world, id, str(given["text"]))


def delete(world: World, given: dict) -> Row | None:
    id = str(given["delete"])
    network = home_of(world, id)
    network.record(world, id).deleted_at = world.now()
    return network.row(world, id)


def count(world: World, given: dict) -> dict:
    """{"count": id, "like": 12, "retweet": 3, "reply": 1, "impression": 900}: by strangers."""
    id = str(given["count"])
    counts = {name: given[name] for name in COUNTS if name in given}
    record = home_of(world, id).record(world, id)
    if not all(type(number) is int and number >= 0 for number in counts.values()):
        raise Malformed("each count is a whole number")
    record.counts.update(counts)
    return {"counted": given["count"], **counts}


CHANGES: dict[str, Change] = {
    "posts": add_many,
    "count": count,
    "edit": edit,
    "delete": delete,
}
