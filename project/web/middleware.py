"""What holds for every page: who may ask for it by which name, how it travels, who may keep it."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from ..hosts import host_of, is_this_machine
from ..logs import AtMostEvery

logger = logging.getLogger(__name__)
REFUSALS_LOGGED_EVERY_SECONDS = 60.0
LOGGED_HOST_LETTERS = 100  # at most
NEVER_STORED = "private, no-store"
# Whom a proxy asks for, by its own account, beside X-Forwarded-For and Forwarded.
CLIENT_ADDRESSES = ("HTTP_X_REAL_IP", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP", "REMOTE_ADDR")
ACCOUNT_PAGES = "/accounts/"
GetResponse = Callable[[HttpRequest], HttpResponse]
# Asked from inside, by an address or any name; what they answer depends on no host.
PROBES = ("/healthz", "/metrics")


class HostMiddleware:
    """Refuses a host that is not ours before anything looks at it: a page, and one line in the log
    now and then. Django's own answer would be a traceback for each, and in DEBUG a debug page.

    A probe may ask by any name.

    In DEBUG it also refuses whoever is not on this machine, however they came here: `runserver
    0.0.0.0`, a proxy, a tunnel.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.at_most = AtMostEvery(REFUSALS_LOGGED_EVERY_SECONDS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost:
            if request.path_info not in PROBES:
                return self.refuse_host(request)
            request.META["HTTP_HOST"] = a_host_of_ours()
        if settings.DEBUG and not comes_from_this_machine(request):
            return HttpResponseForbidden("DEBUG is on: for this machine only.", "text/plain")
        return self.get_response(request)

    def refuse_host(self, request: HttpRequest) -> HttpResponse:
        host = request.META.get("HTTP_HOST", "")[:LOGGED_HOST_LETTERS]
        self.at_most(
            lambda count: logger.warning(
                "%s for a host that is not in ALLOWED_HOSTS, the last for %r",
                f"{count} requests" if count > 1 else "a request",
                host,
            )
        )
        response = render(request, "400_host.html", status=400)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        response._has_been_logged = True  # type: ignore[attr-defined]  # or Django logs each
        return response


def a_host_of_ours() -> str:
    return next((host.lstrip("*.") for host in settings.ALLOWED_HOSTS), "") or "localhost"


def comes_from_this_machine(request: HttpRequest) -> bool:
    """Whether the address of who asks, and of whom they say to ask for, is this machine's. A Unix
    socket has none."""
    addresses = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    addresses += [request.META.get(name, "") for name in CLIENT_ADDRESSES]
    addresses += forwarded_for(request.META.get("HTTP_FORWARDED", ""))
    return all(is_this_machine(address) for address in map(str.strip, addresses) if address)


def forwarded_for(header: str) -> list[str]:
    """Whom a header as in RFC 7239 names: `for=192.0.2.60;proto=http, for="[2001:db8::17]:4711"`.
    What cannot be read stays as it is, and so is nobody of this machine."""
    clients = []
    for part in header.replace(",", ";").split(";"):
        name, _, value = part.strip().partition("=")
        value = value.strip('" ')
        if name.strip().lower() == "for":
            clients.append(host_of(value) or value or "unknown")
    return clients or [header]


class CompressingMiddleware(GZipMiddleware):
    """Pages go out compressed; pictures and what else is small already go as they are.

    The length of a compressed page must not tell what is secret in it (BREACH): Django masks the
    token of forms anew for each page and makes each page longer by chance, and a browser sends our
    cookies with nothing that another site asks for in the background.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        is_words = kind.startswith("text/") or kind.endswith(("json", "xml"))
        return super().process_response(request, response) if is_words else response


class PrivatePagesMiddleware:
    """Nobody keeps the page of a person, unless its view says otherwise: no proxy, and not the
    browser either, whose Back button would show it to whoever comes after signing out. Nor those on
    the way to an account, whose addresses and words tell whose it is.

    Where people type at length the view says `private, no-cache`: what a browser may not store it
    loads anew on Back, without the words. What it kept so is wiped when they sign out.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        is_signed_in = request.user.is_authenticated
        if was_signed_in or is_signed_in or request.path_info.startswith(ACCOUNT_PAGES):
            response.headers.setdefault("Cache-Control", NEVER_STORED)
            patch_vary_headers(response, ["Cookie"])
        if was_signed_in and not is_signed_in:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response
