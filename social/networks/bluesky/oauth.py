"""Signing in on a page of the account's own server (OAuth of atproto: PAR, PKCE, DPoP), where
others can read who we are at PUBLIC_URL; else there are app passwords (`tokens`).

Sources: atproto.com/specs/oauth; PDS 0.4.217, as it answered (V) and its source (S).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils.functional import lazy

from social.reasons import Reason
from social.timing import Window
from social.words import Words

from ..errors import AuthorizationLost, Rejected, TemporaryError
from ..homes import host_named
from ..http import SIGN_IN_DEADLINE, home_address, reading
from ..reading import as_object, text_or, whole_number
from ..shapes import App, Grant, SentOn
from . import dpop, identity
from .calls import Proving, call
from .refusals import OAUTH

OAUTH_SCOPES = "atproto transition:generic"
BEGIN_SECONDS = 9.0  # that a person's browser waits before it is sent on
PROTECTED = "/.well-known/oauth-protected-resource"
METADATA_PATH = "/.well-known/oauth-authorization-server"
BY_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PUSHED, TOKEN, REVOKING = (
    "pushed_authorization_request_endpoint",
    "token_endpoint",
    "revocation_endpoint",
)


def is_offered() -> bool:
    """Whether servers can read who we are."""
    return bool(settings.HTTPS)


def by(handle: Words, password: Words) -> Words:
    """The words for the way in which people sign in here."""
    return lazy(lambda: str(handle if is_offered() else password), str)()


def is_of_oauth(grant: Grant) -> bool:
    """Whether its tokens came by this way."""
    return "dpop_key" in grant.extra


def document_of(app: App) -> dict[str, Any]:
    """Who we are, for any server that reads it."""
    keys = [
        dpop.public_part(key) | {"kid": name, "alg": dpop.ALGORITHM, "use": "sig"}
        for name, key in dpop.app_keys().items()
    ]
    return {
        "client_id": app.client_id,
        "client_name": "Fanfare",
        "client_uri": settings.PUBLIC_URL,
        "redirect_uris": [app.callback],
        "scope": OAUTH_SCOPES,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": dpop.ALGORITHM,
        "dpop_bound_access_tokens": True,
        "jwks": {"keys": keys},
    }


# ── Whom to ask ───────────────────────────────────────────────────────────────────────────────
def issuer_of(home: str) -> str:
    """The server that signs in the people of `home`. Raises the errors."""
    told = json_at(home, PROTECTED)
    named = told.get("authorization_servers")
    if not isinstance(named, list) or not named:
        raise Rejected(Reason.HOME_UNKNOWN, "it names no server to sign in at")
    return host_named(str(named[0]))


def endpoints_of(issuer: str) -> dict[str, str]:
    """Its paths, by their names; all of them must be its own. Raises the errors."""
    told = json_at(issuer, METADATA_PATH)
    if told.get("issuer") != home_address(issuer):
        raise Rejected(Reason.HOME_UNKNOWN, "it says that it is another server")
    found: dict[str, str] = {}
    for name in (PUSHED, TOKEN, "authorization_endpoint", REVOKING):
        url = text_or(told.get(name), "")
        if url.startswith(f"{home_address(issuer)}/"):
            found[name] = urlsplit(url).path
    if not {PUSHED, TOKEN, "authorization_endpoint"} <= found.keys():
        raise Rejected(Reason.HOME_UNKNOWN, "it does not say where to ask")
    return found


def json_at(home: str, path: str) -> dict[str, Any]:
    try:
        answer = call(home, "GET", path, deadline=SIGN_IN_DEADLINE)
    except Rejected as error:
        raise Rejected(Reason.HOME_UNKNOWN, error.detail, error.status) from error
    with reading(answer):
        return as_object(answer.json())


def asked(
    issuer: str, path: str, app: Mapping[str, str], key: str, fields: Mapping[str, str]
) -> dict[str, Any]:
    """One question of our app to the server that signs in. Raises the errors."""
    signed = dpop.assertion(app["app_key"], app["client_id"], home_address(issuer))
    form = {
        **fields,
        "client_id": app["client_id"],
        "client_assertion_type": BY_ASSERTION,
        "client_assertion": signed,
    }
    answer = call(
        issuer,
        "POST",
        path,
        proving=Proving(key),
        deadline=SIGN_IN_DEADLINE,
        rows=OAUTH,
        yes=(200, 201),
        data=form,
    )
    with reading(answer):
        return as_object(answer.json()) if answer.content else {}


# ── Signing in ────────────────────────────────────────────────────────────────────────────────
def send_on(handle: str, app: App, state: str, challenge: str) -> SentOn:
    """Where this person goes to say yes. Raises the five errors."""
    with Window(BEGIN_SECONDS):
        did = identity.account_named(handle)
        home = identity.home_of(did, SIGN_IN_DEADLINE)
        issuer = issuer_of(home)
        paths = endpoints_of(issuer)
        kept = {
            "did": did,
            "home": home,
            "issuer": issuer,
            "token_path": paths[TOKEN],
            "revoke_path": paths.get(REVOKING, ""),
            "client_id": app.client_id,
            "app_key": next(iter(dpop.app_keys())),
            "dpop_key": dpop.new_key(),
        }
        fields = {
            "response_type": "code",
            "redirect_uri": app.callback,
            "scope": OAUTH_SCOPES,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "login_hint": did,
        }
        answer = asked(issuer, paths[PUSHED], kept, kept["dpop_key"], fields)
    named = answer.get("request_uri")
    if not isinstance(named, str) or not named:
        raise TemporaryError(Reason.UNREACHABLE, "the answer names no request")
    query = urlencode({"client_id": app.client_id, "request_uri": named})
    return SentOn(f"{home_address(issuer)}{paths['authorization_endpoint']}?{query}", kept)


def grant_for_return(
    query: Mapping[str, str], kept: Mapping[str, str], app: App, verifier: str
) -> Grant:
    """The tokens for what a person has brought back. Raises the five errors: Rejected
    `sign_in_refused` where another server has sent them, or they are somebody else there."""
    if query.get("iss") != home_address(kept["issuer"]):
        raise Rejected(Reason.SIGN_IN_REFUSED, "sent back by another server")
    fields = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "redirect_uri": app.callback,
        "code_verifier": verifier,
    }
    try:
        answer = asked(kept["issuer"], kept["token_path"], kept, kept["dpop_key"], fields)
    except AuthorizationLost as error:  # of a code, that is
        raise Rejected(Reason.SIGN_IN_REFUSED, error.detail, error.status) from error
    return grant_of(answer, kept)


def grant_of(answer: dict[str, Any], kept: Mapping[str, str]) -> Grant:
    """The tokens in an answer, with all that is needed to use and to renew them."""
    access, refresh, kind = (
        text_or(answer.get(name), "") for name in ("access_token", "refresh_token", "token_type")
    )
    if not access or not refresh or kind.lower() != "dpop":
        raise TemporaryError(Reason.UNREACHABLE, "no tokens in the answer")
    if answer.get("sub") != kept["did"]:
        raise Rejected(Reason.SIGN_IN_REFUSED, "the tokens of another account")
    scopes = tuple(text_or(answer.get("scope"), "").split())
    if not set(OAUTH_SCOPES.split()) <= set(scopes):
        raise Rejected(Reason.SIGN_IN_REFUSED, "not all was allowed that a post needs")
    life = whole_number(answer.get("expires_in"))
    ends = datetime.now(UTC) + timedelta(seconds=life) if life else None
    return Grant(access, refresh, ends, scopes, kept["home"], {**kept})


def renew(grant: Grant) -> Grant:
    """A new pair, which the old refresh token is used up by."""
    kept = grant.extra
    fields = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
    try:
        answer = asked(kept["issuer"], kept["token_path"], kept, kept["dpop_key"], fields)
        return grant_of(answer, kept)
    except Rejected as error:  # what was a matter of signing in is lost by now
        raise AuthorizationLost(Reason.TOKEN_DEAD, error.detail, error.status) from error


def end(grant: Grant) -> None:
    kept = grant.extra
    if kept["revoke_path"]:
        fields = {"token": grant.refresh}
        asked(kept["issuer"], kept["revoke_path"], kept, kept["dpop_key"], fields)
