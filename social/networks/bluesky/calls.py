"""One call to one server. Plain requests by `http.call_home`, no SDK: atproto 0.0.73 brings 21
packages and 68 MB, drops `swapRecord: null`, and keeps to none of our deadlines."""

from dataclasses import dataclass, field
from typing import Any

import requests

from ..home_answers import object_in
from ..http import CALL_DEADLINE, call_home, home_address, reading
from ..reading import as_object
from ..refusals import Refusal
from ..shapes import Grant
from . import dpop
from .errors import classify
from .refusals import REFUSALS

NONCE_WANTED = "use_dpop_nonce"


@dataclass(frozen=True)
class Proving:
    """The key that a request proves to have, with the token that is bound to it."""

    key: str = field(repr=False)
    access: str = field(default="", repr=False)


def proving_of(grant: Grant) -> Proving | None:
    """What requests by this grant prove; None where its tokens are those of an app password."""
    key = grant.extra.get("dpop_key")
    return Proving(key, grant.access) if key else None


def call(
    home: str,
    verb: str,
    path: str,
    *,
    token: str = "",
    grant: Grant | None = None,
    proving: Proving | None = None,
    creating: bool = False,
    deadline: float = CALL_DEADLINE,
    rows: tuple[Refusal, ...] = REFUSALS,
    yes: tuple[int, ...] = (200,),
    **sent: Any,
) -> requests.Response:
    """Ask the server `home` once; its yes. With a key to prove, twice where it has done nothing
    because it wants a nonce of its own. Raises the five errors."""
    if grant is not None:
        proving, token = proving_of(grant), grant.access
    if proving is None:
        answer = call_home(home, verb, path, token, creating, deadline, **sent)
    else:
        headers = sent.pop("headers", {})
        for _ in range(2):
            proved = headers | proof_headers(home, verb, path, proving)
            answer = call_home(home, verb, path, "", creating, deadline, headers=proved, **sent)
            dpop.NONCES.note(home, answer.headers)
            if not wants_nonce(answer):
                break
    if answer.status_code not in yes:
        raise classify(answer, creating, rows)
    return answer


def proof_headers(home: str, verb: str, path: str, proving: Proving) -> dict[str, str]:
    url, nonce = f"{home_address(home)}{path}", dpop.NONCES.of(home)
    signed = dpop.proof(dpop.read_key(proving.key), verb, url, nonce, proving.access)
    token = {"Authorization": f"DPoP {proving.access}"} if proving.access else {}
    return {"DPoP": signed} | token


def wants_nonce(answer: requests.Response) -> bool:
    """Whether it refused for want of its nonce, and so has done nothing."""
    if answer.status_code not in (400, 401) or "DPoP-Nonce" not in answer.headers:
        return False
    return NONCE_WANTED in answer.headers.get("WWW-Authenticate", "") or (
        object_in(answer).get("error") == NONCE_WANTED
    )


def method(name: str) -> str:
    return f"/xrpc/{name}"


def ask(home: str, name: str, **sent: Any) -> dict[str, Any]:
    """A question; the object that comes back."""
    answer = call(home, "GET", method(name), **sent)
    with reading(answer):
        return as_object(answer.json())


def tell(home: str, name: str, **sent: Any) -> dict[str, Any]:
    """What is sent to it and makes no post; the object that comes back, empty where none does."""
    answer = call(home, "POST", method(name), **sent)
    with reading(answer):
        return as_object(answer.json()) if answer.content else {}
