"""Who is where: names and the directory of accounts."""

from ..core.wire import Request, Response, json_response
from ..core.world import World
from .errors import BlueskyError, invalid
from .sessions import document


def resolve(world: World, request: Request) -> Response:
    handle = request.query.get("handle", "").lower()
    account = world.bluesky.account_named(handle)
    if account is None or account.handle != handle:
        raise invalid("Unable to resolve handle")
    return json_response({"did": account.did})


def directory(world: World, request: Request) -> Response:
    """As plc.directory answers: without `error`."""
    did = request.path.removeprefix("/")
    account = world.bluesky.accounts.get(did)
    if account is None:
        return json_response({"message": f"DID not registered: {did}"}, 404)
    return json_response(document(account, request.origin))


def described(world: World, request: Request) -> Response:
    body = {
        "did": "did:web:localhost",
        "availableUserDomains": [".test"],
        "inviteCodeRequired": False,
        "links": {},
        "contact": {},
    }
    return json_response(body)


def well_known(world: World, request: Request) -> Response:
    raise BlueskyError(404, "NotFound", "no handle is of this host")
