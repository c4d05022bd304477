"""What people would see at facebook.com: posts, Pages, pictures."""

from ..core import front, web
from ..core.network import Network
from ..core.wire import Response
from ..core.world import World


def show(world: World, network: Network, parts: list[str]) -> Response | None:
    """By the parts of the path below /fb/."""
    match parts:
        case ["pictures", file]:
            return picture_of(world, file.removesuffix(".svg"))
        case ["media", id]:
            photo = world.facebook.photos.get(id)
            return web.picture(photo.data, photo.type) if photo else None
        case [page, "posts", number]:
            return front.single(world, network, network.row(world, f"{page}_{number}"))
        case [name]:
            post = front.single(world, network, network.row(world, name))
            return post or profile(world, network, name)
    return None


def picture_of(world: World, id: str) -> Response | None:
    page = world.facebook.pages.get(id)
    owner = page or world.facebook.users.get(id)
    return web.avatar(id, owner.name, square=page is not None) if owner else None


def profile(world: World, network: Network, name: str) -> Response | None:
    page = world.facebook.page_named(name)
    return front.profile(world, network, page.id, page.name) if page else None
