"""Who asks: the bearer of a token, in a header and nowhere else. No cookie opens anything here."""

from typing import Any, cast

from allauth.core.internal.ratelimit import get_ip
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.security.base import AuthBase

from .limits import READS, WRITES, WRONG_TOKENS
from .models import MARK, ApiToken
from .problems import Problem

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Fanfare"'}
LONGEST_TOKEN = 200
SAFE_METHODS = ("GET", "HEAD")
BODILESS = (*SAFE_METHODS, "DELETE")


class Scope(AuthBase):
    """Lets in whoever bears a token with this scope."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, name: str) -> None:
        self.scope = name
        super().__init__()

    def __call__(self, request: HttpRequest) -> ApiToken:
        """Raises Problem. From here on the request is its person's."""
        token = bearer(request)
        limit = READS if request.method in SAFE_METHODS else WRITES
        allowance = limit.count(token.public_id)
        request.api_allowance = allowance  # type: ignore[attr-defined]
        if allowance.is_over:
            raise Problem("too-many")
        if self.scope not in token.scopes:
            raise Problem("scope")
        check_type(request)
        request.user = token.user
        token.note_use(address_of(request))
        return token


def check_type(request: HttpRequest) -> None:
    """Raises Problem for what is sent as another type than its address takes."""
    is_sent = (request.META.get("CONTENT_LENGTH") or "0") != "0"
    takes = cast(Any, request).api_takes
    if request.method not in BODILESS and is_sent and request.content_type != takes:
        raise Problem("media-type", headers={"Accept": takes})


def bearer(request: HttpRequest) -> ApiToken:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise Problem("unauthorized", headers=CHALLENGE)
    is_ours = secret.startswith(MARK) and len(secret) <= LONGEST_TOKEN
    token = ApiToken.objects.named_by(secret) if is_ours else None
    if token is None:
        allowance = WRONG_TOKENS.count(address_of(request))
        request.api_allowance = allowance  # type: ignore[attr-defined]
        raise (
            Problem("too-many") if allowance.is_over else Problem("unauthorized", headers=CHALLENGE)
        )
    return token


def address_of(request: HttpRequest) -> str:
    """By which strangers are told apart; empty where a proxy tells none."""
    try:
        return get_ip(request)
    except PermissionDenied:
        return ""


def token_of(request: HttpRequest) -> ApiToken:
    return cast(Any, request).auth


def person_of(request: HttpRequest) -> User:
    return token_of(request).user
