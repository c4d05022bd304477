"""A session by app password: two JSON web tokens, whose claims we read and do not verify. The
password itself is kept nowhere: the refresh token renews for ever, if it is used within 90 days."""

import base64
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from social.reasons import Reason

from ..errors import AuthorizationLost, NetworkError, Rejected, TemporaryError
from ..http import SIGN_IN_DEADLINE
from ..reading import as_object, moment_or_none
from ..shapes import Grant
from . import identity
from .calls import tell
from .refusals import SIGN_IN

SERVER = "com.atproto.server"
OF_MAIN_PASSWORD = "com.atproto.access"  # noqa: S105  a scope; one of an app's is …appPass


def claims_of(token: str) -> dict[str, Any]:
    """What a JSON web token says; nothing for what is none."""
    try:
        body = token.split(".")[1]
        return as_object(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (IndexError, ValueError, RecursionError):
        return {}


def account_of(token: str) -> str:
    """The DID whose token this is; empty where it does not say."""
    did = claims_of(token).get("sub")
    return did if isinstance(did, str) and identity.DID.fullmatch(did) else ""


def account_with(grant: Grant) -> str:
    """The DID whose tokens these are."""
    return grant.extra.get("did") or account_of(grant.access)


def grant_of(answer: dict[str, Any], home: str) -> Grant:
    """The tokens in an answer. Raises TemporaryError where there are none."""
    access, refresh = answer.get("accessJwt"), answer.get("refreshJwt")
    if not isinstance(access, str) or not access or not isinstance(refresh, str) or not refresh:
        raise TemporaryError(Reason.UNREACHABLE, "no tokens in the answer")
    return completed(Grant(access, refresh, home=home))


def completed(grant: Grant) -> Grant:
    """`grant` with what its token says of itself: when it ends, and what it may."""
    claims = claims_of(grant.access)
    scope = claims.get("scope")
    scopes = (scope,) if isinstance(scope, str) and scope else grant.scopes
    ends: datetime | None = moment_or_none(claims.get("exp")) or grant.expires_at
    return replace(grant, expires_at=ends, scopes=scopes)


def check_scope(grant: Grant) -> None:
    """Raises Rejected for what came of a main password: with it everything could be done, and
    nobody could take it back without changing it."""
    if OF_MAIN_PASSWORD in grant.scopes:
        with suppress(NetworkError):
            end(grant, SIGN_IN_DEADLINE)
        raise Rejected(Reason.MAIN_PASSWORD, "a main password")


def sign_in(answers: Mapping[str, str]) -> Grant:
    """The tokens for a handle and an app password. Raises the five errors."""
    did = identity.account_named(answers["handle"])
    home = identity.home_of(did, SIGN_IN_DEADLINE)
    typed = {"identifier": did, "password": answers["password"].strip()}
    answer = tell(
        home, f"{SERVER}.createSession", json=typed, deadline=SIGN_IN_DEADLINE, rows=SIGN_IN
    )
    grant = grant_of(answer, home)
    check_scope(grant)
    return grant


def with_home(grant: Grant) -> Grant:
    """Tokens that somebody pasted, with the server that their account lives on."""
    did = account_of(grant.access)
    if not did:
        raise AuthorizationLost(Reason.TOKEN_DEAD, "a token that names no account")
    found = completed(replace(grant, home=grant.home or identity.home_of(did)))
    check_scope(found)
    return found


def renew(grant: Grant) -> Grant:
    """A new pair. Asked again with the same token, a server answers with the same one for two
    hours: a lost answer loses nothing. Where the account has moved, its tokens are of the new
    server."""
    answer = tell(grant.home, f"{SERVER}.refreshSession", token=grant.refresh)
    did = account_of(grant.access)
    home = identity.moved_to(answer, did, grant.home) if did else grant.home
    return grant_of(answer, home)


def end(grant: Grant, deadline: float = SIGN_IN_DEADLINE) -> None:
    """Nothing is renewed any more. What is there lives on to its end: two hours."""
    tell(grant.home, f"{SERVER}.deleteSession", token=grant.refresh, deadline=deadline)
