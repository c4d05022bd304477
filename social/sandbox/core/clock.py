"""Time as the make-believe networks see it: real time plus what was skipped by hand."""

import time
from datetime import UTC, datetime


class Clock:
    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds

    def to_json(self) -> dict:
        return {"now": iso_time(self.now()), "unix": self.now(), "offset_s": self.offset}


def iso_time(moment: float) -> str:
    """2026-11-21T23:50:33.000Z in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def parse_time(text: str) -> float:
    """ISO 8601 or unix seconds; ValueError for anything else."""
    text = text.strip()
    if text.isdigit():
        moment = datetime.fromtimestamp(int(text), UTC)
    else:
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
