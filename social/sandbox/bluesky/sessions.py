"""Signing in with a password, and tokens: JSON web tokens whose claims can be read, and whose
signature is made up."""

import base64
import json
from typing import Any

from ..core.wire import Request, Response, json_response
from ..core.world import World
from . import proofs
from .errors import (
    bad_token,
    code_needed,
    expired_token,
    inactive,
    invalid,
    no_token,
    wrong_password,
)
from .state import Account, Session

ACCESS_LIFE, REFRESH_LIFE, GRACE = 7_200, 90 * 86_400, 7_200  # seconds
MAIN, APP, REFRESH = "com.atproto.access", "com.atproto.appPass", "com.atproto.refresh"


def create(world: World, request: Request) -> Response:
    given = request.json
    identifier, password = given.get("identifier"), given.get("password")
    if not isinstance(identifier, str) or not isinstance(password, str):
        raise invalid("Input must have the properties identifier and password")
    account = exactly(world, identifier)
    if account is None or not password:
        raise wrong_password()
    is_main = password == account.password
    if not is_main and password not in account.app_passwords:
        raise wrong_password()
    if account.status == "takendown":
        raise inactive(account.status)
    if is_main and account.needs_code and not given.get("authFactorToken"):
        raise code_needed()
    session = begin(world, account, MAIN if is_main else APP)
    return json_response(described(world, request, account) | tokens(session))


def exactly(world: World, identifier: str) -> Account | None:
    """Whole handles and DIDs only, as people type them."""
    named = world.bluesky.account_named(identifier)
    is_whole = named and identifier.lower() in (named.did, named.handle)
    return named if is_whole and not named.filler else None


def begin(
    world: World, account: Account, scope: str, life: float | None = None, family: str = ""
) -> Session:
    family = family or world.secret("bluesky session", account.did, 12)
    now = world.now()
    ends = now + (ACCESS_LIFE if life is None else life)
    claims = {"sub": account.did, "iat": int(now), "aud": "did:web:localhost"}
    access = token(world, claims | {"scope": scope, "exp": int(ends)})
    refresh_ends = now + REFRESH_LIFE
    refresh = token(world, claims | {"scope": REFRESH, "exp": int(refresh_ends)})
    session = Session(account.did, family, scope, access, ends, refresh, refresh_ends)
    world.bluesky.sessions[access] = world.bluesky.renewals[refresh] = session
    return session


def token(world: World, claims: dict[str, Any]) -> str:
    number = world.secret("bluesky token", claims["sub"])
    parts = ({"typ": "at+jwt", "alg": "HS256"}, claims | {"jti": number})
    head, body = (encoded(json.dumps(part).encode()) for part in parts)
    return f"{head}.{body}.{encoded(number.encode())}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def tokens(session: Session) -> dict[str, str]:
    return {"accessJwt": session.access, "refreshJwt": session.refresh}


def described(world: World, request: Request, account: Account) -> dict[str, Any]:
    return {
        "did": account.did,
        "didDoc": document(account, request.origin),
        "handle": account.handle,
        "active": not account.status,
        **({"status": account.status} if account.status else {}),
    }


def document(account: Account, origin: str) -> dict[str, Any]:
    """What the directory says of an account: its handle, and its server."""
    return {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": account.did,
        "alsoKnownAs": [f"at://{account.handle}"],
        "service": [
            {
                "id": "#atproto_pds",
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": origin,
            }
        ],
    }


def token_of(world: World, request: Request) -> str:
    """That of an app password, or one of OAuth with the proof of its key."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    session, value = world.bluesky.sessions.get(value.strip()), value.strip()
    if kind.lower() != "dpop":
        if session is not None and session.key:
            raise bad_token("Bad token type")
        return bearer(request)
    key = proofs.checked(world, request, 401, value)
    if session is None or session.key != key:
        raise proofs.refused(world, 401, "invalid_token", "Invalid token")
    if world.now() >= session.access_ends:
        raise proofs.refused(world, 401, "invalid_token", '"exp" claim timestamp check failed')
    return value


def bearer(request: Request) -> str:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not value.strip():
        raise no_token()
    return value.strip()


def current(world: World, request: Request) -> Account:
    """Whose access token this is. It lives on to its end, also after signing out."""
    value = token_of(world, request)
    session = world.bluesky.sessions.get(value)
    if session is None:
        raise bad_token("Bad token scope" if value in world.bluesky.renewals else "Bad token")
    account = world.bluesky.accounts[session.account_id]
    if request.tampered == "expire_access":
        session.access_ends = min(session.access_ends, world.now())
    if request.tampered == "revoke_grant":
        end_all(world, account.did)
        raise expired_token("Token has been revoked")
    if world.now() >= session.access_ends:
        raise expired_token()
    if account.status:
        raise inactive(account.status)
    return account


def show(world: World, request: Request, account: Account) -> Response:
    return json_response(described(world, request, account))


def refresh(world: World, request: Request) -> Response:
    """A new pair; the same one for whoever asks again within two hours."""
    value = bearer(request)
    session = world.bluesky.renewals.get(value)
    if session is None:
        raise bad_token()
    now, account = world.now(), world.bluesky.accounts[session.account_id]
    is_spent = session.next is not None and now >= session.renewed_at + GRACE
    if session.is_over or is_spent or request.tampered == "revoke_grant":
        raise expired_token("Token has been revoked")
    if now >= session.refresh_ends:
        raise expired_token()
    if account.status == "takendown":
        raise inactive(account.status)
    if session.next is None:
        session.next = begin(world, account, session.scope, family=session.family)
        session.renewed_at = now
    else:  # the same refresh token, and an access token that begins anew
        follower = session.next
        claims = {"sub": account.did, "iat": int(now), "aud": "did:web:localhost"}
        follower.access_ends = now + ACCESS_LIFE
        claims |= {"scope": follower.scope, "exp": int(follower.access_ends)}
        follower.access = token(world, claims)
        world.bluesky.sessions[follower.access] = follower
    return json_response(described(world, request, account) | tokens(session.next))


def delete(world: World, request: Request) -> Response:
    session = world.bluesky.renewals.get(bearer(request))
    if session is None:
        raise bad_token()
    for other in world.bluesky.renewals.values():
        if other.family == session.family:
            other.is_over = True
    return Response(200)


def end_all(world: World, account_id: str) -> int:
    """Its app password was revoked: nothing is renewed any more, and what is kept ends now."""
    hit = 0
    for session in world.bluesky.renewals.values():
        if session.account_id == account_id and not session.is_over:
            session.is_over, hit = True, hit + 1
            session.access_ends = min(session.access_ends, world.now())
    return hit
