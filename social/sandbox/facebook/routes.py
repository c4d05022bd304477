"""The Graph of the make-believe Facebook: tokens and proofs, then the right answer."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from functools import partial

from ..core.limits import charge
from ..core.wire import Malformed, Request, Response, json_response
from ..core.world import World
from . import comments, oauth, people, posts, store
from .call import Call
from .errors import GraphError, bad_parameter, missing, no_token
from .state import FacebookToken

OLDEST, NEWEST, DEFAULT = 21, 26, 25
MOST_IDS = 50
VERSION = re.compile(r"/v(\d{1,3})\.(\d)(?=/|$)")
ME: dict[tuple[str, str], Callable[[Call], object]] = {
    ("GET", ""): people.me,
    ("GET", "permissions"): people.permissions,
    ("DELETE", "permissions"): people.remove_app,
    ("GET", "accounts"): people.accounts,
    ("GET", "likes"): people.likes,
    ("GET", "friends"): people.friends,
    ("GET", "feed"): people.feed,
    ("GET", "posts"): people.feed,
    ("POST", "feed"): people.refuse_profile_post,
}
LISTS = ("feed", "posts", "published_posts", "scheduled_posts")
PAGE: dict[tuple[str, str], Callable[..., object]] = {
    ("GET", ""): people.show_page,
    ("GET", "picture"): people.page_picture,
    ("POST", "feed"): posts.create,
    ("POST", "photos"): posts.create_photo,
} | {("GET", name): partial(posts.listing, kind=name) for name in LISTS}
POST: dict[tuple[str, str], Callable[..., object]] = {
    ("GET", ""): posts.show,
    ("POST", ""): posts.change,
    ("DELETE", ""): posts.delete,
    ("POST", "comments"): comments.create,
    ("GET", "comments"): comments.listing,
}


def answer(world: World, request: Request) -> Response:
    version, path = split_version(request.path)
    headers: dict[str, str] = {}
    try:
        response = call(world, request, path, headers)
    except GraphError as error:
        response = error.response()
    except Malformed as error:
        response = bad_parameter(f"Invalid request: {error}").response()
    response.headers |= headers | {"facebook-api-version": version}
    return response


def split_version(path: str) -> tuple[str, str]:
    """Expired and unknown versions are served as the oldest live one."""
    match = VERSION.match(path)
    if not match:
        return f"v{DEFAULT}.0", path
    asked = int(match[1])
    served = asked if OLDEST <= asked <= NEWEST else OLDEST
    return f"v{served}.0", path[match.end() :] or "/"


def call(world: World, request: Request, path: str, headers: dict[str, str]) -> Response:
    store.publish_due(world)
    check_method(request)
    if path == "/oauth/access_token":
        return oauth.exchange(world, request)
    if path == "/debug_token":
        return oauth.debug(world, request)
    token = token_of(world, request)
    headers |= count(world, token)
    made = Call(world, request, request.query | request.form, token)
    result = dispatch(made, [part for part in path.split("/") if part])
    return result if isinstance(result, Response) else json_response(result)


def check_method(request: Request) -> None:
    """`method=delete` in a POST is how old clients delete."""
    wanted = (request.form.get("method") or request.query.get("method") or "").upper()
    if request.method == "POST" and wanted in ("GET", "DELETE"):
        request.method = wanted
    if request.is_json and request.body:
        given = {k: v if isinstance(v, str) else json.dumps(v) for k, v in request.json.items()}
        request.__dict__["_parts"] = (given, {})


def token_of(world: World, request: Request) -> FacebookToken:
    """From the query, the form or the header; two different ones are a leak, and refused."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    header = value.strip() if kind.lower() in ("bearer", "oauth") else ""
    places = [request.query.get("access_token"), request.form.get("access_token"), header]
    given = {place for place in places if place}
    if len(given) > 1:
        raise bad_parameter("The request carries two different access tokens")
    if not given:
        raise no_token()
    value = given.pop()
    if request.tampered:
        tamper(world, request.tampered, value)
    token = oauth.alive(world, value)
    check_proof(world, request, value)
    return token


def tamper(world: World, what: str, value: str) -> None:
    """An armed fault strikes the very token that came."""
    token = world.facebook.tokens.get(value)
    name, _, subcode = what.partition(":")
    if token is None:
        return
    if name == "kill_token":
        token.dead = int(subcode)
    elif name == "kill_tokens" and int(subcode) == 459:
        world.facebook.users[token.user_id].checkpoint = True
    elif name == "kill_tokens":
        oauth.kill_all(world, token.user_id, int(subcode))
    elif name == "remove_role" and token.page_id:
        world.facebook.pages[token.page_id].tasks.pop(token.user_id, None)


def check_proof(world: World, request: Request, token: str) -> None:
    given = request.form.get("appsecret_proof") or request.query.get("appsecret_proof")
    if given is None:
        if world.facebook.require_proof:
            text = "API calls from the server require an appsecret_proof argument"
            raise GraphError(100, text)
        return
    key = world.clients["facebook"].secret.encode()
    proof = hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
    if not secrets.compare_digest(proof.encode(), given.encode()):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")


def count(world: World, token: FacebookToken) -> dict[str, str]:
    """Charge the call, and say in per cent how much is used once it is noticeable."""
    users = len(world.facebook.users)
    who, subject = ("page", token.page_id) if token.kind == "page" else ("app", token.client_id)
    bucket = world.facebook.limits.of(who, subject, users, world.now())
    if not charge([bucket]):
        if who == "page":
            text = "There have been too many calls to this Page account. Wait a bit and try again."
            raise GraphError(80001, f"(#80001) {text}")
        raise GraphError(4, "(#4) Application request limit reached")
    share = 100 * bucket.used // max(1, bucket.limit)
    if share < 1:
        return {}
    usage: dict[str, object] = {"call_count": share, "total_cputime": share, "total_time": share}
    if who == "app":
        return {"X-App-Usage": json.dumps(usage)}
    wait = round((bucket.reset - world.now()) / 60) if bucket.remaining == 0 else 0
    usage = {"type": "pages"} | usage | {"estimated_time_to_regain_access": wait}
    return {"X-Business-Use-Case-Usage": json.dumps({subject: [usage]})}


def dispatch(made: Call, parts: list[str]) -> object:
    method = made.request.method
    if not parts and method == "GET" and made.given.get("ids"):
        return {id: dispatch(made, [id]) for id in made.given["ids"].split(",")[:MOST_IDS]}
    if not 1 <= len(parts) <= 3:
        raise missing("/".join(parts), method.lower())
    node, edge = parts[0], parts[1] if len(parts) > 1 else ""
    if made.token.kind == "app":
        raise no_token()
    if node == "me" and made.token.kind == "page":
        node = made.token.page_id
    if node in ("me", made.token.user_id) and made.token.kind == "user":
        if len(parts) == 3 and (method, edge) == ("DELETE", "permissions"):
            return people.remove_permission(made, parts[2])
        return found(ME, method, edge, node)(made)
    world = made.world
    if node in world.facebook.pages:
        return found(PAGE, method, edge, node)(made, page=world.facebook.pages[node])
    return found(POST, method, edge, node)(made, id=node)


def found(table: dict, method: str, edge: str, node: str) -> Callable:
    if (method, edge) not in table:
        if edge and method == "GET":
            raise bad_parameter(f"Tried accessing nonexisting field ({edge})")
        raise missing(node, method.lower())
    return table[method, edge]
