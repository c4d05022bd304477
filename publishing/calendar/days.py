"""Days, weeks and months as a calendar in some zone has them. A day is as long as it is there: 23
or 25 hours where clocks change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.utils.formats import date_format
from django.utils.translation import gettext

from publishing.planning.instants import DAY

MONDAY, SATURDAY, SUNDAY = 0, 5, 6
WEEK_DAYS = 7
# What no zone's midnight falls out of the calendar for.
FIRST_YEAR, LAST_YEAR = 1901, 9998
TO = "\N{EN DASH}"  # between two dates
WEEK_NAME = re.compile(r"(\d{4})-W(\d{2})")
MONTH_NAME = re.compile(r"(\d{4})-(\d{2})")


def is_shown(day: date) -> bool:
    """Whether pages go as far as that."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def midnight(day: date, zone: tzinfo) -> datetime:
    """The first moment of that day in `zone`, in UTC. Where clocks go forward at midnight, that is
    when they do."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def first_of_week(day: date, first_weekday: int) -> date:
    """The day on which the week of `day` begins, where weeks begin with `first_weekday`."""
    return day - timedelta(days=(day.weekday() - first_weekday) % WEEK_DAYS)


def week_name(first: date) -> str:
    """The ISO name of the week that begins with `first`: that of its Monday, `2026-W49`."""
    year, week, _ = (first + timedelta(days=-first.weekday() % WEEK_DAYS)).isocalendar()
    return f"{year}-W{week:02}"


def week_of(name: str, first_weekday: int) -> date:
    """The first day of the week of that name. Raises ValueError where there is none."""
    named = WEEK_NAME.fullmatch(name)
    if named is None:
        raise ValueError(name)
    monday = date.fromisocalendar(int(named[1]), int(named[2]), 1)
    return monday - timedelta(days=-first_weekday % WEEK_DAYS)


def month_name(day: date) -> str:
    return f"{day:%Y-%m}"


def month_of(name: str) -> date:
    """The first day of the month of that name. Raises ValueError where there is none."""
    named = MONTH_NAME.fullmatch(name)
    if named is None:
        raise ValueError(name)
    return date(int(named[1]), int(named[2]), 1)


def next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def weeks_of_month(first: date, first_weekday: int) -> list[list[date]]:
    """The weeks that the month of `first` has a day in, whole."""
    begin, end = first_of_week(first, first_weekday), next_month(first)
    count = -(-(end - begin).days // WEEK_DAYS)
    return [days_from(begin + timedelta(days=WEEK_DAYS * number), 7) for number in range(count)]


@dataclass(frozen=True, order=True)
class ClockTime:
    """What clocks show, to the minute: in the order in which a day goes by. An hour that comes
    twice comes a second time as `turn` 2."""

    hour: int
    turn: int  # 0 where there is but one
    minute: int
    example: datetime = field(compare=False)  # with its zone

    @property
    def words(self) -> str:
        time = date_format(self.example, "H:i")
        if self.turn == 0:
            return time
        sentence = gettext("{time} (first)") if self.turn == 1 else gettext("{time} (second)")
        return sentence.format(time=time)


def clock_time(at: datetime, zone: tzinfo) -> ClockTime:
    """What clocks in `zone` show at that moment."""
    local = at.astimezone(zone)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    turn = local.fold + 1 if is_twice else 0
    return ClockTime(local.hour, turn, local.minute, local)


def day_words(day: date, today: date) -> str:
    """`Saturday 5 December`, with the year when it is another one."""
    return date_format(day, "l j F" if day.year == today.year else "l j F Y")


def span_words(days: Sequence[date], today: date) -> str:
    """`30 November` to `6 December` on one line, with the year when it is another one."""
    first, last = days[0], days[-1]
    shown_year = "" if first.year == last.year == today.year else " Y"
    begin = "j F" if first.month != last.month else "j"
    begin += " Y" if first.year != last.year else ""
    return f"{date_format(first, begin)} {TO} {date_format(last, 'j F' + shown_year)}"
