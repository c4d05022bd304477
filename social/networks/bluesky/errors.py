"""What Bluesky's answers that are not a yes mean, as one of the five errors."""

import re
from datetime import UTC, datetime
from typing import Any

import requests

from social.reasons import Reason

from ..errors import Limit, NetworkError
from ..home_answers import object_in, unexplained
from ..reading import LONGEST_LIMIT, asked_to_wait
from ..refusals import Answer, Means, Refusal, first_that_fits, own_words, without
from .refusals import REFUSALS

OF_ADDRESS = 300  # seconds, of the limit that all whom this server speaks for share
DAY_WINDOW_SECONDS = 86_400


def classify(
    response: requests.Response, creating: bool, rows: tuple[Refusal, ...] = REFUSALS
) -> NetworkError:
    """One of the five errors for an answer that is not a yes. What has no name of Bluesky's own may
    have been written on the way, and an error of its own may come after it took the post."""
    status, body = response.status_code, object_in(response)
    detail, answer = f"HTTP {status} {response.text}", answer_of(response, body)
    row = first_that_fits(rows, answer) if answer.types and status < 500 else None
    if row is None and status == 429 and not creating:
        row = first_that_fits(rows, Answer(status))
    if row is not None:
        return row.error(detail, status, limits_of(row, response))
    return unexplained(status, detail, creating)


def answer_of(response: requests.Response, body: dict[str, Any]) -> Answer:
    """What Bluesky wrote itself: its name for the error, and its words without ours."""
    name, message = body.get("error"), body.get("message")
    names = frozenset({name}) if isinstance(name, str) and name else frozenset()
    words = without(message, own_words(response.request)) if isinstance(message, str) else ""
    return Answer(response.status_code, types=names, words=words)


def limits_of(row: Refusal, response: requests.Response) -> tuple[Limit, ...]:
    """What is used up. The headers show the tightest limit: five minutes are those of our address,
    which everybody here shares at that server; hours and days are the account's."""
    if row.means is not Means.LIMIT:
        return ()
    policy = re.search(r";\s*w=(\d{1,7})", response.headers.get("RateLimit-Policy", ""))
    window = int(policy[1]) if policy else 0
    reason = Reason.DAY_LIMIT if window == DAY_WINDOW_SECONDS else row.reason
    ends = [*reset_of(response), *asked_to_wait(response, LONGEST_LIMIT)]
    return (Limit(reason, max(ends, default=None), window == OF_ADDRESS),)


def reset_of(response: requests.Response) -> list[datetime]:
    """When it is counted anew, in seconds since 1970; a clock that is wrong may say any time."""
    stated = response.headers.get("RateLimit-Reset", "")
    if not re.fullmatch(r"\d{1,10}", stated, re.ASCII):
        return []
    return [min(datetime.fromtimestamp(int(stated), UTC), datetime.now(UTC) + LONGEST_LIMIT)]
