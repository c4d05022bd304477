"""The shape of what networks say no with, as tables: `refusals` of each network.

A row says how an answer looks (what is left empty is any) and what it means; the first that fits
counts. An answer is read from the fields that the network writes itself, never from those that
repeat what we sent.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

from social.reasons import Reason
from social.timing import delay

from .errors import AuthorizationLost, Limit, NetworkError, RateLimited, Rejected, TemporaryError

SHORTEST_REPEATED = 12  # letters
LONGEST_READ = 300_000  # letters of a request


class Means(StrEnum):
    """What is to happen after a refusal; see `errors`."""

    LIMIT = "limit"  # this account waits
    LIMIT_OF_ALL = "limit of all"  # so does everybody whom this app speaks for
    LOST = "lost"  # the connection
    LOST_PLACE = "lost place"  # this one place of it
    REJECTED = "rejected"
    AWAY = Reason.AWAY  # the network itself has a fault


@dataclass(frozen=True)
class Answer:
    """A no, as the network wrote it."""

    status: int | None
    codes: frozenset[int] = frozenset()
    subcode: int | None = None
    types: frozenset[str] = frozenset()  # the last parts of the addresses of problems
    titles: frozenset[str] = frozenset()  # in small letters, without spaces
    words: str = ""  # titles, details, messages: in small letters, without our own


@dataclass(frozen=True)
class Refusal:
    """One row. `is_certain`: it is said before a post would be made; what is not may have been said
    although the post is there, and is looked up."""

    means: Means
    reason: str  # a Reason
    statuses: tuple[int, ...] = ()
    codes: frozenset[int] = frozenset()
    subcodes: frozenset[int] = frozenset()
    type: str = ""
    title: str = ""
    words: str = ""  # a regular expression
    is_certain: bool = True
    pause_seconds: int = 0  # where the network does not say until when; 0: as usual
    source: str = field(default="", kw_only=True)  # who says so, and when

    def fits(self, answer: Answer) -> bool:
        return (
            (not self.statuses or answer.status in self.statuses)
            and (not self.codes or not self.codes.isdisjoint(answer.codes))
            and (not self.subcodes or answer.subcode in self.subcodes)
            and (not self.type or self.type in answer.types)
            and (not self.title or self.title in answer.titles)
            and (not self.words or re.search(self.words, answer.words) is not None)
        )

    def error(
        self,
        detail: str,
        status: int | None,
        limits: tuple[Limit, ...] = (),
        until: datetime | None = None,
    ) -> NetworkError:
        """`limits` are those that the answer's headers name, the one that lasts longest at the end;
        `until` is what it says itself."""
        if self.pause_seconds:
            until = until or datetime.now(UTC) + delay(self.pause_seconds)
        if self.means in (Means.LIMIT, Means.LIMIT_OF_ALL):
            of_all = self.means is Means.LIMIT_OF_ALL
            limits = limits or (Limit(self.reason, until, of_all),)
            return RateLimited(limits[-1].reason, detail, status, limits=limits)
        if self.means in (Means.LOST, Means.LOST_PLACE):
            place_only = self.means is Means.LOST_PLACE
            return AuthorizationLost(self.reason, detail, status, place_only)
        if self.means is Means.AWAY:
            return TemporaryError(self.reason, detail, status)
        return Rejected(self.reason, detail, status)


def first_that_fits(rows: Iterable[Refusal], answer: Answer) -> Refusal | None:
    return next((row for row in rows if row.fits(answer)), None)


def own_words(request: Any) -> list[str]:
    """The texts in the body of a request, whether of JSON or of a form."""
    body = getattr(request, "body", None) or ""
    body = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    if len(body) > LONGEST_READ:  # a picture
        return []
    try:
        return [*texts_in(json.loads(body))]
    except ValueError:
        return [text for _, text in parse_qsl(body)]


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_in(part)


def without(text: str, ours: Iterable[str]) -> str:
    """What a network wrote, in small letters, without the words of ours that it repeats. A word or
    two of ours may be its own as well; no row goes by so little."""
    text = text.lower()
    for repeated in sorted(ours, key=len, reverse=True):
        if len(repeated) >= SHORTEST_REPEATED:
            text = text.replace(repeated.lower(), " ")
    return text
