"""From a weekly list of clock times to the moments that it means: computed, and nothing else."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

HORIZON = timedelta(days=400)  # farther away than that nobody looks for a free time
DAY = timedelta(days=1)
# A zone may leave out a whole day: what was meant on it falls onto the one after.
DAYS_HELD_BACK = 2


class WeeklyTime(NamedTuple):
    """A clock time of each week; `weekday` 0 is Monday."""

    weekday: int
    clock: time


def instants(
    times: Iterable[WeeklyTime], zone: str, after: datetime, until: datetime | None = None
) -> Iterator[datetime]:
    """The moments of `times` in `zone` that come later than `after`, up to `until`, at most 400
    days: in UTC, in order, each once, found as they are asked for.

    A clock that comes twice on a day means its first time. One that a day leaves out means what
    clocks show then instead; two that mean the same moment are one.
    """
    there = ZoneInfo(zone)
    end = after + HORIZON if until is None else min(until, after + HORIZON)
    held: set[datetime] = set()
    on_weekday: dict[int, list[time]] = {}
    for weekday, clock in times:
        on_weekday.setdefault(weekday, []).append(clock)
    if not on_weekday:
        return
    day = after.astimezone(there).date() - DAYS_HELD_BACK * DAY
    last = end.astimezone(there).date() + DAYS_HELD_BACK * DAY
    while day <= last:
        held.update(on_day(day, on_weekday.get(day.weekday(), ()), there))
        settled = datetime.combine(day - DAYS_HELD_BACK * DAY + DAY, time(), there).astimezone(UTC)
        coming = sorted(moment for moment in held if moment < settled)
        held.difference_update(coming)
        yield from (moment for moment in coming if after < moment <= end)
        day += DAY
    yield from (moment for moment in sorted(held) if after < moment <= end)


def on_day(day: date, clocks: Iterable[time], zone: ZoneInfo) -> Iterator[datetime]:
    """When clocks in `zone` show `clocks` on that day."""
    for clock in clocks:
        yield datetime.combine(day, clock.replace(fold=0), zone).astimezone(UTC)


def same_clock(moment: datetime, zone: str, old_zone: str) -> datetime:
    """When clocks in `zone` show what those in `old_zone` do at `moment`."""
    clock = moment.astimezone(ZoneInfo(old_zone)).replace(tzinfo=ZoneInfo(zone), fold=0)
    return clock.astimezone(UTC)
