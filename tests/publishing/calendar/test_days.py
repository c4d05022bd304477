"""Days of 23, 24 and 25 hours, and the weeks that they make, in zones that differ in when and by
how much clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from publishing.calendar.days import (
    MONDAY,
    SATURDAY,
    SUNDAY,
    TO,
    clock_time,
    day_words,
    days_from,
    first_of_week,
    midnight,
    month_of,
    span_words,
    week_name,
    week_of,
    weeks_of_month,
)

HOUR = timedelta(hours=1)
# The lengths of the days on which clocks change in 2026, in hours.
CHANGES = {
    "Europe/Berlin": {date(2026, 3, 29): 23.0, date(2026, 10, 25): 25.0},
    "America/New_York": {date(2026, 3, 8): 23.0, date(2026, 11, 1): 25.0},
    "Australia/Lord_Howe": {date(2026, 4, 5): 24.5, date(2026, 10, 4): 23.5},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_year_of_days_has_no_gap_and_nothing_twice(name):
    zone = ZoneInfo(name)
    days = days_from(date(2026, 1, 1), 365)
    lengths = {day: midnight(day + timedelta(days=1), zone) - midnight(day, zone) for day in days}
    assert {d: n / HOUR for d, n in lengths.items() if n != 24 * HOUR} == CHANGES[name]
    # Every quarter of an hour of it stands on its own day, once, in the order of the day.
    for day in days:
        begin, seen = midnight(day, zone), []
        for number in range(round(lengths[day] / HOUR * 4)):
            at = begin + number * HOUR / 4
            assert at.astimezone(zone).date() == day
            seen.append(clock_time(at, zone))
        assert seen == sorted(set(seen)), f"{day} in {name}"


def test_the_hour_that_comes_twice_says_which_one_it_is():
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    words = [clock_time(first + number * HOUR, zone).words for number in (-1, 0, 1, 2)]
    assert words == ["01:30", "02:30 (first)", "02:30 (second)", "03:30"]


def test_a_day_without_its_midnight_begins_when_clocks_go_on():
    assert midnight(date(2026, 9, 6), ZoneInfo("America/Santiago")) == datetime(
        2026, 9, 6, 4, tzinfo=UTC
    )


def test_weeks_begin_as_one_likes_and_are_named_for_their_monday():
    for first_weekday in (MONDAY, SATURDAY, SUNDAY):
        for day in days_from(date(2025, 12, 1), 800):
            first = first_of_week(day, first_weekday)
            assert first <= day < first + timedelta(days=7) and first.weekday() == first_weekday
            assert week_of(week_name(first), first_weekday) == first
    assert week_name(date(2026, 11, 30)) == week_name(date(2026, 11, 29)) == "2026-W49"
    for nonsense in ("2026-W54", "2026-W00", "2026-49", "0000-W01"):
        with pytest.raises(ValueError):
            week_of(nonsense, MONDAY)


def test_a_month_has_each_of_its_days_once_in_whole_weeks():
    for first_weekday in (MONDAY, SATURDAY, SUNDAY):
        for number in range(1, 13):
            weeks = weeks_of_month(date(2026, number, 1), first_weekday)
            shown = [day for week in weeks for day in week]
            assert shown == days_from(shown[0], len(weeks) * 7)
            assert {week[0].weekday() for week in weeks} == {first_weekday}
            assert all(any(day.month == number for day in week) for week in weeks)
            assert shown[0].day == 1 or shown[0] < date(2026, number, 1)
    with pytest.raises(ValueError):
        month_of("2026-13")


def test_dates_are_said_with_the_year_only_where_it_is_another_one():
    today = date(2026, 11, 30)
    assert day_words(date(2026, 12, 5), today) == "Saturday 5 December"
    assert day_words(date(2027, 1, 1), today) == "Friday 1 January 2027"
    for first, words in {
        date(2026, 11, 30): "30 November - 6 December",
        date(2026, 12, 7): "7 - 13 December",
        date(2026, 12, 28): "28 December 2026 - 3 January 2027",
    }.items():
        assert span_words(days_from(first, 7), today) == words.replace("-", TO)
