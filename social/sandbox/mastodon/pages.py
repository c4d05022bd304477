"""What people would see at that server: posts, profiles, pictures."""

from ..core import front, web
from ..core.network import Network
from ..core.wire import Response
from ..core.world import World
from .state import global_id, handle_of


def show(world: World, network: Network, parts: list[str]) -> Response | None:
    """By the parts of the path below /mastodon/."""
    match parts:
        case ["avatars", file]:
            account = world.mastodon.account_named(file.removesuffix(".svg"))
            return web.avatar(account.id, account.name, square=True) if account else None
        case ["media", id]:
            media = world.mastodon.media.get(id)
            return web.picture(media.data, media.type) if media else None
        case [name, id] if name.startswith("@"):
            return front.single(world, network, network.row(world, global_id(world, id)))
        case [name] if name.startswith("@"):
            account = world.mastodon.account_named(name)
            if account:
                return front.profile(world, network, handle_of(account), account.name)
    return None
