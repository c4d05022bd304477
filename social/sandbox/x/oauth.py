"""X's OAuth 2: the token endpoint, rotation and revocation. The page people see is in x_page."""

import base64
import binascii
import hashlib
import secrets

from ..core.state import Code
from ..core.wire import Request, Response, json_response
from ..core.world import World
from .errors import oauth_error
from .state import XGrant

SCOPES = {
    "tweet.read": "See posts and timelines",
    "tweet.write": "Post and delete posts for you",
    "users.read": "See your profile",
    "offline.access": "Stay connected until you revoke access",
    "like.read": "See posts you liked",
    "like.write": "Like posts for you",
    "follows.read": "See who you follow",
    "follows.write": "Follow people for you",
    "media.write": "Upload media for you",
    "bookmark.read": "See your bookmarks",
    "list.read": "See your lists",
}
CODE_LIFE, ACCESS_LIFE = 30, 7200
BAD_CODE = "Value passed for the authorization code was invalid."
BAD_VERIFIER = "Value passed for the code verifier did not match the code challenge."
BAD_TOKEN = "Value passed for the token was invalid."  # noqa: S105 - a sentence


def token(world: World, request: Request) -> Response:
    kind = request.form.get("grant_type")
    check_client(world, request)
    if kind == "authorization_code":
        grant = from_code(world, request)
    elif kind == "refresh_token":
        grant = from_refresh(world, request)
    elif kind == "client_credentials":
        grant = mint(world, None, frozenset())
    else:
        raise oauth_error("Missing required parameter [grant_type].")
    return json_response(token_body(world, grant))


def check_client(world: World, request: Request) -> None:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        id = secret = ""
    client = world.clients["x"]
    if kind.lower() != "basic" or id != client.id or not client.has_secret(secret):
        text = "Missing valid authorization header"
        raise oauth_error(text, "unauthorized_client", 401)


def from_code(world: World, request: Request) -> XGrant:
    form = request.form
    code = world.x.codes.get(form.get("code", ""))
    if request.tampered == "expire_codes" and code:
        code.expires_at = 0
    if code is None or code.used or world.now() > code.expires_at:
        raise oauth_error(BAD_CODE)
    code.used = True  # also by a failed try: a code is good for one
    if form.get("redirect_uri") != code.redirect_uri:
        raise oauth_error("Value passed for the redirect uri did not match.")
    if not verifies(code, form.get("code_verifier", "")):
        raise oauth_error(BAD_VERIFIER)
    return mint(world, code.user_id, code.scopes)


def verifies(code: Code, verifier: str) -> bool:
    if code.challenge_method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return secrets.compare_digest(verifier.encode(), code.challenge.encode())


def from_refresh(world: World, request: Request) -> XGrant:
    grant = by_refresh(world, request.form.get("refresh_token", ""))
    if request.tampered == "spend_refresh" and grant:
        grant.refresh_spent = True
    if grant is None or grant.refresh_spent or grant.revoked:
        raise oauth_error(BAD_TOKEN)
    grant.refresh_spent = True
    return mint(world, grant.user_id, grant.scopes)


def by_refresh(world: World, value: str) -> XGrant | None:
    if not value:
        return None
    return next((g for g in world.x.grants.values() if g.refresh == value), None)


def mint(
    world: World,
    user_id: str | None,
    scopes: frozenset[str],
    expires_in: float = ACCESS_LIFE,
    access: str = "",
    refresh: str = "",
) -> XGrant:
    subject = user_id or "app"
    if "offline.access" in scopes:
        refresh = refresh or "xrt-" + world.secret("x-refresh", subject)
    grant = XGrant(
        client_id=world.clients["x"].id,
        user_id=user_id,
        scopes=scopes,
        access=access or "xat-" + world.secret("x-access", subject),
        expires_at=world.now() + expires_in,
        refresh=refresh or None,
    )
    world.x.grants[grant.access] = grant
    return grant


def token_body(world: World, grant: XGrant) -> dict:
    body = {
        "token_type": "bearer",
        "expires_in": max(0, round(grant.expires_at - world.now())),
        "access_token": grant.access,
        "scope": " ".join(sorted(grant.scopes)),
    }
    return body | ({"refresh_token": grant.refresh} if grant.refresh else {})


def revoke(world: World, request: Request) -> Response:
    check_client(world, request)
    value = request.form.get("token", "")
    if not value:
        raise oauth_error("Missing required parameter [token].")
    grant = world.x.grants.get(value) or by_refresh(world, value)
    if grant:
        grant.revoked = True
    return json_response({"revoked": True})


def revoke_all(world: World, user_id: str | None) -> int:
    mine = [g for g in world.x.grants.values() if g.user_id == user_id and not g.revoked]
    for grant in mine:
        grant.revoked = True
    return len(mine)
