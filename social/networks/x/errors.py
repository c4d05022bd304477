"""What X's answers that are not a yes mean, as one of the five errors."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from social.reasons import Reason

from ..errors import Limit, NetworkError, OutcomeUnknown, TemporaryError, doubted
from ..reading import asked_to_wait, moment_or_none, objects_in
from ..refusals import Answer, Means, Refusal, first_that_fits, own_words, without
from .refusals import BY_CODE, BY_TYPE, GATE, REFUSALS, TOKENS

LONGEST_LIMIT = timedelta(hours=25)
LONGEST_CYCLE = timedelta(days=32)  # of what is paid for
REFUSAL_STATUSES = (400, 401, 402, 403, 404, 429)  # with which X itself refuses
TEXT_NAMES = ("title", "detail", "message")
BUCKETS = {  # X's name for it → why, and whether it is the whole app's
    "x-rate-limit": (Reason.RATE_LIMIT, False),
    "x-app-limit-24hour": (Reason.DAY_LIMIT, True),
    "x-user-limit-24hour": (Reason.DAY_LIMIT, False),
}


def classify(response: requests.Response, creating: bool) -> NetworkError:
    """One of the five errors for an answer that is not a yes."""
    status, body = response.status_code, body_of(response)
    detail, answer = f"HTTP {status} {response.text}", answer_of(response, body)
    # By its type or its code X says no whatever the status; by less, only with one of its own.
    rows = REFUSALS if _is_refusal(response, body) else (*BY_TYPE, *BY_CODE)
    row = first_that_fits(rows, answer)
    if row is None and creating:
        return OutcomeUnknown(
            Reason.SERVER_ERROR if status >= 500 else Reason.ODD_ANSWER, detail, status
        )
    if row is None and status >= 500:
        return TemporaryError(Reason.UNREACHABLE, detail, status)
    row = row or first_that_fits(REFUSALS, answer)
    assert row is not None  # the last one fits everything
    return _meaning(row, response, answer, creating)


def classify_token(response: requests.Response) -> NetworkError:
    """The same for the token endpoint, which speaks RFC 6749 (5.2) as well."""
    body, status = body_of(response), response.status_code
    in_xs_words = {"type": body.get("error"), "message": body.get("error_description")}
    answer = answer_of(response, body | (in_xs_words if "error" in body else {}))
    row = first_that_fits(TOKENS, answer)
    if row is None:
        return TemporaryError(Reason.UNREACHABLE, f"HTTP {status} {response.text}", status)
    return _meaning(row, response, answer, creating=False)


def _meaning(
    row: Refusal, response: requests.Response, answer: Answer, creating: bool
) -> NetworkError:
    status = response.status_code
    detail = f"HTTP {status} {response.text}"
    if row.means is Means.AWAY and creating and not row.is_certain:
        return OutcomeUnknown(Reason.SERVER_ERROR, detail, status)
    refusal = row.error(detail, status, _limits(row, response), _cycle_ends(response))
    may_be_there = not row.is_certain and GATE.isdisjoint(answer.types)
    return doubted(refusal) if creating and may_be_there else refusal


def answer_of(response: requests.Response, body: dict[str, Any]) -> Answer:
    """What X wrote itself. `errors` say under `parameters` and `value` what we sent."""
    parts = [body, *objects_in(body, "errors")]
    words = [*_texts(parts, TEXT_NAMES), str(body.get("reason") or "")]
    return Answer(
        response.status_code,
        frozenset(it["code"] for it in parts if type(it.get("code")) is int),
        types=frozenset(text.rpartition("/")[2] for text in _texts(parts, ("type",))),
        titles=frozenset("".join(text.lower().split()) for text in _texts(parts, ("title",))),
        words=without(" ".join(words), own_words(response.request)),
    )


def _texts(parts: list[dict[str, Any]], names: tuple[str, ...]) -> Iterator[str]:
    for part in parts:
        yield from (part[name] for name in names if isinstance(part.get(name), str))


def _is_refusal(response: requests.Response, body: dict[str, Any]) -> bool:
    """Whether X itself said no: its API says what is wrong, in JSON. What a proxy writes (408, 499,
    a page) may come after X took the post."""
    if response.status_code in (401, 402, 429):
        return is_json(response) or "x-rate-limit-limit" in response.headers
    explained = any(body.get(name) for name in ("title", "detail", "errors", "message"))
    return response.status_code in REFUSAL_STATUSES and explained


def body_of(response: requests.Response) -> dict[str, Any]:
    body = response.json() if is_json(response) else {}
    return body if isinstance(body, dict) else {}


def is_json(response: requests.Response) -> bool:
    try:
        response.json()
    except ValueError:
        return False
    return True


def _limits(row: Refusal, response: requests.Response) -> tuple[Limit, ...]:
    """What is used up, each with its own reset; tweepy looks at the first one only."""
    if row.means is not Means.LIMIT:
        return ()
    empty = [it for it in BUCKETS if response.headers.get(f"{it}-remaining") == "0"]
    found = [Limit(reason, at, of_all) for reason, at, of_all in _resets(empty, response)]
    if found or row.reason != Reason.RATE_LIMIT:
        return tuple(found)
    # Refused although something is said to be left: it counts anew at the same time all the same.
    ends = [at for _, at, _ in _resets(["x-rate-limit"], response)]
    until = max([*ends, *asked_to_wait(response, LONGEST_LIMIT)], default=None)
    reason = Reason.DAY_LIMIT if [it for it in empty if "24hour" in it] else row.reason
    return (Limit(reason, until),)


def _resets(
    buckets: list[str], response: requests.Response
) -> Iterator[tuple[str, datetime, bool]]:
    for bucket in buckets:
        seconds = response.headers.get(f"{bucket}-reset", "")
        if re.fullmatch(r"\d{1,10}", seconds, re.ASCII):
            reason, of_all = BUCKETS[bucket]
            yield reason, _moment(seconds), of_all


def _moment(seconds: str) -> datetime:
    # No limit that says when it ends lasts longer than a day; a clock that is wrong might.
    return min(datetime.fromtimestamp(int(seconds), UTC), datetime.now(UTC) + LONGEST_LIMIT)


def _cycle_ends(response: requests.Response) -> datetime | None:
    """When what an operator pays for is counted anew, where the answer says so."""
    at = moment_or_none(body_of(response).get("reset_date"))
    return at and min(at, datetime.now(UTC) + LONGEST_CYCLE)
