"""The three ways to look at a calendar, as templates draw them: a month, a week, an agenda."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from publishing.models import Tag

from .days import (
    DAY,
    WEEK_DAYS,
    ClockTime,
    clock_time,
    day_words,
    days_from,
    first_of_week,
    is_shown,
    midnight,
    month_name,
    next_month,
    span_words,
    week_name,
    weeks_of_month,
)
from .entries import ENTRIES_COUNTED, ENTRIES_SHOWN, Calendar, Entry, EntryMark

SHOWN_A_CELL = 4
AGENDA_DAYS = 35
FREE_SHOWN = timedelta(weeks=5)  # from now on
AGENDA_ENTRIES = 60  # a page, but for those of one day, which stays whole


@dataclass(frozen=True)
class Free:
    """A posting time that nobody has taken."""

    at: datetime
    clock: ClockTime
    is_free = True

    @property
    def address(self) -> str:
        query = urlencode({"slot": self.at.isoformat()})
        return f"{reverse('posts:compose')}?{query}"


@dataclass
class Cell:
    """A part of a day, and what stands there."""

    day: date
    entries: list[Entry] = field(default_factory=list)
    free: list[Free] = field(default_factory=list)
    further: int = 0  # that are not shown
    target: str = ""  # the moment that is meant by a drop there; empty where it is the day

    @property
    def items(self) -> list[Entry | Free]:
        """All that stands in it, as the day goes by."""
        return sorted([*self.entries, *self.free], key=lambda item: item.at)


@dataclass(frozen=True)
class Look:
    """Who looks at their calendar, where and when."""

    calendar: Calendar
    zone: tzinfo
    first_weekday: int
    now: datetime

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def free(self) -> Mapping[date, Sequence[Free]]:
        """The posting times of each of the next days that nothing has taken."""
        by_day = defaultdict(list)
        for at in self.calendar.free_times(self.now + FREE_SHOWN):
            by_day[self.day_of(at)].append(Free(at, clock_time(at, self.zone)))
        return by_day

    def day_of(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def marks_of(self, days: Sequence[date]) -> dict[date, list[EntryMark]]:
        """What stands on each of these days."""
        start, end = midnight(days[0], self.zone), midnight(days[-1] + DAY, self.zone)
        by_day = defaultdict(list)
        for mark in self.calendar.marks(start, end):
            by_day[self.day_of(mark.at)].append(mark)
        return by_day

    def fill(self, cells: Iterable[tuple[Cell, Sequence[EntryMark]]], most: int) -> None:
        """Put what stands in each of these cells there: the first `most`, and how many more."""
        cells, left = list(cells), ENTRIES_SHOWN
        shown: list[Sequence[EntryMark]] = []
        for _, marks in cells:
            shown.append(marks[: min(most, left)])
            left -= len(shown[-1])
        entries = self.calendar.entries([mark for marks in shown for mark in marks])
        for (cell, marks), first in zip(cells, shown, strict=True):
            cell.entries = [entries[mark] for mark in first if mark in entries]
            cell.further = len(marks) - len(first)

    def words_of(self, day: date) -> str:
        return day_words(day, self.today)


def agenda_address(day: date) -> str:
    return f"{reverse('calendar:agenda')}?from={day}"


def week_address(day: date, first_weekday: int) -> str:
    return reverse("calendar:week", args=[week_name(first_of_week(day, first_weekday))])


def month_address(day: date) -> str:
    return reverse("calendar:month", args=[month_name(day)])


class View:
    """What every way to look has: a name, a title, and ways to others."""

    name: str
    title: str
    day: date  # about which others would be
    earlier = ""  # addresses; empty where the calendar ends
    later = ""

    def __init__(self, look: Look) -> None:
        self.look = look

    @property
    def tabs(self) -> list[tuple[str, Any, str]]:
        """(name, words, address) of each way to look at these days."""
        return [
            (name, words, self.address(name, self.day))
            for name, words in (
                ("agenda", gettext("Agenda")),
                ("week", gettext("Week")),
                ("month", gettext("Month")),
            )
        ]

    @property
    def tag_choices(self) -> list[tuple[Tag | None, str, bool]]:
        """(tag, address, whether it is chosen) of the same days with the posts of each tag only,
        and first of all with all; nothing where there are no tags."""
        tags: list[Tag | None] = [None, *self.look.calendar.tags.values()]
        chosen = self.look.calendar.tag
        return [
            (tag, self.address(self.name, self.day, key), key == chosen)
            for tag in tags
            for key in [str(tag.public_id) if tag else ""]
            if len(tags) > 1
        ]

    def address(self, name: str, day: date, tag: str | None = None) -> str:
        """Where `day` is looked at in the way of that name, with posts of the same tag, or of
        another."""
        tag = self.look.calendar.tag if tag is None else tag
        return with_tag(address_of(name, day, self.look.first_weekday), tag)

    @property
    def today(self) -> str:
        """The address of now."""
        return self.address(self.name, self.look.today)

    def neighbour(self, day: date) -> str:
        """The same way to look at `day`; empty where pages do not go."""
        return self.address(self.name, day) if is_shown(day) else ""


def address_of(name: str, day: date, first_weekday: int) -> str:
    """Where `day` is looked at in the way of that name."""
    if name == "month":
        return month_address(day)
    return week_address(day, first_weekday) if name == "week" else agenda_address(day)


def with_tag(address: str, tag: str) -> str:
    """The same with the posts of that tag only; `tag` is its public id, or empty."""
    return f"{address}{'&' if '?' in address else '?'}tag={tag}" if tag else address


class Month(View):
    """Whole weeks of days, with the first few of what stands on each."""

    name = "month"

    def __init__(self, look: Look, first: date) -> None:
        super().__init__(look)
        self.title = date_format(first, "F Y")
        self.first = first
        self.day = look.today if month_name(look.today) == month_name(first) else first
        self.earlier = self.neighbour(first - DAY)
        self.later = self.neighbour(next_month(first))
        weeks = weeks_of_month(first, look.first_weekday)
        marks = look.marks_of([day for week in weeks for day in week])
        self.weeks = [[Cell(day, free=list(look.free.get(day, ()))) for day in w] for w in weeks]
        cells = [cell for week in self.weeks for cell in week]
        look.fill([(cell, marks.get(cell.day, [])) for cell in cells], SHOWN_A_CELL)
        self.is_more = sum(map(len, marks.values())) >= ENTRIES_COUNTED

    @property
    def heads(self) -> list[date]:
        return [cell.day for cell in self.weeks[0]]


class Week(View):
    """Seven days beside each other, and the times at which something stands there."""

    name = "week"

    def __init__(self, look: Look, first: date) -> None:
        super().__init__(look)
        self.heads = days_from(first, WEEK_DAYS)
        self.title = span_words(self.heads, look.today)
        self.day = look.today if look.today in self.heads else first
        self.earlier = self.neighbour(first - WEEK_DAYS * DAY)
        self.later = self.neighbour(first + WEEK_DAYS * DAY)
        by_day = look.marks_of(self.heads)
        self.is_more = sum(map(len, by_day.values())) >= ENTRIES_COUNTED
        marks: dict[tuple[ClockTime, date], list[EntryMark]] = defaultdict(list)
        for day, those in by_day.items():
            for mark in those:
                marks[clock_time(mark.at, look.zone), day].append(mark)
        free = {(slot.clock, day): slot for day in self.heads for slot in look.free.get(day, ())}
        clocks = sorted({clock for clock, _ in [*marks, *free]})
        cells = {(clock, day): self.cell(clock, day) for clock in clocks for day in self.heads}
        self.rows = [(clock, [cells[clock, day] for day in self.heads]) for clock in clocks]
        look.fill([(cell, marks.get(key, [])) for key, cell in cells.items()], SHOWN_A_CELL)
        for key, slot in free.items():
            cells[key].free.append(slot)

    def cell(self, clock: ClockTime, day: date) -> Cell:
        """Where a drop means that day at this clock time, if that comes then."""
        local = datetime(day.year, day.month, day.day, clock.hour, clock.minute)
        at = local.replace(tzinfo=self.look.zone, fold=int(clock.turn == 2)).astimezone(UTC)
        is_to_come = at > self.look.now and clock_time(at, self.look.zone) == clock
        return Cell(day, target=at.isoformat() if is_to_come else "")

    @property
    def days(self) -> list[Cell]:
        """The same as an agenda has it, for small screens."""
        days = [Cell(day) for day in self.heads]
        for _, row in self.rows:
            for day, cell in zip(days, row, strict=True):
                day.entries += cell.entries
                day.free += cell.free
                day.further += cell.further
        return days


class Agenda(View):
    """Day after day, those with nothing left out."""

    name = "agenda"

    def __init__(self, look: Look, first: date) -> None:
        super().__init__(look)
        self.day = first
        days = days_from(first, AGENDA_DAYS)
        marks = look.marks_of(days)
        shown: list[date] = []
        count = 0
        for day in days:
            if count and count + len(marks.get(day, ())) > AGENDA_ENTRIES:
                break
            shown.append(day)
            count += len(marks.get(day, ()))
        self.until = shown[-1]
        cells = [Cell(day, free=list(look.free.get(day, ()))) for day in shown]
        look.fill([(cell, marks.get(cell.day, [])) for cell in cells], ENTRIES_SHOWN)
        self.days = [cell for cell in cells if cell.entries or cell.free]
        self.title = gettext("From {day}").format(day=look.words_of(first))
        self.earlier = self.neighbour(first - WEEK_DAYS * DAY)
        self.later = self.neighbour(self.until + DAY)
        self.is_more = False


VIEWS: Mapping[str, type[Month] | type[Week] | type[Agenda]] = {
    view.name: view for view in (Agenda, Week, Month)
}
