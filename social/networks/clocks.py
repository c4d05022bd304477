"""What time it is at a network: by its last answer to this process, and by the seconds since then.
Those are counted by a clock that nobody can set, so that ours may be hours wrong."""

from datetime import datetime, timedelta

import requests

from social.timing import ticks

from .reading import dated

answered: dict[str, tuple[datetime, float]] = {}  # home: when by their clock, and by that one


def note(home: str, response: requests.Response) -> None:
    if at := dated(response):
        answered[home] = at, ticks()


def note_time(home: str, at: datetime) -> None:
    """It has just said that it is `at` there."""
    answered[home] = at, ticks()


def time_at(home: str) -> datetime | None:
    """None until it has answered once."""
    if home not in answered:
        return None
    at, counted = answered[home]
    return at + timedelta(seconds=ticks() - counted)
