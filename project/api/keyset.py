"""Pages that begin where the last one ended: as quick for the last as for the first."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from .problems import Problem

MOST_ROWS, USUAL_ROWS = 100, 50


def place_of(pk: int) -> str:
    """Where a page ends, for an address."""
    return base64.urlsafe_b64encode(str(pk).encode()).decode().rstrip("=")


def pk_at(place: str) -> int:
    """Raises Problem for what no answer of ours said."""
    try:
        text = base64.urlsafe_b64decode(place + "=" * (-len(place) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    if not text.isdecimal() or len(text) > 18:
        raise Problem("bad-request", "after is what next of an answer said.")
    return int(text)


def page_of(
    request: HttpRequest,
    rows: QuerySet,
    limit: int,
    after: str | None,
    shown: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """Of `rows`, which are ordered by falling ids, the next `limit`."""
    if after:
        rows = rows.filter(pk__lt=pk_at(after))
    some = list(rows[: limit + 1])
    place = place_of(some[limit - 1].pk) if len(some) > limit else None
    return page_with(request, map(shown, some[:limit]), place)


def page_with(
    request: HttpRequest, items: Iterable[dict[str, Any]], place: str | None
) -> dict[str, Any]:
    """The answer, and a Link header to what follows."""
    if place is not None:
        query = {name: value for name, value in request.GET.items() if name != "after"}
        address = f"{settings.PUBLIC_URL}{request.path_info}?{urlencode(query | {'after': place})}"
        request.api_next = address  # type: ignore[attr-defined]
    return {"items": list(items), "next": place}
