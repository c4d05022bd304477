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
NOTED_FOR_SECONDS = 7 * 24 * 3600
WARNED_EVERY_SECONDS = 3600.0


class UnknownProxyMiddleware:
    """Notes that somebody adds to X-Forwarded-For, while nobody is said to. Any stranger can send
    such a header, but not from an address of our own network."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response, self.again_at = get_response, 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_from_unknown_proxy(request) and time.monotonic() >= self.again_at:
            self.again_at = time.monotonic() + WARNED_EVERY_SECONDS
            with suppress(DatabaseError):
                cache.set(NOTED, True, NOTED_FOR_SECONDS)
        return self.get_response(request)


def is_from_unknown_proxy(request: HttpRequest) -> bool:
    is_behind_one = "HTTP_X_FORWARDED_FOR" in request.META
    is_unknown = not settings.ALLAUTH_TRUSTED_PROXY_COUNT
    return is_behind_one and is_unknown and is_near(request.META.get("REMOTE_ADDR", ""))


def is_near(address: str) -> bool:
    """Whether it is in a private network, of this machine, or of a Unix socket, which has none."""
    try:
        return not address or ip_address(address).is_private
    except ValueError:
        return False


def is_one_unknown() -> bool:
    """Whether such a proxy was noted in the last days."""
    return not settings.ALLAUTH_TRUSTED_PROXY_COUNT and bool(cache.get(NOTED))
