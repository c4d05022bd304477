"""Signing in on a page of the server: an app that it knows by its document pushes what it wants,
a person says yes, and the tokens are bound to the key of whoever asked."""

import base64
import hashlib
from typing import Any

from ..core.dialog import chosen, dialog, group, is_denied, person, refusal, with_query
from ..core.network import Network
from ..core.state import Code
from ..core.templating import Safe
from ..core.wire import Malformed, Request, Response, json_response, redirect
from ..core.world import World
from . import proofs, sessions
from .errors import BlueskyError
from .state import Pushed, Session

ROOT = "/bluesky-oauth"
PUSH, TOKEN = f"{ROOT}/par", f"{ROOT}/token"
REVOKE, AUTHORIZE = f"{ROOT}/revoke", f"{ROOT}/authorize"
SCOPES = frozenset({"atproto", "transition:generic"})
PUSHED_LIFE, CODE_LIFE, ACCESS_LIFE = 300, 60, 3_600  # seconds
WELL_KNOWN = ("/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server")


def well_known(world: World, request: Request) -> Response:
    here = request.origin
    if request.path == WELL_KNOWN[0]:
        return json_response({"resource": here, "authorization_servers": [here]})
    return json_response(
        {
            "issuer": here,
            "pushed_authorization_request_endpoint": f"{here}{PUSH}",
            "authorization_endpoint": f"{here}{AUTHORIZE}",
            "token_endpoint": f"{here}{TOKEN}",
            "revocation_endpoint": f"{here}{REVOKE}",
            "require_pushed_authorization_requests": True,
            "dpop_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
        }
    )


def register(world: World, given: dict) -> None:
    """{"document"}: what an app says of itself at its address, which nobody reads from here."""
    document = given["document"]
    wanted = {"dpop_bound_access_tokens": True, "token_endpoint_auth_method": "private_key_jwt"}
    if not isinstance(document, dict) or not wanted.items() <= document.items():
        raise Malformed("no document of an app that is taken here")
    if not str(document["client_id"]).startswith("https://"):
        raise Malformed("its id is no address of the web")
    world.bluesky.apps[document["client_id"]] = document


def answer(world: World, request: Request) -> Response:
    calls = {PUSH: push, TOKEN: token, REVOKE: revoke}
    if request.method != "POST" or request.path not in calls:
        raise BlueskyError(404, "not_found", "Not Found")
    return proofs.with_nonce(world, calls[request.path](world, request))


def push(world: World, request: Request) -> Response:
    form = request.form
    key = proofs.checked(world, request, 400)
    document = proofs.checked_app(world, form, request.origin)
    wrong = (
        form.get("redirect_uri") not in document["redirect_uris"]
        or form.get("response_type") != "code"
        or form.get("code_challenge_method") != "S256"
        or len(form.get("code_challenge", "")) != 43
        or not form.get("state")
        or set(form.get("scope", "").split()) != SCOPES
    )
    if wrong:
        raise BlueskyError(400, "invalid_request", "not what this server takes")
    name = f"urn:ietf:params:oauth:request_uri:req-{world.secret('bluesky pushed', key, 32)}"
    world.bluesky.pushed[name] = Pushed(dict(form), key, world.now() + PUSHED_LIFE)
    return json_response({"request_uri": name, "expires_in": PUSHED_LIFE}, 201)


def authorize(world: World, request: Request, network: Network) -> Response:
    pushed = world.bluesky.pushed.get(request.query.get("request_uri", ""))
    is_over = pushed is None or pushed.ends < world.now()
    if pushed is None or is_over or pushed.form["client_id"] != request.query.get("client_id"):
        return refusal("Something went wrong", "This request is not known here.")
    asked = pushed.form
    told = {"iss": request.origin, "state": asked["state"]}
    if is_denied(request):
        return redirect(with_query(asked["redirect_uri"], told | {"error": "access_denied"}))
    account = world.bluesky.account_named(chosen(request)) if chosen(request) else None
    if account is None:
        request.query["redirect_uri"] = asked["redirect_uri"]
        return people_page(world, request, network, asked.get("login_hint", ""))
    code = Code(
        value=world.secret("bluesky code", account.did, 43),
        client_id=asked["client_id"],
        user_id=account.did,
        redirect_uri=asked["redirect_uri"],
        scopes=SCOPES,
        expires_at=world.now() + CODE_LIFE,
        challenge=asked["code_challenge"],
        challenge_method=pushed.key,
    )
    world.bluesky.codes[code.value] = code
    return redirect(with_query(asked["redirect_uri"], told | {"code": code.value}))


def people_page(world: World, request: Request, network: Network, hint: str) -> Response:
    people = [it for it in world.bluesky.accounts.values() if not it.filler]
    hinted = next((it for it in people if it.did == hint), people[0])
    shown = [
        person(it.did, it.name, f"@{it.handle}", f"/bluesky/avatars/{it.did}.svg", it is hinted)
        for it in people
    ]
    rights = Safe('<section class="rights"><h2>This app will be able to</h2><ul><li>Post for you')
    body = group("Who are you?", shown) + rights + Safe("</li></ul></section>")
    return dialog(request, network, "Authorize Fanfare", body, "Authorize")


# ── Tokens ────────────────────────────────────────────────────────────────────────────────────
def token(world: World, request: Request) -> Response:
    form = request.form
    key = proofs.checked(world, request, 400)
    proofs.checked_app(world, form, request.origin)
    if form.get("grant_type") == "refresh_token":
        return renewed(world, request, key)
    code = world.bluesky.codes.get(form.get("code", ""))
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    wrong = (
        code is None
        or code.used
        or world.now() > code.expires_at
        or code.client_id != form.get("client_id")
        or code.redirect_uri != form.get("redirect_uri")
        or code.challenge != challenge
        or code.challenge_method != key
    )
    if code is None or wrong:
        raise no_grant()
    code.used = True
    made = sessions.begin(world, world.bluesky.accounts[code.user_id], "atproto", ACCESS_LIFE)
    return given(made, key, code.client_id)


def renewed(world: World, request: Request, key: str) -> Response:
    """Each refresh token is used once; one that comes again ends all that followed."""
    session = world.bluesky.renewals.get(request.form.get("refresh_token", ""))
    is_ours = session is not None and session.key == key
    if session is None or not is_ours or session.client_id != request.form.get("client_id"):
        raise no_grant()
    if session.next is not None or session.is_over or request.tampered == "revoke_grant":
        sessions.end_all(world, session.account_id)
        raise no_grant()
    account = world.bluesky.accounts[session.account_id]
    session.next = sessions.begin(world, account, session.scope, ACCESS_LIFE, session.family)
    session.access_ends = min(session.access_ends, world.now())
    return given(session.next, key, session.client_id)


def given(session: Session, key: str, client_id: str) -> Response:
    session.key, session.client_id = key, client_id
    body: dict[str, Any] = {
        "access_token": session.access,
        "token_type": "DPoP",
        "refresh_token": session.refresh,
        "scope": " ".join(sorted(SCOPES)),
        "expires_in": ACCESS_LIFE,
        "sub": session.account_id,
    }
    return json_response(body)


def no_grant() -> BlueskyError:
    return BlueskyError(400, "invalid_grant", "Invalid grant")


def revoke(world: World, request: Request) -> Response:
    proofs.checked(world, request, 400)
    proofs.checked_app(world, request.form, request.origin)
    session = world.bluesky.renewals.get(request.form.get("token", ""))
    if session is not None:
        session.is_over = True
        session.access_ends = min(session.access_ends, world.now())
    return Response(200)
