"""The API as a whole: its addresses, what goes wrong in it, and how it describes itself."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.log import log_response
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from .endpoints import deliveries, drafts, person, pictures, planning, posts, webhooks
from .problems import Problem, of_description

JSON_TYPE, FORM_TYPE = "application/json", "multipart/form-data"
View = Callable[..., HttpResponse]

api = NinjaAPI(
    title="Fanfare",
    version="1",
    description="Say it once; it is heard everywhere, exactly once.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
)
for module in (person, posts, deliveries, drafts, pictures, planning, webhooks):
    api.add_router("", module.router)


# ── What goes wrong ───────────────────────────────────────────────────────────────────────────
@api.exception_handler(Problem)
def tell_problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return error.as_response(request.path)


@api.exception_handler(Http404)
def tell_nothing_there(request: HttpRequest, error: Http404) -> HttpResponse:
    return Problem("not-found").as_response(request.path)


@api.exception_handler(ValidationError)
def tell_what_does_not_fit(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return of_description(error.errors).as_response(request.path)


@api.exception_handler(HttpError)
def tell_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    is_too_large = isinstance(error.__cause__, RequestDataTooBig)
    return Problem("too-large" if is_too_large else "bad-request").as_response(request.path)


@api.exception_handler(SuspiciousOperation)
def tell_too_large(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    is_too_large = isinstance(error, RequestDataTooBig)
    return Problem("too-large" if is_too_large else "bad-request").as_response(request.path)


@api.exception_handler(Exception)
def tell_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours is logged as that of a page is, and its answer is one that programs read."""
    got_request_exception.send(sender=api, request=request)
    response = Problem("unexpected").as_response(request.path)
    what = "%s: %s"
    log_response(
        what, response.reason_phrase, request.path, response=response, request=request,
        exception=error,
    )  # fmt: skip
    return response


# ── Around each address ───────────────────────────────────────────────────────────────────────
def around(view: View, takes: str) -> View:
    """What holds for every answer. `takes` is the type of what may be sent there."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.api_takes = takes  # type: ignore[attr-defined]  # `access` asks who it is, first
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            headers = {"Allow": response.headers["Allow"]}
            response = Problem("method", headers=headers).as_response(request.path)
        return with_headers(request, response)

    return answer


def with_headers(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """How many requests are left, where the next page is, and that nobody keeps it."""
    if allowance := getattr(request, "api_allowance", None):
        for name, value in allowance.headers.items():
            response.headers[name] = value
    if address := getattr(request, "api_next", ""):
        response.headers["Link"] = f'<{address}>; rel="next"'
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def tell_no_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    return Problem("not-found").as_response(request.path)


def addresses() -> list[Any]:
    """For the URLconf, each with what holds for every answer."""
    patterns: list[Any] = [each for each in api.urls[0] if getattr(each, "name", "") != "api-root"]
    for pattern in patterns:
        takes = FORM_TYPE if str(pattern.pattern).startswith("media") else JSON_TYPE
        pattern.callback = around(pattern.callback, takes)
    return patterns
