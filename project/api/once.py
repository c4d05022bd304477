"""What a program asks for with an Idempotency-Key happens once: what was answered is written in the
transaction of what was done, so that there is never a key that is claimed and has no answer."""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from .access import token_of
from .models import LONGEST_KEY, ApiCall
from .problems import Problem, error_at, invalid

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"


@dataclass(frozen=True)
class KeptAnswer:
    """What a request is answered; `post` is what came of it. What is `told_once` is in the first
    answer only, and kept nowhere: a secret."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    post: Any = None
    told_once: dict[str, Any] = field(default_factory=dict)

    def as_response(self) -> HttpResponse:
        return as_response(self.status, json.dumps(self.body | self.told_once), self.headers)

    @property
    def text(self) -> str:
        return json.dumps(self.body)


def as_response(status: int, text: str, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(text, "application/json", status, headers=headers)


# It is given a key for the post that it makes, None where the program gave none.
Act = Callable[[uuid.UUID | None], KeptAnswer]


def once(
    request: HttpRequest, prepare: Callable[[], Act], said: bytes | None = None
) -> HttpResponse:
    """The answer to what `prepare` checks, and what it returns does in one transaction; or the
    answer to the same request before. `said` is what was asked, where it is not the body."""
    key = key_of(request)
    if not key:
        with transaction.atomic():
            answer = prepare()(None)
        return answer.as_response()
    call = ApiCall(token=token_of(request), key=key, fingerprint=fingerprint_of(request, said))
    if earlier := earlier_of(call):
        return replay(earlier, call)
    act = prepare()
    with transaction.atomic():
        if claim(call):
            answer = act(uuid.uuid5(call.token.public_id, key))
            call.status, call.body, call.headers = answer.status, answer.text, answer.headers
            call.post = answer.post
            call.save(update_fields=["status", "body", "headers", "post"])
            return answer.as_response()
    return replay(earlier_of(call), call)


def claim(call: ApiCall) -> bool:
    """Whether nobody else has this key. Who comes at the same time waits here until the first is
    through; where that one comes to nothing, this one goes on."""
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def earlier_of(call: ApiCall) -> ApiCall | None:
    return ApiCall.objects.filter(token=call.token, key=call.key).first()


def replay(earlier: ApiCall | None, call: ApiCall) -> HttpResponse:
    """The first answer once more. Raises Problem for another request under the same key."""
    assert earlier is not None
    if earlier.fingerprint != call.fingerprint:
        raise Problem("key-used")
    headers = {**earlier.headers, REPLAYED_HEADER: "true"}
    return as_response(earlier.status, earlier.body, headers)


def key_of(request: HttpRequest) -> str:
    key = request.headers.get(KEY_HEADER, "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        sentence = f"An Idempotency-Key has at most {LONGEST_KEY} printable characters."
        raise invalid([error_at("", sentence, "key")])
    return key


def fingerprint_of(request: HttpRequest, said: bytes | None) -> str:
    """The same for the same request, however its JSON is ordered."""
    if said is None:
        said = in_order(request.body)
    what = f"{request.method} {request.path_info} {request.headers.get('If-Match', '')}\n"
    return hashlib.sha256(what.encode() + said).hexdigest()


def in_order(body: bytes) -> bytes:
    try:
        return json.dumps(json.loads(body or b"null"), sort_keys=True).encode()
    except ValueError:
        return body
