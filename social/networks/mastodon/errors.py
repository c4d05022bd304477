"""What Mastodon's answers that are not a yes mean, as one of the five errors."""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from social.reasons import Reason

from ..errors import Limit, NetworkError, OutcomeUnknown, Rejected, TemporaryError
from ..reading import as_object, asked_to_wait, moment_or_none
from ..refusals import Answer, Means, Refusal, first_that_fits, own_words, without
from .refusals import REFUSALS

LONGEST_LIMIT = timedelta(hours=25)


def classify(
    response: requests.Response, creating: bool, rows: tuple[Refusal, ...] = REFUSALS
) -> NetworkError:
    """One of the five errors for an answer that is not a yes. What has no sentence of Mastodon's
    own may have been written on the way, and an error of its own may come after it took the post:
    so it was from February to September 2026. A post that still is in work is a 409 at Pleroma."""
    status = response.status_code
    detail, answer = f"HTTP {status} {response.text}", answer_of(response)
    is_its_own = bool(answer.words) and status < 500
    row = first_that_fits(rows, answer) if is_its_own or (status == 429 and not creating) else None
    if row is not None:
        return row.error(detail, status, limits_of(row, response))
    if creating:
        reason = Reason.SERVER_ERROR if status >= 500 else Reason.ODD_ANSWER
        return OutcomeUnknown(reason, detail, status)
    if status == 404 or status == 410:
        return Rejected(Reason.NOT_FOUND, detail, status)
    if 400 <= status < 500:
        return Rejected(Reason.BAD_REQUEST, detail, status)
    return TemporaryError(Reason.UNREACHABLE, detail, status)


def answer_of(response: requests.Response) -> Answer:
    """What the server wrote itself: OAuth's name for an error, and its sentence without ours."""
    body = body_of(response)
    error, about = body.get("error"), body.get("error_description")
    told = [part for part in (error, about) if isinstance(part, str) and part]
    names = frozenset(part for part in told[:1] if part.isidentifier())
    words = without(" ".join(told), own_words(response.request))
    return Answer(response.status_code, types=names, words=words)


def body_of(response: requests.Response) -> dict[str, Any]:
    try:
        return as_object(response.json())
    except ValueError:
        return {}


def limits_of(row: Refusal, response: requests.Response) -> tuple[Limit, ...]:
    """What is used up, and until when: that is a date here, and else nothing that we read."""
    if row.means is not Means.LIMIT:
        return ()
    now = datetime.now(UTC)
    reset = moment_or_none(response.headers.get("X-RateLimit-Reset"))
    ends = [min(reset, now + LONGEST_LIMIT)] if reset else []
    ends += asked_to_wait(response, LONGEST_LIMIT)
    return (Limit(row.reason, max(ends, default=None)),)
