"""What people would see at bsky.app: posts, profiles, pictures."""

from ..core import front, web
from ..core.network import Network
from ..core.wire import Response
from ..core.world import World
from .store import uri_of


def show(world: World, network: Network, parts: list[str]) -> Response | None:
    """By the parts of the path below /bluesky/."""
    match parts:
        case ["avatars", file]:
            account = world.bluesky.account_named(file.removesuffix(".svg"))
            return web.avatar(account.did, account.name, square=False) if account else None
        case ["media", did, cid]:
            blob = world.bluesky.blobs.get((did, cid))
            return web.picture(blob.data, blob.type) if blob else None
        case ["profile", name, "post", key]:
            account = world.bluesky.account_named(name)
            uri = uri_of(account.did, key) if account else ""
            return front.single(world, network, network.row(world, uri))
        case ["profile", name]:
            account = world.bluesky.account_named(name)
            if account:
                return front.profile(world, network, account.handle, account.name)
    return None
