"""A weekly list in a zone, and the moments that it means: over every change of clocks of a year."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from publishing.planning.instants import DAY, HORIZON, WeeklyTime, instants

# Half an hour, an odd quarter, at midnight, backwards in winter, none, and a day left out.
ZONES = [
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Cairo",
    "Europe/Dublin",
    "America/St_Johns",
    "Asia/Kolkata",
    "Pacific/Apia",
]
weekly_times = st.lists(
    st.builds(
        WeeklyTime, st.integers(0, 6), st.times().map(lambda t: t.replace(second=0, microsecond=0))
    ),
    max_size=30,
)


def at(*numbers):
    return datetime(*numbers, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(
    weekly_times, st.sampled_from(ZONES), st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1))
)
@example([WeeklyTime(n, time(9)) for n in range(7)], "Pacific/Apia", datetime(2011, 12, 28))
def test_in_order_each_once_and_none_left_out(times, zone, start):
    start = start.replace(tzinfo=UTC)
    moments = list(instants(times, zone, start, start + timedelta(days=380)))
    assert moments == sorted(set(moments))
    assert all(start < moment <= start + timedelta(days=380) for moment in moments)
    there = ZoneInfo(zone)
    first = start.astimezone(there).date() + 2 * DAY
    for number in range(370):
        day = first + number * DAY
        for _, clock in (each for each in times if each.weekday == day.weekday()):
            assert datetime.combine(day, clock, there).astimezone(UTC) in moments


def test_hours_that_are_left_out_or_come_twice():
    sundays = [WeeklyTime(6, time(2, 30)), WeeklyTime(6, time(3, 30)), WeeklyTime(6, time(1, 59))]
    spring = list(instants(sundays, "Europe/Berlin", at(2027, 3, 27), at(2027, 3, 29)))
    assert spring == [at(2027, 3, 28, 0, 59), at(2027, 3, 28, 1, 30)]
    autumn = list(instants(sundays, "Europe/Berlin", at(2026, 10, 24), at(2026, 10, 26)))
    assert autumn == [at(2026, 10, 24, 23, 59), at(2026, 10, 25, 0, 30), at(2026, 10, 25, 2, 30)]


def test_a_day_that_a_zone_leaves_out_falls_onto_the_next_in_order():
    """Friday 30 December 2011 never came to Samoa: both nines are the same moment."""
    times = [WeeklyTime(4, time(20)), WeeklyTime(4, time(9)), WeeklyTime(5, time(9))]
    moments = list(instants(times, "Pacific/Apia", at(2011, 12, 29), at(2012, 1, 1)))
    assert moments == [at(2011, 12, 30, 19), at(2011, 12, 31, 6)]


def test_bounded_by_count_and_by_400_days():
    assert list(instants([], "UTC", at(2026, 1, 1))) == []
    mondays = [WeeklyTime(0, time(9))]
    assert len(list(islice(instants(mondays, "UTC", at(2026, 1, 1)), 10))) == 10
    until = date(2030, 1, 1)
    far = list(instants(mondays, "UTC", at(2026, 1, 1), at(until.year, 1, 1)))
    assert len(far) == 57 and far[-1] <= at(2026, 1, 1) + HORIZON


def test_nothing_that_is_now_comes_again():
    nine = at(2026, 1, 5, 9)
    mondays = [WeeklyTime(0, time(9))]
    assert next(instants(mondays, "UTC", nine)) == nine + timedelta(days=7)
    assert list(instants(mondays, "UTC", nine - DAY, nine)) == [nine]
