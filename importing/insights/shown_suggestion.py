"""Which suggestion a page shows: another one than the page before. A cookie remembers that, so that
opening the composer writes no row."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .suggestion import Suggestion

COOKIE_NAME = "suggestion"


def suggestion_for(request: HttpRequest) -> Suggestion | None:
    """Return the suggestion for this page, and have its answer remember it."""
    last = request.COOKIES.get(COOKIE_NAME, "")
    suggestion = Suggestion.objects.choose(request.user, last)
    request.META["SHOWN_SUGGESTION"] = suggestion and str(suggestion.public_id)
    return suggestion


class ShownSuggestionMiddleware:
    """Sets the cookie when a page has shown a suggestion."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if public_id := request.META.get("SHOWN_SUGGESTION"):
            response.set_cookie(
                COOKIE_NAME,
                public_id,
                path=settings.SESSION_COOKIE_PATH,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
