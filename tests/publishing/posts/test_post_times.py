"""A clock on a wall somewhere, and the moment that it means."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publishing.posts.times import clock, meant

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # left out a whole day
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "UTC",
]
CLOCKS = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
GAPS = [
    ("Europe/Berlin", datetime(2026, 3, 29, 2, 30)),
    ("America/New_York", datetime(2026, 3, 8, 2, 0)),
    ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15)),
    ("Pacific/Apia", datetime(2011, 12, 30, 12, 0)),
]
TWICE = [
    ("Europe/Berlin", datetime(2026, 10, 25, 2, 30)),
    ("America/New_York", datetime(2026, 11, 1, 1, 59)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 45)),
]


def test_it_works():
    moment = meant(datetime(2026, 12, 24, 18, 0), "Europe/Berlin")
    assert (moment.at, moment.note) == (datetime(2026, 12, 24, 17, 0, tzinfo=UTC), "")


@pytest.mark.parametrize(("zone", "wall"), GAPS)
def test_a_time_that_does_not_exist_is_refused_in_words(zone, wall):
    with pytest.raises(
        ValueError, match=f"^{wall:%H:%M} does not exist on .* in {zone}: clocks go"
    ):
        meant(wall, zone)


@pytest.mark.parametrize(("zone", "wall"), TWICE)
def test_a_time_that_comes_twice_means_the_first_and_says_so(zone, wall):
    moment = meant(wall, zone)
    assert "comes twice" in moment.note and "the first time" in moment.note
    again = wall.replace(tzinfo=ZoneInfo(zone), fold=1).astimezone(UTC)
    assert moment.at < again


@given(st.sampled_from(ZONES), CLOCKS)
@example(*TWICE[0])
def test_what_is_accepted_shows_the_same_on_the_wall(zone, wall):
    try:
        moment = meant(wall, zone)
    except ValueError:
        return
    there = moment.at.astimezone(ZoneInfo(zone))
    assert there.replace(tzinfo=None, fold=0) == wall
    assert there.fold == 0


@given(st.sampled_from(ZONES), CLOCKS)
def test_only_times_that_no_clock_shows_are_refused(zone, wall):
    around = wall.replace(tzinfo=UTC)
    shown = {
        (around + timedelta(minutes=minutes))
        .astimezone(ZoneInfo(zone))
        .replace(tzinfo=None, fold=0)
        for minutes in range(-15 * 60, 15 * 60, 15)
    }
    try:
        meant(wall.replace(minute=wall.minute // 15 * 15), zone)
    except ValueError:
        assert wall.replace(minute=wall.minute // 15 * 15) not in shown


@pytest.mark.parametrize(
    ("zone", "wall"), [("Asia/Tokyo", datetime.min), ("America/New_York", datetime.max)]
)
def test_the_ends_of_the_calendar_are_refused_in_words(zone, wall):
    with pytest.raises(ValueError, match="No calendar has that time"):
        meant(wall, zone)


def test_people_read_times_in_the_zone_they_were_meant_in():
    year = datetime.now(UTC).year
    assert (
        clock(datetime(year + 1, 7, 1, 12, tzinfo=UTC), "Europe/Berlin")
        == f"1 Jul {year + 1} 14:00"
    )
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    assert clock(now, "Asia/Tokyo") == f"{now:%H:%M}"
