"""One call to one server. Plain requests by `http.call_home`, no SDK: atproto 0.0.73 brings 21
packages and 68 MB, drops `swapRecord: null`, and keeps to none of our deadlines."""

from typing import Any

import requests

from ..http import CALL_DEADLINE, call_home, reading
from ..reading import as_object
from ..refusals import Refusal
from .errors import classify
from .refusals import REFUSALS


def call(
    home: str,
    verb: str,
    path: str,
    *,
    token: str = "",
    creating: bool = False,
    deadline: float = CALL_DEADLINE,
    rows: tuple[Refusal, ...] = REFUSALS,
    **sent: Any,
) -> requests.Response:
    """Ask the server `home` once; its yes. Raises the five errors."""
    answer = call_home(home, verb, path, token, creating, deadline, **sent)
    if answer.status_code != 200:
        raise classify(answer, creating, rows)
    return answer


def method(name: str) -> str:
    return f"/xrpc/{name}"


def ask(home: str, name: str, *, token: str = "", **sent: Any) -> dict[str, Any]:
    """A question; the object that comes back."""
    answer = call(home, "GET", method(name), token=token, **sent)
    with reading(answer):
        return as_object(answer.json())


def tell(home: str, name: str, *, token: str = "", **sent: Any) -> dict[str, Any]:
    """What is sent to it and makes no post; the object that comes back, empty where none does."""
    answer = call(home, "POST", method(name), token=token, **sent)
    with reading(answer):
        return as_object(answer.json()) if answer.content else {}
