"""One call to one server. Plain requests by `http.call_home`, no SDK: Mastodon.py sleeps and asks
again by itself when it is limited, makes one text of whatever breaks on the wire, and so cannot say
what never left."""

from typing import Any

import requests
from django.conf import settings

from ..http import CALL_DEADLINE, call_home, reading
from ..reading import as_object
from ..refusals import Refusal
from .errors import classify
from .refusals import REFUSALS

ACCOUNTS, STATUSES, MEDIA = "/api/v1/accounts", "/api/v1/statuses", "/api/v1/media"


def call(
    home: str,
    verb: str,
    path: str,
    *,
    token: str = "",
    creating: bool = False,
    deadline: float = CALL_DEADLINE,
    rows: tuple[Refusal, ...] = REFUSALS,
    also: tuple[int, ...] = (),
    **sent: Any,
) -> requests.Response:
    """Ask the server `home` once; its yes, or `also` one of these. Raises the five errors. Nobody
    who does not say who he is gets an answer of GoToSocial's."""
    sent["headers"] = sent.get("headers", {}) | {"User-Agent": f"Fanfare (+{settings.PUBLIC_URL})"}
    answer = call_home(home, verb, path, token, creating, deadline, **sent)
    if not 200 <= answer.status_code < 300 and answer.status_code not in also:
        raise classify(answer, creating, rows)
    return answer


def ask(home: str, path: str, verb: str = "GET", **sent: Any) -> dict[str, Any]:
    """The object that comes back."""
    answer = call(home, verb, path, **sent)
    with reading(answer):
        return as_object(answer.json())
