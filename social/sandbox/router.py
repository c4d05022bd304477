"""Which part of the sandbox a path belongs to."""

from collections.abc import Callable

from . import authorize, control, facebook_graph, front, web, x_api
from .facebook_errors import GraphError
from .wire import Request, Response, json_response
from .world import World
from .x_errors import XError, invalid_request

PREFIXES = {
    "/x-api": ("x", x_api.answer),
    "/fb-graph": ("facebook", facebook_graph.answer),
}


def network_of(path: str) -> str:
    return locate(path.split("?")[0])[0]


def locate(path: str) -> tuple[str, str]:
    """The network, and the path as its real host would see it; no network for our own pages."""
    for prefix, (network, _) in PREFIXES.items():
        if path == prefix or path.startswith(prefix + "/"):
            return network, path[len(prefix) :] or "/"
    if path == "/x/i/oauth2/authorize":
        return "x", path[2:]
    if path.startswith("/fb/") and path.endswith("/dialog/oauth"):
        return "facebook", path[3:]
    return "", path


def answer(world: World, request: Request) -> Response:
    return part_of(request)(world, request)


def part_of(request: Request) -> Callable[[World, Request], Response]:
    path = request.url_path
    if path.startswith(("/x-api", "/fb-graph")) and request.network:
        return PREFIXES["/x-api" if request.network == "x" else "/fb-graph"][1]
    if request.network:
        return authorize.x if request.network == "x" else authorize.facebook
    if path == "/_sandbox" or path.startswith("/_sandbox/"):
        return control.answer
    if path.startswith(("/x/", "/fb/")):
        return web.answer
    return front.answer


def malformed(network: str, message: str, status: int = 400) -> Response:
    if network == "x":
        error = invalid_request(message)
        return XError(status, error.body).response()
    if network == "facebook":
        return GraphError(100, f"Invalid request: {message}", status=status).response()
    return json_response({"error": message}, status)


def broken(network: str) -> Response:
    if network == "x":
        body = {"title": "Internal Server Error", "detail": "Internal Server Error"}
        return json_response(body | {"type": "about:blank", "status": 500}, 500)
    if network == "facebook":
        return GraphError(1, "An unknown error has occurred.", status=500).response()
    return json_response({"error": "the sandbox broke; its terminal says why"}, 500)
