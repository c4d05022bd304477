"""What a timeline shows, as a person reads it there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from social.reasons import Reason

from .errors import Rejected

LONGEST_ID = 100
LONGEST_LIMIT = timedelta(hours=25)  # of what is counted by the day; a wrong clock may say any time
LONGEST_LIFE = 10 * 365 * 86_400  # seconds; no calendar has room for some that were said
LARGEST_NUMBER = 2**30  # two of them together are still a whole number of PostgreSQL's
WEB_LINK = re.compile(r"https?://[^\s/\\]+\S*\Z", re.IGNORECASE)


def moment(text: str | None, otherwise: datetime | None = None) -> datetime:
    """`2026-11-21T23:50:33.000Z` and `2026-11-21T23:50:33+0000`; what has no time is of now."""
    if not text:
        return otherwise or datetime.now(UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def moment_or_none(value: Any) -> datetime | None:
    """The same, where not saying is no time at all; also a number of seconds."""
    try:
        if isinstance(value, int | float):
            return on_calendars(datetime.fromtimestamp(value, UTC))
        return on_calendars(moment(value)) if value and isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def on_calendars(at: datetime) -> datetime | None:
    """In the first and the last year there are moments that some time zones cannot say."""
    return at if MINYEAR < at.year < MAXYEAR else None


def seconds(value: Any, otherwise: float) -> float:
    """A number of seconds, whichever way it is written; `otherwise` where it is none."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return min(number, LONGEST_LIFE) if number > 0 else otherwise


def text_or(value: Any, otherwise: str) -> str:
    """A text that says something; `otherwise` where it is none."""
    return value if isinstance(value, str) and value else otherwise


def as_object(value: Any) -> dict[str, Any]:
    """An object where one is expected; a list, a text or null says nothing."""
    return value if isinstance(value, dict) else {}


def objects_in(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a list that may not be there, or be none."""
    rows = body.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def has_id(row: Any) -> bool:
    """Whether it is something that has a name of its own."""
    name = row.get("id") if isinstance(row, dict) else None
    return isinstance(name, str | int) and 0 < len(str(name)) <= LONGEST_ID and is_plain(name)


def is_plain(name: Any) -> bool:
    """Whether a database takes it as it is, within JSON too: no NUL, no halves of characters."""
    return str(name).isprintable()


def whole_number(value: Any) -> int | None:
    """A count; true is none, and nothing is counted below 0."""
    return value if type(value) is int and 0 <= value < LARGEST_NUMBER else None


def web_address(value: Any, longest: int = 1000) -> str:
    """An address that a page may link to; empty for all others."""
    is_one = isinstance(value, str) and len(value) <= longest and WEB_LINK.match(value)
    return value if is_one else ""


def server_time(response: requests.Response | None) -> datetime:
    """When it was answered by the clock of whoever answered; by ours where they do not say."""
    return (response is not None and dated(response)) or datetime.now(UTC)


def dated(response: requests.Response) -> datetime | None:
    try:
        at = parsedate_to_datetime(response.headers.get("Date") or "")
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def asked_to_wait(response: requests.Response, longest: timedelta) -> list[datetime]:
    """Until when, by Retry-After (RFC 9110, 10.2.3): seconds, or a date; nothing where it does not
    say."""
    stated, now = response.headers.get("Retry-After", "").strip(), datetime.now(UTC)
    if re.fullmatch(r"\d{1,9}", stated, re.ASCII):
        return [now + min(timedelta(seconds=int(stated)), longest)]
    try:
        at = parsedate_to_datetime(stated)
    except (ValueError, OverflowError):
        return []
    return [min(at if at.tzinfo else at.replace(tzinfo=UTC), now + longest)]


@contextmanager
def naming_marks(mark: str) -> Iterator[None]:
    """A page that was asked for by a mark, and refused as a bad question: the mark is too old."""
    try:
        yield
    except Rejected as error:
        if mark and error.reason == Reason.BAD_REQUEST:
            raise Rejected(Reason.MARK_EXPIRED, error.detail, error.status) from error
        raise
