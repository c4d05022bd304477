"""What people would see at x.com: posts, profiles, pictures."""

from ..core import front, web
from ..core.network import Network
from ..core.wire import Response
from ..core.world import World


def show(world: World, network: Network, parts: list[str]) -> Response | None:
    """By the parts of the path below /x/."""
    match parts:
        case ["avatars", file]:
            user = world.x.users.get(file.removesuffix(".svg"))
            return web.avatar(user.id, user.name, square=False) if user else None
        case ["media", id]:
            media = world.x.media.get(id)
            return web.picture(media.data, media.type) if media else None
        case ["t.co", code]:
            return unshortened(world, code)
        case [_, "status", id]:
            return front.single(world, network, network.row(world, id))
        case [name]:
            user = world.x.user_named(name)
            return front.profile(world, network, user.username, user.name) if user else None
    return None


def unshortened(world: World, code: str) -> Response | None:
    target = world.x.links.get(code)
    if target is None:
        return None
    return Response(200, target.encode(), {"Content-Type": "text/plain; charset=utf-8"})
