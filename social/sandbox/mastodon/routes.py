"""The API of the make-believe Mastodon: who may call what, how often, which function answers."""

import re
from collections.abc import Callable

from ..core.limits import Bucket, charge
from ..core.wire import Malformed, Request, Response
from ..core.world import World
from . import lists, oauth, servers, statuses
from .errors import MastodonError, too_many
from .limits import headers_of
from .state import Account

ID = r"[A-Za-z0-9]+"
Signed = Callable[[World, Request, Account], Response]
Open = Callable[[World, Request], Response]
SIGNED: list[tuple[str, str, str, Signed]] = [
    ("GET", r"/api/v1/accounts/verify_credentials", "read:accounts", servers.verify_credentials),
    ("GET", rf"/api/v1/accounts/{ID}/statuses", "read:statuses", lists.of_account),
    ("GET", rf"/api/v1/accounts/{ID}/following", "read:follows", lists.following),
    ("GET", r"/api/v1/timelines/home", "read:statuses", lists.home),
    ("GET", r"/api/v1/favourites", "read:favourites", lists.favourites),
    ("POST", r"/api/v1/statuses", "write:statuses", statuses.create),
    ("GET", rf"/api/v1/statuses/{ID}", "read:statuses", statuses.one),
    ("GET", rf"/api/v1/statuses/{ID}/source", "read:statuses", statuses.source),
    ("DELETE", rf"/api/v1/statuses/{ID}", "write:statuses", statuses.delete),
    ("POST", r"/api/v[12]/media", "write:media", statuses.upload),
    ("GET", rf"/api/v1/media/{ID}", "write:media", statuses.look),
]
OPEN: dict[tuple[str, str], Open] = {
    ("POST", "/api/v1/apps"): oauth.register,
    ("POST", "/oauth/token"): oauth.token,
    ("POST", "/oauth/revoke"): oauth.revoke,
    ("GET", "/api/v1/instance"): servers.first,
    ("GET", "/api/v2/instance"): servers.second,
    ("GET", "/.well-known/nodeinfo"): servers.links,
    ("GET", "/nodeinfo/2.0"): servers.nodeinfo,
}


def answer(world: World, request: Request) -> Response:
    buckets: list[Bucket] = []
    try:
        if not request.headers.get("User-Agent"):  # GoToSocial
            raise MastodonError(418, "I'm a teapot: no user-agent sent with request")
        response = called(world, request, buckets)
    except MastodonError as error:
        response = error.response()
    except Malformed as error:
        response = MastodonError(400, str(error)).response()
    response.headers |= headers_of(buckets)
    return response


def called(world: World, request: Request, buckets: list[Bucket]) -> Response:
    if known := OPEN.get((request.method, request.path)):
        return known(world, request)
    for method, path, scope, function in SIGNED:
        if method == request.method and re.fullmatch(path, request.path):
            account = oauth.current(world, request, scope)
            endpoint = f"{method} {request.path}"
            buckets += world.mastodon.limits.of(endpoint, account.id, world.now())
            if not charge(buckets):
                raise too_many()
            return function(world, request, account)
    raise MastodonError(404, "Not Found")
