"""What Mastodon's answers that are not a yes mean, as one of the five errors."""

from datetime import UTC, datetime

import requests

from ..errors import Limit, NetworkError
from ..home_answers import object_in, unexplained
from ..reading import LONGEST_LIMIT, asked_to_wait, moment_or_none
from ..refusals import Answer, Means, Refusal, first_that_fits, own_words, without
from .refusals import REFUSALS


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
    return unexplained(status, detail, creating)


def answer_of(response: requests.Response) -> Answer:
    """What the server wrote itself: OAuth's name for an error, and its sentence without ours."""
    body = object_in(response)
    error, about = body.get("error"), body.get("error_description")
    told = [part for part in (error, about) if isinstance(part, str) and part]
    names = frozenset(part for part in told[:1] if part.isidentifier())
    words = without(" ".join(told), own_words(response.request))
    return Answer(response.status_code, types=names, words=words)


def limits_of(row: Refusal, response: requests.Response) -> tuple[Limit, ...]:
    """What is used up, and until when: that is a date here, and else nothing that we read."""
    if row.means is not Means.LIMIT:
        return ()
    now = datetime.now(UTC)
    reset = moment_or_none(response.headers.get("X-RateLimit-Reset"))
    ends = [min(reset, now + LONGEST_LIMIT)] if reset else []
    ends += asked_to_wait(response, LONGEST_LIMIT)
    return (Limit(row.reason, max(ends, default=None)),)
