"""What X's answers that are not a yes mean, as one of the five errors."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from .errors import (
    AuthorizationLost,
    Limit,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
    doubted,
)

LONGEST_LIMIT = timedelta(hours=25)
REFUSALS = (400, 401, 402, 403, 404, 429)
UNPROVEN = ("forbidden", "permission_missing", "not_found")
GATE = ("client-forbidden", "unsupported-authentication", "oauth2-permissions", "invalid-request")
NAMED = ("cashtag", "quote", "repl")  # what self-serve apps may not post
BUCKETS = {  # X's name for it → why, and whether it is the whole app's
    "x-rate-limit": ("rate_limit", False),
    "x-app-limit-24hour": ("day_limit", True),
    "x-user-limit-24hour": ("day_limit", False),
}


def classify(response: requests.Response, creating: bool) -> NetworkError:
    """One of the five errors for an answer that is not a yes."""
    status, body = response.status_code, _body(response)
    detail = f"HTTP {status} {response.text}"
    said = f"{body.get('title')} {body.get('detail')} {body.get('errors')}".lower()
    if creating and not _is_refusal(response, body):
        return OutcomeUnknown("server_error" if status >= 500 else "odd_answer", detail, status)
    if status == 429:
        return RateLimited(_limit_reason(response, said), detail, status, limits=_used_up(response))
    if status == 402:
        return RateLimited("credits", detail, status)
    if status == 401:
        return AuthorizationLost("token_dead", detail, status)
    if status >= 500:
        return TemporaryError("unreachable", detail, status)
    refusal = _refusal(status, said, detail)
    return doubted(refusal) if creating and _may_be_there(refusal, body) else refusal


def _may_be_there(refusal: AuthorizationLost | Rejected, body: dict[str, Any]) -> bool:
    """What names its reason is said before a post is made, and so is whatever X's gate says to the
    app or to a token. A no without a reason may be said to something on the way that asked twice
    (as in tweepy/tweepy#1702): the first time it was made."""
    is_of_the_gate = str(body.get("type")).rpartition("/")[2] in GATE
    return refusal.reason in UNPROVEN and not is_of_the_gate and not _names_a_reason(body)


def _names_a_reason(body: dict[str, Any]) -> bool:
    return any(word in str(body.get("detail")).lower() for word in NAMED)


def _is_refusal(response: requests.Response, body: dict[str, Any]) -> bool:
    """Whether X itself said no: its API says what is wrong, in JSON. What a proxy writes (408, 499,
    a page) may come after X took the post."""
    if response.status_code in (401, 402, 429):
        return _is_json(response) or "x-rate-limit-limit" in response.headers
    explained = body.get("title") or body.get("detail") or body.get("errors")
    return response.status_code in REFUSALS and bool(explained)


def _refusal(status: int, said: str, detail: str) -> NetworkError:
    if "duplicate" in said:
        return Rejected("duplicate", detail, status)
    if "suspended" in said:
        return Rejected("suspended", detail, status)
    if "too long" in said:
        return Rejected("too_long", detail, status)
    if "scope" in said or "permission" in said:
        return AuthorizationLost("permission_missing", detail, status)
    if status == 404:
        return Rejected("not_found", detail, status)
    return Rejected("forbidden" if status == 403 else "bad_request", detail, status)


def _body(response: requests.Response) -> dict[str, Any]:
    body = response.json() if _is_json(response) else {}
    return body if isinstance(body, dict) else {}


def _is_json(response: requests.Response) -> bool:
    try:
        response.json()
    except ValueError:
        return False
    return True


def _limit_reason(response: requests.Response, said: str) -> str:
    if "usage cap" in said or "usagecap" in said:
        return "month_limit"
    empty = [it for it in BUCKETS if response.headers.get(f"{it}-remaining") == "0"]
    return "day_limit" if [it for it in empty if "24hour" in it] else "rate_limit"


def _used_up(response: requests.Response) -> tuple[Limit, ...]:
    """The buckets that are used up, each with its own reset; tweepy looks at the first one only."""
    return tuple(
        Limit(reason, _moment(response.headers[f"{bucket}-reset"]), of_all)
        for bucket, (reason, of_all) in BUCKETS.items()
        if response.headers.get(f"{bucket}-remaining") == "0"
        and re.fullmatch(r"\d{1,10}", response.headers.get(f"{bucket}-reset", ""), re.ASCII)
    )


def _moment(seconds: str) -> datetime:
    # No limit that says when it ends lasts longer than a day; a clock that is wrong might.
    return min(datetime.fromtimestamp(int(seconds), UTC), datetime.now(UTC) + LONGEST_LIMIT)
