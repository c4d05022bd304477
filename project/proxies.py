"""A proxy in front that nobody has told us of, as `manage.py doctor` says it.

Then everybody has the proxy's address, and whoever types ten wrong passwords locks all out.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

NOTED = "unknown-proxy"  # in the cache
NOTED_FOR, NOTED_EVERY = 7 * 24 * 3600, 3600.0  # seconds


class UnknownProxyMiddleware:
    """Notes that somebody adds to X-Forwarded-For, while nobody is said to. Any stranger can send
    such a header, but not from an address of our own network."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response, self.again_at = get_response, 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_from_unknown_proxy(request) and time.monotonic() >= self.again_at:
            self.again_at = time.monotonic() + NOTED_EVERY
            with suppress(DatabaseError):
                cache.set(NOTED, True, NOTED_FOR)
        return self.get_response(request)


def is_from_unknown_proxy(request: HttpRequest) -> bool:
    said = "HTTP_X_FORWARDED_FOR" in request.META and not settings.ALLAUTH_TRUSTED_PROXY_COUNT
    return said and is_near(request.META.get("REMOTE_ADDR", ""))


def is_near(address: str) -> bool:
    """In a private network, on this machine, or at a Unix socket, which has no address."""
    try:
        return not address or ip_address(address).is_private
    except ValueError:
        return False


def is_one_unknown() -> bool:
    return not settings.ALLAUTH_TRUSTED_PROXY_COUNT and bool(cache.get(NOTED))
