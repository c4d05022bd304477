"""Apps, the page on which a person allows one something, and tokens, which do not end."""

import base64
import hashlib
import secrets
from urllib.parse import urlsplit

from ..core.dialog import Refused, chosen, dialog, group, is_denied, person, refusal, with_query
from ..core.network import Network
from ..core.state import Code
from ..core.templating import Safe
from ..core.wire import Request, Response, json_response, redirect
from ..core.world import World
from .errors import MastodonError, disabled, no_scope, no_token, revoked
from .state import Account, App, Token, handle_of

SCOPES = {
    "read:accounts": "See your profile",
    "read:statuses": "See posts",
    "read:favourites": "See your favourites",
    "read:follows": "See whom you follow",
    "write:statuses": "Post for you",
    "write:media": "Upload pictures for you",
}
COARSE = {"read": "Read all of your account's data", "write": "Change all of your account's data"}
CODE_LIFE = 600


def register(world: World, request: Request) -> Response:
    """Anybody may."""
    given = request.json if request.is_json else request.form
    scopes = frozenset(str(given.get("scopes", "read")).split())
    uris = str(given.get("redirect_uris", "")).split()
    if not given.get("client_name") or not uris or not all(urlsplit(it).scheme for it in uris):
        raise MastodonError(422, "Validation failed: Redirect URI must be an absolute URI.")
    if scopes - known(world).keys():
        raise MastodonError(422, "Validation failed: Scopes doesn't match configured on the server")
    app = new_app(world, uris, scopes)
    body = {"id": str(len(world.mastodon.apps)), "name": given["client_name"]}
    body |= {"client_id": app.id, "client_secret": app.secret, "client_secret_expires_at": 0}
    return json_response(body | {"redirect_uri": uris[0], "redirect_uris": uris})


def new_app(world: World, uris: list[str], scopes: frozenset[str]) -> App:
    id, secret = (world.secret(kind, "app", 43) for kind in ("mastodon-app", "mastodon-secret"))
    app = world.mastodon.apps[id] = App(id, secret, uris, scopes)
    return app


def known(world: World) -> dict[str, str]:
    return SCOPES | COARSE if world.mastodon.software.fine_scopes else COARSE


# ── The page ──────────────────────────────────────────────────────────────────────────────────
def authorize(world: World, request: Request, network: Network) -> Response:
    asked = request.query
    try:
        scopes = checked(world, asked)
    except Refused as reason:
        return refusal("Something went wrong", str(reason))
    state = {"state": asked["state"]} if asked.get("state") else {}
    if is_denied(request):
        told = {"error": "access_denied"} | state
        return redirect(with_query(asked["redirect_uri"], told))
    account = world.mastodon.account_named(chosen(request))
    if account is None:
        return people_page(world, request, network, scopes)
    code = Code(
        value=world.secret("mastodon-code", account.id, 43),
        client_id=asked["client_id"],
        user_id=account.id,
        redirect_uri=asked["redirect_uri"],
        scopes=frozenset(scopes),
        expires_at=world.now() + CODE_LIFE,
        challenge=asked.get("code_challenge", ""),
        challenge_method=asked.get("code_challenge_method", ""),
    )
    world.mastodon.codes[code.value] = code
    return redirect(with_query(asked["redirect_uri"], {"code": code.value} | state))


def checked(world: World, asked: dict[str, str]) -> set[str]:
    app = world.mastodon.apps.get(asked.get("client_id", ""))
    if app is None:
        raise Refused("Client authentication failed due to unknown client.")
    if asked.get("redirect_uri") not in app.redirect_uris:
        raise Refused("The redirect uri included is not valid.")
    if asked.get("response_type") != "code":
        raise Refused("The authorization server does not support this response type.")
    scopes = set(asked.get("scope", "read").split())
    if not scopes or not all(is_within(scope, app.scopes) for scope in scopes):
        raise Refused("The requested scope is invalid, unknown, or malformed.")
    return scopes


def is_within(scope: str, granted: frozenset[str]) -> bool:
    return scope in granted or scope.partition(":")[0] in granted


def people_page(world: World, request: Request, network: Network, scopes: set[str]) -> Response:
    people = [it for it in world.mastodon.accounts.values() if not it.filler]
    shown = [
        person(
            it.id,
            it.name,
            f"@{handle_of(it)}",
            f"/mastodon/avatars/{it.id}.svg",
            it is people[0],
        )
        for it in people
    ]
    rights = "".join(f"<li>{known(world)[scope]}</li>" for scope in sorted(scopes))
    body = group("Who are you?", shown) + Safe(
        f'<section class="rights"><h2>This app will be able to</h2><ul>{rights}</ul></section>'
    )
    return dialog(request, network, "Authorize Fanfare", body, "Authorize")


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────
def token(world: World, request: Request) -> Response:
    form = request.json if request.is_json else request.form
    app = client(world, form)
    if form.get("grant_type") != "authorization_code":
        raise MastodonError(400, "unsupported_grant_type", "This grant type is not supported.")
    code = world.mastodon.codes.get(str(form.get("code")))
    if code is not None and request.tampered == "expire_codes":
        code.expires_at = 0
    if code is None or code.used or world.now() > code.expires_at or code.client_id != app.id:
        raise invalid_grant()
    code.used = True
    if form.get("redirect_uri") != code.redirect_uri or not verifies(code, form):
        raise invalid_grant()
    made = mint(world, code.user_id, code.scopes, app.id)
    body = {"access_token": made.value, "token_type": "Bearer", "created_at": int(world.now())}
    return json_response(body | {"scope": " ".join(sorted(made.scopes))})


def client(world: World, form: dict) -> App:
    app = world.mastodon.apps.get(str(form.get("client_id")))
    if app is None or not secrets.compare_digest(app.secret, str(form.get("client_secret"))):
        raise MastodonError(
            401, "invalid_client", "Client authentication failed due to unknown client."
        )
    return app


def invalid_grant() -> MastodonError:
    about = "The provided authorization grant is invalid, expired, revoked."
    return MastodonError(400, "invalid_grant", about)


def verifies(code: Code, form: dict) -> bool:
    if not code.challenge:
        return True
    digest = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code.challenge


def mint(world: World, account_id: str, scopes: frozenset[str], app_id: str = "") -> Token:
    made = Token(world.secret("mastodon-token", account_id, 43), account_id, app_id, scopes)
    world.mastodon.tokens[made.value] = made
    return made


def revoke(world: World, request: Request) -> Response:
    form = request.json if request.is_json else request.form
    app, made = client(world, form), world.mastodon.tokens.get(str(form.get("token")))
    if made is not None and made.app_id != app.id:
        raise MastodonError(
            403, "unauthorized_client", "You are not authorized to revoke this token"
        )
    if made is not None:
        made.revoked = True
    return json_response({})


def current(world: World, request: Request, scope: str) -> Account:
    """Whose token this is, that may do what `scope` says."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    made = world.mastodon.tokens.get(value.strip()) if kind.lower() == "bearer" else None
    if made is None:
        raise no_token()
    if request.tampered in ("revoke_grant", "expire_access"):
        made.revoked = True
    if made.revoked:
        raise revoked()
    if not is_within(scope, made.scopes):
        raise no_scope()
    account = world.mastodon.accounts[made.account_id]
    if account.status:
        raise disabled(account.status)
    return account
