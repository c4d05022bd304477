"""What goes in and out of posting times, the calendar and suggestions."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field

from publishing.calendar.days import is_shown
from publishing.planning.posting_time import CLOCK, TIMES_PER_DAY

from .schemas import EXAMPLE_CHANNEL, EXAMPLE_ID, example, strict

MOST_POSTING_TIMES = 7 * TIMES_PER_DAY
LONGEST_CHANGE_KEY = 64


def within_calendars(at: datetime) -> datetime:
    """Raises ValueError for a moment that some zone's calendar does not have."""
    if not is_shown(at.date()):
        raise ValueError("that is in no calendar")
    return at


KnownMoment = Annotated[AwareDatetime, AfterValidator(within_calendars)]
Clock = Annotated[str, Field(pattern=rf"^{CLOCK}$", max_length=5)]


# ── In ────────────────────────────────────────────────────────────────────────────────────────
class PostingTimeIn(Schema):
    """A clock time of each week."""

    model_config = strict(weekday=0, clock="09:30")

    weekday: int = Field(ge=0, le=6, description="0 is Monday.")
    clock: Clock = Field(description="As clocks show it in your time zone.")
    is_on: bool = Field(True, description="A weekday that is off is kept, and nothing goes there.")


class WeekIn(Schema):
    """A whole list, in place of the one that there is."""

    model_config = strict(
        items=[{"weekday": 0, "clock": "09:30"}, {"weekday": 3, "clock": "17:00"}]
    )

    items: list[PostingTimeIn] = Field(max_length=MOST_POSTING_TIMES)


class SeenWeekIn(WeekIn):
    """The same, with what was said that it changes."""

    model_config = strict(
        items=[{"weekday": 0, "clock": "09:30"}, {"weekday": 3, "clock": "17:00"}], change=""
    )

    change: str = Field(
        "",
        max_length=LONGEST_CHANGE_KEY,
        description="What posting-times/changes said; may be left out where no post moves.",
    )


class PostMove(Schema):
    """Another time for a post."""

    model_config = strict(seen="2027-03-01T07:30:00Z", at="2027-03-02T08:30:00+01:00")

    seen: KnownMoment = Field(description="The time that it had when you decided.")
    at: KnownMoment | Literal["next"] = Field(
        description="With its offset; or next: the next free one of your posting times."
    )


class DraftMove(Schema):
    """Another time for what is only planned."""

    model_config = strict(seen=None, at="2027-03-02T08:30:00+01:00")

    seen: KnownMoment | None = Field(
        None, description="The time that it was planned for; null: for none."
    )
    at: KnownMoment = Field(description="With its offset from UTC.")


# ── Out ───────────────────────────────────────────────────────────────────────────────────────
class PostingTimeOut(Schema):
    weekday: int
    clock: str
    is_on: bool


class WeekOut(Schema):
    """When you like to post."""

    model_config = example(
        items=[{"weekday": 0, "clock": "09:30", "is_on": True}], time_zone="Europe/Berlin"
    )

    items: list[PostingTimeOut]
    time_zone: str


class MoveOut(Schema):
    post: UUID
    seen: datetime
    at: datetime


class WeekChangeOut(Schema):
    """What another list does to posts that stand at posting times."""

    model_config = example(
        change="5f1d7a84db00d2fce00b31a7fc73224f",
        moves=[{"post": EXAMPLE_ID, "seen": "2027-03-01T07:30:00Z", "at": "2027-03-01T08:30:00Z"}],
        fixed=[],
    )

    change: str = Field(description="Names this very change, for PUT; empty: no post moves.")
    moves: list[MoveOut]
    fixed: list[UUID] = Field(description="These keep their times, as if you had chosen them.")


class FreeTimesOut(Schema):
    """Posting times that no post has, the next one first."""

    model_config = example(items=["2027-03-01T08:30:00Z"], time_zone="Europe/Berlin")

    items: list[datetime]
    time_zone: str


class EntryOut(Schema):
    """What stands in the calendar: a post, or a draft that is planned."""

    model_config = example(
        kind="post",
        id=EXAMPLE_ID,
        at="2027-03-01T07:30:00Z",
        words="The oven is on.",
        networks=["pond"],
        state="queued",
        is_movable=True,
    )

    kind: Literal["post", "draft"]
    id: UUID
    at: datetime
    words: str = Field(description="How it begins.")
    networks: list[str]
    state: str
    is_movable: bool


class CalendarOut(Schema):
    """Some days of your calendar, and the posting times in them that no post has."""

    model_config = example(
        items=[
            {
                "kind": "post",
                "id": EXAMPLE_ID,
                "at": "2027-03-01T07:30:00Z",
                "words": "The oven is on.",
                "networks": ["pond"],
                "state": "queued",
                "is_movable": True,
            }
        ],
        free=["2027-03-01T16:00:00Z"],
        first=date(2027, 3, 1).isoformat(),
        last=date(2027, 3, 7).isoformat(),
        time_zone="Europe/Berlin",
        is_whole=True,
    )

    items: list[EntryOut]
    free: list[datetime]
    first: date
    last: date
    time_zone: str
    is_whole: bool = Field(description="false: more stands there; ask for fewer days.")


class SuggestionOut(Schema):
    """What you could say next, and why."""

    model_config = example(
        id=EXAMPLE_ID,
        kind="anniversary",
        reason="A year ago today this was heard most.",
        prompt="How did it go on?",
        text="",
        channels=[EXAMPLE_CHANNEL],
        at=None,
        page=f"https://fanfare.example.org/posts/new/?from={EXAMPLE_ID}",
    )

    id: UUID
    kind: str
    reason: str
    prompt: str
    text: str
    channels: list[str]
    at: datetime | None
    page: str = Field(description="Where its person writes about it.")


class SuggestionsOut(Schema):
    items: list[SuggestionOut]
    next: None = Field(None, description="All of them come at once.")
