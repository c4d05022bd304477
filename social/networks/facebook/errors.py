"""What Graph's answers that are not a yes mean, as one of the five errors."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from social.reasons import Reason

from ..errors import (
    AuthorizationLost,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    TemporaryError,
    doubted,
)
from ..reading import LONGEST_LIMIT, as_object
from ..refusals import Answer, Means, Refusal, first_that_fits, own_words, without
from .refusals import REFUSALS

IN_DOUBT: dict[str, str] = {
    Reason.RATE_LIMIT: Reason.LIMIT_IN_DOUBT,
    Reason.SLOW_DOWN: Reason.SLOW_DOWN_IN_DOUBT,
}


def classify(
    error: Any,  # the SDK's, with what Graph answered as its `result`
    status: int | None,
    creating: bool,
    answered: requests.Response | None = None,
) -> NetworkError:
    """By code and subcode. While creating, only what is known to come instead of the post is a no;
    refusals for want of a right, or of the place, are not."""
    body = as_object(as_object(error.result).get("error"))
    answer = answer_of(error, body, status if creating else 400, answered)
    detail = f"HTTP {status} {body or error.message}"
    row = first_that_fits(REFUSALS, answer)
    if row is None and creating:
        return OutcomeUnknown(Reason.SERVER_ERROR, detail, status)
    if row is None and not answer.codes:
        return TemporaryError(Reason.UNREACHABLE, detail, status)
    if row is None:
        return Rejected(Reason.BAD_REQUEST, detail, status)
    return _meaning(row, creating, detail, status, answered)


def answer_of(
    error: Any, body: dict[str, Any], status: int | None, answered: requests.Response | None
) -> Answer:
    """What Graph wrote itself; of a read the code alone counts, whatever the status."""
    words = f"{error.message} {body.get('error_user_title')} {body.get('error_user_msg')}"
    code = whole(error.code)
    return Answer(
        status,
        frozenset() if code is None else frozenset({code}),
        whole(body.get("error_subcode")),
        words=without(words, own_words(answered.request if answered is not None else None)),
    )


def whole(value: Any) -> int | None:
    """A code as Graph writes it; anything else is none."""
    return value if type(value) is int else None


def _meaning(
    row: Refusal,
    creating: bool,
    detail: str,
    status: int | None,
    answered: requests.Response | None,
) -> NetworkError:
    refusal = row.error(detail, status, until=regained(answered))
    if not creating or row.is_certain:
        return refusal
    if row.means is Means.AWAY:
        return OutcomeUnknown(Reason.SERVER_ERROR, detail, status)
    if row.reason in IN_DOUBT:
        return OutcomeUnknown(IN_DOUBT[row.reason], detail, status, refusal.limits)
    if isinstance(refusal, AuthorizationLost):
        # A right that lacks is one of this Page, when it comes back for a post there.
        refusal.place_only = True
    return doubted(refusal)


def regained(answered: requests.Response | None) -> datetime | None:
    """When Graph says that we may go on. Its app limits do not say; those of Pages do."""
    usage = answered.headers.get("X-Business-Use-Case-Usage", "") if answered is not None else ""
    minutes = [int(number) for number in re.findall(r'regain_access"\s*:\s*(\d{1,6})', usage)]
    if not any(minutes):
        return None
    return datetime.now(UTC) + min(timedelta(minutes=max(minutes)), LONGEST_LIMIT)
