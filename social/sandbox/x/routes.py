"""The API of the make-believe X: who may call what, how often, and which function answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..core.limits import Bucket, charge
from ..core.wire import Malformed, Request, Response
from ..core.world import World
from . import lists, media, oauth, tweets, vocabularies
from .errors import (
    XError,
    forbidden,
    invalid_request,
    no_credits,
    too_many,
    unauthorized,
    unsupported_authentication,
)
from .limits import headers_of
from .state import XGrant

READ = frozenset({"tweet.read", "users.read"})
WRITE = READ | {"tweet.write"}


@dataclass
class Route:
    method: str
    pattern: re.Pattern
    endpoint: str  # the name its rate limit goes by
    scopes: frozenset[str]
    answer: Callable[..., Response]
    app_only: bool = False


def route(
    method: str, path: str, scopes: frozenset[str], answer: Callable, *, app_only: bool = False
) -> Route:
    pattern = re.compile(re.sub(":id", r"([0-9]{1,19})", path))
    return Route(method, pattern, f"{method} {path}", frozenset(scopes), answer, app_only)


MEDIA = frozenset({"media.write"})
ROUTES = [
    route("GET", "/2/users/me", READ, lists.me),
    route("POST", "/2/tweets", WRITE, tweets.create),
    route("DELETE", "/2/tweets/:id", WRITE, tweets.delete),
    route("GET", "/2/tweets/:id", READ, tweets.show, app_only=True),
    route("GET", "/2/tweets/search/recent", READ, lists.search, app_only=True),
    route("GET", "/2/users/:id/tweets", READ, lists.by_user, app_only=True),
    route("GET", "/2/users/:id/timelines/reverse_chronological", READ, lists.home),
    route("GET", "/2/users/:id/liked_tweets", READ | {"like.read"}, lists.liked),
    route("GET", "/2/users/:id/following", READ | {"follows.read"}, lists.following),
    route("POST", "/2/media/upload", MEDIA, media.upload),
    route("GET", "/2/media/upload", MEDIA, media.status),
    route("POST", "/2/media/upload/initialize", MEDIA, media.initialize),
    route("POST", "/2/media/upload/:id/append", MEDIA, media.append),
    route("POST", "/2/media/upload/:id/finalize", MEDIA, media.finalize),
    route("POST", "/2/media/metadata", MEDIA, media.metadata),
]
OAUTH = {
    "/2/oauth2/token": oauth.token,
    "/oauth2/token": oauth.token,
    "/2/oauth2/revoke": oauth.revoke,
}


def answer(world: World, request: Request) -> Response:
    try:
        if request.method == "POST" and request.path in OAUTH:
            return OAUTH[request.path](world, request)
        return call(world, request)
    except XError as error:
        return error.response()
    except Malformed as error:
        return invalid_request(str(error)).response()


def call(world: World, request: Request) -> Response:
    found, ids = find(request)
    if found is None:
        return Response(404)  # empty and without content type, as reported of the real host
    grant = grant_of(world, request)
    buckets = buckets_of(world, found, grant)
    headers = headers_of(buckets)
    try:
        check_alive(world, request, grant)
        if not charge(buckets):
            raise too_many({})
        headers = headers_of(buckets)
        assert grant is not None  # or it was not alive
        check_rights(world, found, grant)
        vocabularies.understand(world, request)
        response = found.answer(world, request, grant, *ids)
        spend_credit(world)
    except XError as error:
        response = error.response()
    except Malformed as error:
        response = invalid_request(str(error)).response()
    response = vocabularies.spoken(world, response)
    response.headers |= headers
    return response


def find(request: Request) -> tuple[Route | None, tuple[str, ...]]:
    for candidate in ROUTES:
        match = candidate.pattern.fullmatch(request.path)
        if match and candidate.method == request.method:
            return candidate, match.groups()
    return None, ()


def grant_of(world: World, request: Request) -> XGrant | None:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return world.x.grants.get(value.strip()) if kind.lower() == "bearer" else None


def buckets_of(world: World, found: Route, grant: XGrant | None) -> list[Bucket]:
    """Counted by person and app, so that refreshing a token does not open a new window."""
    user = f"{grant.client_id}/{grant.user_id}" if grant else "nobody"
    app = grant.client_id if grant else "nobody"
    return world.x.limits.of(found.endpoint, user, app, world.now())


def check_alive(world: World, request: Request, grant: XGrant | None) -> None:
    if grant and request.tampered == "expire_access":
        grant.expires_at = min(grant.expires_at, world.now())
    if grant and request.tampered == "revoke_grant":
        oauth.revoke_all(world, grant.user_id)
    if grant is None or grant.revoked or world.now() >= grant.expires_at:
        raise unauthorized()


def check_rights(world: World, found: Route, grant: XGrant) -> None:
    if grant.user_id is None:
        if not found.app_only:
            raise unsupported_authentication("OAuth 1.0a User Context, OAuth 2.0 User Context")
    elif world.x.users[grant.user_id].suspended:
        raise forbidden("Your account is suspended and is not permitted to access this feature.")
    elif not found.scopes <= grant.scopes:
        missing = ", ".join(sorted(found.scopes - grant.scopes))
        raise forbidden(f"Your token lacks the scope: {missing}.", "oauth2-permissions")
    if world.x.credits is not None and world.x.credits <= 0:
        raise no_credits(grant.client_id)


def spend_credit(world: World) -> None:
    """Only calls that succeed are billed."""
    if world.x.credits is not None:
        world.x.credits -= 1
