"""What Graph's error codes and subcodes mean, as one of the five errors."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from social.timing import delay

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
from .facebook_shapes import names_lost_uploads

BLOCKED_FOR = 3600  # seconds; asking sooner prolongs it
LIMITS = {4, 17, 32, 341, 613, *range(80000, 80015)}
OF_ALL = {4, 341}  # the app's own
LONGEST_LIMIT = timedelta(hours=25)
TOO_FAST = 368
BAD_PARAMETER = 100
SESSION = {102, 190, 2500}
PERMISSION = {3, 10, *range(200, 300)}
REFUSALS = {506, 803, 1609005}
TOO_MUCH = "reduce the amount of data"  # the same question will never be answered
NO_SUCH = ("unsupported post request", "does not exist")  # before there was a subcode for it
NOT_A_PAGES = 2069032  # a person's token, where a Page's own is needed
TOKEN_REASONS = {458: "app_removed", 459: "checkpoint", 460: "password_changed", 464: "checkpoint"}


def classify(
    error: Any,  # the SDK's, with what Graph answered as its `result`
    status: int | None,
    creating: bool,
    until: datetime | None = None,
) -> NetworkError:
    """By code and subcode; the HTTP status says little at Graph. While creating, only a code that
    is known to come instead of the post is a no. Refusals for want of a right, or of the place,
    are not: posts were there all the same (hybridauth/hybridauth#219, php-graph-sdk#216)."""
    meant = _meaning(error, status, creating, until)
    lost = isinstance(meant, AuthorizationLost) and meant.place_only
    if creating and (lost or (isinstance(meant, Rejected) and meant.reason == "not_found")):
        return doubted(meant)
    return meant


def _meaning(
    error: Any, status: int | None, creating: bool, until: datetime | None
) -> NetworkError:
    body = error.result if isinstance(error.result, dict) else {}
    said = body.get("error") if isinstance(body.get("error"), dict) else {}
    code, subcode = whole(error.code), whole(said.get("error_subcode"))
    detail = f"HTTP {status} {said or error.message}"
    if code in LIMITS or code == TOO_FAST:
        return _limit(code, detail, status, creating, until)
    if code in SESSION:
        return _token_error(subcode, str(error.message), detail, status)
    if code in PERMISSION or (code == 1 and subcode == 2853006):
        # Of one Page, when it comes back for a post there.
        return AuthorizationLost("permission_missing", detail, status, place_only=creating)
    if creating and not _is_refusal(code, status):
        return OutcomeUnknown("server_error", detail, status)
    if creating and names_lost_uploads(detail):
        return TemporaryError("media_failed", detail, status)  # it is uploaded anew
    if code == 1 and TOO_MUCH in str(error.message).lower():
        return TemporaryError("answer_too_long", detail, status)
    if code in (None, 1, 2):
        return TemporaryError("unreachable", detail, status)
    return _refusal(code, subcode, str(error.message).lower(), detail, status)


def whole(value: Any) -> int | None:
    """A code as Graph writes it; anything else is none."""
    return value if type(value) is int else None


def regained(answer: requests.Response | None) -> datetime | None:
    """When Graph says that we may go on. Its app limits do not say; those of Pages do."""
    said = answer.headers.get("X-Business-Use-Case-Usage", "") if answer is not None else ""
    minutes = [int(found) for found in re.findall(r'regain_access"\s*:\s*(\d{1,6})', said)]
    if not any(minutes):
        return None
    return datetime.now(UTC) + min(timedelta(minutes=max(minutes)), LONGEST_LIMIT)


def _limit(
    code: int, detail: str, status: int | None, creating: bool, until: datetime | None
) -> NetworkError:
    until = datetime.now(UTC) + delay(BLOCKED_FOR) if code == TOO_FAST else until
    said = "slow_down" if code == TOO_FAST else "rate_limit"
    limits = (Limit(said, until, code in OF_ALL),)
    if creating:
        # Seen although the post was live (Postiz #1681): sent again after a wait it would be there
        # twice, or be "refused as a duplicate" of itself.
        reason = "slow_down_in_doubt" if code == TOO_FAST else "limit_in_doubt"
        return OutcomeUnknown(reason, detail, status, limits)
    return RateLimited(said, detail, status, limits=limits)


def _is_refusal(code: int | None, status: int | None) -> bool:
    refused = status is not None and 400 <= status < 500
    return code in REFUSALS or (code == BAD_PARAMETER and refused)


def _token_error(
    subcode: int | None, message: str, detail: str, status: int | None
) -> NetworkError:
    if subcode == 492 or "impersonating a user's page" in message:
        return AuthorizationLost("page_role", detail, status, place_only=True)
    if subcode == NOT_A_PAGES:
        return AuthorizationLost("not_ticked", detail, status, place_only=True)
    return AuthorizationLost(TOKEN_REASONS.get(subcode, "token_dead"), detail, status)


def _refusal(
    code: int, subcode: int | None, message: str, detail: str, status: int | None
) -> NetworkError:
    if code == 506:
        return Rejected("duplicate", detail, status)
    if code == 1609005:
        return Rejected("bad_link", detail, status)
    is_nothing = subcode == 33 or any(words in message for words in NO_SUCH)
    if code == 803 or (code == BAD_PARAMETER and is_nothing):
        return Rejected("not_found", detail, status)
    return Rejected("bad_request", detail, status)
