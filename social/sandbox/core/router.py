"""Which part of the sandbox a path belongs to."""

from . import control, front
from .network import Network
from .wire import Request, Response
from .world import World


def locate(world: World, path: str) -> tuple[str, str]:
    """The network, and the path as its real host would see it; no network for our own pages."""
    for network in world.networks.values():
        if network.is_api(path):
            return network.name, network.real_path(path)
        if network.is_dialog(path):
            return network.name, path.removeprefix(network.web)
    return "", path


def answer(world: World, request: Request) -> Response:
    path, network = request.url_path, world.networks.get(request.network)
    if network is not None:
        return (network.authorize if network.is_dialog(path) else network.answer)(world, request)
    if path == "/_sandbox" or path.startswith("/_sandbox/"):
        return control.answer(world, request)
    for network in world.networks.values():
        if path.startswith(f"{network.web}/"):
            parts = [part for part in path.removeprefix(network.web).split("/") if part]
            return network.show(world, parts) or front.nothing()
    return front.answer(world, request)


def malformed(world: World, path: str, message: str, status: int = 400) -> Response:
    """In the words of the network that the path belongs to."""
    return speaker(world, locate(world, path.split("?")[0])[0]).malformed(message, status)


def broken(world: World, network: str) -> Response:
    return speaker(world, network).broken()


def speaker(world: World, network: str) -> Network:
    """Where no network speaks, plain words do."""
    return world.networks.get(network) or Network()
