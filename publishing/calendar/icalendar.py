"""What a person has planned as a file for programs that show calendars: RFC 5545, as little of it
as is needed."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LINE_BYTES = 75  # of a line, without its end
ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\r\n": "\\n", "\n": "\\n", "\r": "\\n"}
EVENT_LENGTH = "PT5M"  # a post takes no time, but an event without any is not shown everywhere


@dataclass(frozen=True)
class Event:
    """One post, or one that a person is warned of no more."""

    uid: str
    at: datetime
    changed_at: datetime
    sequence: int  # grows with each change
    summary: str
    address: str
    is_canceled: bool = False


def calendar_file(name: str, events: Iterable[Event]) -> bytes:
    """The whole file."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Fanfare//Calendar//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for event in events:
        lines += lines_of(event)
    return b"".join(folded(line) for line in [*lines, "END:VCALENDAR"])


def lines_of(event: Event) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{stamp(event.changed_at)}",
        f"LAST-MODIFIED:{stamp(event.changed_at)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART:{stamp(event.at)}",
        f"DURATION:{EVENT_LENGTH}",
        f"SUMMARY:{escaped(event.summary)}",
        f"URL:{event.address}",
        f"STATUS:{'CANCELLED' if event.is_canceled else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """As a text value; what no line may hold is left out."""
    for letter, instead in ESCAPED.items():
        text = text.replace(letter, instead)
    return "".join(letter for letter in text if letter >= " " and letter != "\x7f")


def folded(line: str) -> bytes:
    """The line with its end, cut where it is too long, never within a letter."""
    return b"\r\n ".join(pieces(line)) + b"\r\n"


def pieces(line: str) -> Iterator[bytes]:
    piece, most = b"", LINE_BYTES
    for letter in line:
        encoded = letter.encode()
        if len(piece) + len(encoded) > most:
            yield piece
            piece, most = b"", LINE_BYTES - 1  # the space before it counts
        piece += encoded
    yield piece


def tag_of(content: bytes) -> str:
    """An ETag."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
