"""What the server says of itself: its software, and what a post may have there."""

from ..core.wire import Request, Response, json_response
from ..core.world import World
from . import store
from .state import DOMAIN, Account


def links(world: World, request: Request) -> Response:
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return json_response({"links": [{"rel": rel, "href": f"{request.origin}/nodeinfo/2.0"}]})


def nodeinfo(world: World, request: Request) -> Response:
    software = {"name": world.mastodon.software.name, "version": "4.5.0"}
    return json_response({"version": "2.0", "software": software, "protocols": ["activitypub"]})


def second(world: World, request: Request) -> Response:
    return json_response({"domain": DOMAIN} | told(world))


def first(world: World, request: Request) -> Response:
    return json_response({"uri": DOMAIN} | told(world))


def told(world: World) -> dict:
    software = world.mastodon.software
    statuses = {
        "max_characters": software.length,
        "max_media_attachments": software.pictures,
        "characters_reserved_per_url": software.link,
    }
    about = {"title": "The meadow", "description": "A meadow.", "version": "4.5.0"}
    return about | {"configuration": {"statuses": statuses}}


def verify_credentials(world: World, request: Request, account: Account) -> Response:
    return json_response(store.person(world, request.origin, account))
