"""What every address of the API has in common."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router

from .access import Scope
from .models import PUBLISH, READ, WRITE
from .problems import Problem
from .schemas import ProblemOut

Statuses = frozenset[int]
EVERYWHERE: Statuses = frozenset({400, 401, 403, 404, 405, 422, 429})
WHILE_WRITING: Statuses = EVERYWHERE | {409, 412, 413, 415, 503}
Endpoint = Callable[..., Any]
READER, WRITER, PUBLISHER = Scope(READ), Scope(WRITE), Scope(PUBLISH)


def problems(*more: int, writes: bool = False) -> dict[Any, Any]:
    """The answers that are problems."""
    return {(WHILE_WRITING if writes else EVERYWHERE) | set(more): ProblemOut}


def reading(router: Router, path: str, answer: Any) -> Callable[[Endpoint], Endpoint]:
    """Of what is there."""
    return router.get(path, auth=READER, response={200: answer} | problems())


def writing(
    router: Router,
    method: str,
    path: str,
    answers: dict[int, Any],
    scope: Scope = PUBLISHER,
    *more: int,
) -> Callable[[Endpoint], Endpoint]:
    """Of what changes something."""
    response = answers | problems(*more, writes=True)
    return router.api_operation([method], path, auth=scope, response=response)


def seen_revision(request: HttpRequest, now: str, is_needed: bool = False) -> str:
    """The revision that If-Match names, `now` being how it stands. Raises Problem where it is
    another, or where one `is_needed` and none is named."""
    named = request.headers.get("If-Match", "").strip()
    if not named and is_needed:
        raise Problem("revision-needed")
    if not named or named == "*":
        return now
    return named.removeprefix("W/").strip('"')


def etag(revision: object) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}
