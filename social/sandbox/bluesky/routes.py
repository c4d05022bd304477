"""The API of the make-believe Bluesky: who may call what, how often, and which function answers."""

from collections.abc import Callable

from ..core.limits import Bucket
from ..core.wire import Malformed, Request, Response
from ..core.world import World
from . import feeds, identity, oauth, proofs, records, sessions
from .errors import BlueskyError, invalid, no_appview, too_many
from .limits import charge, headers_of
from .state import Account

Signed = Callable[[World, Request, Account], Response]
Open = Callable[[World, Request], Response]
SIGNED: dict[tuple[str, str], Signed] = {
    ("GET", "com.atproto.server.getSession"): sessions.show,
    ("POST", "com.atproto.repo.putRecord"): records.put,
    ("POST", "com.atproto.repo.createRecord"): records.create,
    ("POST", "com.atproto.repo.deleteRecord"): records.delete,
    ("POST", "com.atproto.repo.uploadBlob"): records.upload,
    ("GET", "app.bsky.actor.getProfile"): feeds.profile,
    ("GET", "app.bsky.feed.getAuthorFeed"): feeds.author_feed,
    ("GET", "app.bsky.feed.getTimeline"): feeds.home,
    ("GET", "app.bsky.feed.getActorLikes"): feeds.liked,
    ("GET", "app.bsky.feed.getPosts"): feeds.posts,
    ("GET", "app.bsky.graph.getFollows"): feeds.follows,
}
OPEN: dict[tuple[str, str], Open] = {
    ("POST", "com.atproto.server.createSession"): sessions.create,
    ("POST", "com.atproto.server.refreshSession"): sessions.refresh,
    ("POST", "com.atproto.server.deleteSession"): sessions.delete,
    ("GET", "com.atproto.server.describeServer"): identity.described,
    ("GET", "com.atproto.identity.resolveHandle"): identity.resolve,
    ("GET", "com.atproto.repo.getRecord"): records.get,
    ("GET", "com.atproto.repo.listRecords"): records.listed,
}


def answer(world: World, request: Request) -> Response:
    try:
        if request.path.startswith("/did:"):
            return identity.directory(world, request)
        if request.path in oauth.WELL_KNOWN:
            return oauth.well_known(world, request)
        if request.path.startswith(f"{oauth.ROOT}/"):
            return oauth.answer(world, request)
        if request.path.startswith("/.well-known/"):
            return identity.well_known(world, request)
        return call(world, request)
    except BlueskyError as error:
        return error.response()


def call(world: World, request: Request) -> Response:
    method = request.path.removeprefix("/xrpc/")
    found = (request.method, method)
    if found not in SIGNED and found not in OPEN:
        return no_appview(method).response()  # what a server does not know it hands on
    endpoint = f"{request.method} /xrpc/{method}"
    buckets: list[Bucket] = []
    try:
        account = sessions.current(world, request) if found in SIGNED else None
        buckets = world.bluesky.limits.of(endpoint, who(request, account), world.now())
        if not charge(buckets, endpoint):
            raise too_many({})
        if account is not None:
            response = SIGNED[found](world, request, account)
        else:
            response = OPEN[found](world, request)
    except BlueskyError as error:
        response = error.response()
    except Malformed as error:
        response = invalid(str(error)).response()
    response.headers |= headers_of(buckets)
    if "DPoP" in request.headers:
        proofs.with_nonce(world, response)
    return response


def who(request: Request, account: Account | None) -> str:
    """Whose calls are counted together; those who sign in, by the name that they give."""
    return account.did if account else str(request.fields().get("identifier", ""))
