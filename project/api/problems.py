"""What goes wrong, as RFC 9457 has it: the sentences that people see, and a code for programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social.words import Words

PROBLEM_TYPE = "application/problem+json"
PROBLEMS_PATH = "/api/problems/"


@dataclass(frozen=True)
class ProblemType:
    """One way in which a request can go wrong."""

    status: int
    title: Words
    advice: Words


PROBLEM_TYPES: dict[str, ProblemType] = {
    "bad-request": ProblemType(
        400, _("This cannot be read"), _("Send what the description says, as JSON.")
    ),
    "unauthorized": ProblemType(
        401,
        _("No token, or one that opens nothing"),
        _("Send Authorization: Bearer fan_… with a token from Settings that still stands."),
    ),
    "scope": ProblemType(
        403,
        _("This token may not do that"),
        _("Make a token with the scope that the description names."),
    ),
    "channel": ProblemType(
        403,
        _("This token may not publish there"),
        _("It is limited to some channels. Use another token, or other channels."),
    ),
    "not-found": ProblemType(
        404,
        _("There is no such thing"),
        _("What is somebody else's is not there either."),
    ),
    "method": ProblemType(
        405, _("This address does not take that method"), _("The Allow header names those it does.")
    ),
    "changed": ProblemType(
        409,
        _("It has changed meanwhile"),
        _("Read it again, and decide by how it stands now."),
    ),
    "too-late": ProblemType(
        409,
        _("It is too late for that"),
        _("Sending has begun, or nothing is left to change. Its deliveries say how it stands."),
    ),
    "published": ProblemType(
        409, _("It was published already"), _("A draft becomes one post, once.")
    ),
    "revision": ProblemType(
        412,
        _("That revision is an old one"),
        _("Read it again, and send the ETag that it has now."),
    ),
    "too-large": ProblemType(
        413, _("That is too large"), _("A picture may have 10 MB, a request less.")
    ),
    "media-type": ProblemType(
        415, _("That is of another type"), _("Send application/json; a picture as a form's file.")
    ),
    "invalid": ProblemType(
        422,
        _("This cannot be taken as it is"),
        _("Each of its errors says where it is, and in a sentence what is wrong."),
    ),
    "key-used": ProblemType(
        422,
        _("This key was used for another request"),
        _("Use a new Idempotency-Key for what is new, and the same one only to repeat."),
    ),
    "revision-needed": ProblemType(
        428, _("Say which revision you have seen"), _("Send its ETag as If-Match.")
    ),
    "too-many": ProblemType(
        429, _("Too many requests"), _("Wait as many seconds as Retry-After says.")
    ),
    "unexpected": ProblemType(
        500, _("A fault of ours"), _("Ask again with the same Idempotency-Key: nothing doubles.")
    ),
    "busy": ProblemType(503, _("We are busy"), _("Ask again in a moment.")),
}


@dataclass
class Problem(Exception):
    """Ends a request with the problem of this `code`; `detail` is a sentence for people."""

    code: str
    detail: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> ProblemType:
        return PROBLEM_TYPES[self.code]

    def as_json(self, path: str) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "type": f"{settings.PUBLIC_URL}{PROBLEMS_PATH}#{self.code}",
            "title": str(self.kind.title),
            "status": self.kind.status,
            "detail": self.detail or str(self.kind.advice),
            "instance": path,
            "code": self.code,
        }
        return facts | ({"errors": self.errors} if self.errors else {})

    def as_response(self, path: str) -> HttpResponse:
        status = self.kind.status
        return JsonResponse(
            self.as_json(path), status=status, content_type=PROBLEM_TYPE, headers=self.headers
        )


# ── Where it is wrong ─────────────────────────────────────────────────────────────────────────
OF_THE_WHOLE = {  # codes of what a form says of no single field → what it is about
    "no_channel": "/channels",
    "empty": "/text",
    "too_long": "/text",
    "broken": "/text",
    "past": "/at",
    "far": "/at",
    "no_free_time": "/at",
    "media_gone": "/media",
    "not_yours": "/channels",
    "not_replaced": "/instead_of",
}
FIELD_POINTERS = {"moment": "/at", "when": "/at", "zone": "/at", "again": "/instead_of"}


def pointer_of(name: str, code: str = "") -> str:
    """The field of a form, or of a whole, as a JSON pointer into what was sent."""
    if name.startswith("text_"):
        return f"/texts/{name.removeprefix('text_')}"
    if name.startswith("extra_"):
        return "/extras/" + name.removeprefix("extra_").replace("_", "/", 1)
    if name == "__all__":
        return OF_THE_WHOLE.get(code, "")
    return FIELD_POINTERS.get(name, f"/{name}")


def error_at(pointer: str, detail: str, code: str = "invalid") -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": detail}


def invalid(errors: Iterable[dict[str, str]]) -> Problem:
    """What was sent is wrong there."""
    errors = list(errors)
    busy = [error["detail"] for error in errors if error["code"] == "busy"]
    if busy:
        return Problem("busy", busy[0], headers={"Retry-After": "5"})
    return Problem("invalid", " ".join(error["detail"] for error in errors), errors)


def of_validation(error: ValidationError, name: str = "__all__") -> Problem:
    """What publishing says."""
    return invalid(errors_of({name: error.error_list}))


def of_form(form: Any) -> Problem:
    """What the composer says, of its words and of its pictures."""
    errors = errors_of(form.errors.as_data())
    return invalid([*errors, *(error_at("/media", why) for why in form.pictures.problems)])


def errors_of(by_field: Mapping[str, Iterable[ValidationError]]) -> list[dict[str, str]]:
    return [
        error_at(pointer_of(name, error.code or ""), sentence, error.code or "invalid")
        for name, errors in by_field.items()
        for error in errors
        for sentence in error.messages
    ]


def of_description(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """What does not fit the description of a request: one for its address, one for its body."""
    found: dict[str, dict[str, str]] = {}
    for error in errors:
        where, *path = error["loc"]
        path = path[1:] if where in ("body", "form", "file") and len(path) > 1 else path
        pointer = "".join(f"/{escaped(part)}" for part in path if not is_of_a_choice(part))
        # What is none of several kinds is said once, and not of each kind.
        found.setdefault(pointer, error_at(pointer, sentence_about(error), error["type"]))
    return invalid(found.values())


def is_of_a_choice(part: Any) -> bool:
    """The library names which of several types it tried; nobody sent that."""
    return str(part) == "datetime" or str(part).startswith("literal[")


def escaped(part: Any) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def sentence_about(error: Mapping[str, Any]) -> str:
    name = next(str(part) for part in reversed(error["loc"]) if not is_of_a_choice(part))
    if error["type"] == "missing":
        return gettext("{name} is missing.").format(name=name)
    if error["type"] == "extra_forbidden":
        return gettext("There is no {name} here.").format(name=name)
    return f"{name}: {error['msg']}."
