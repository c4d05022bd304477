"""A time as a person means it: a clock on a wall somewhere, and what that is in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext


@dataclass(frozen=True)
class Meant:
    """The moment, and a note to say when the clock alone did not decide it."""

    at: datetime
    note: str = ""


def meant(clock: datetime, zone: str) -> Meant:
    """The moment when clocks in `zone` show `clock` (naive). Raises ValueError with one sentence
    when they never do."""
    local = clock.replace(tzinfo=ZoneInfo(zone), fold=0)
    try:
        at = local.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(gettext("No calendar has that time. Choose another one.")) from error
    time, day = f"{clock:%H:%M}", date_format(clock, "j F Y")
    if at.astimezone(local.tzinfo).replace(tzinfo=None) != clock:
        sentence = gettext(
            "{time} does not exist on {day} in {zone}: clocks go forward then. Choose another time."
        )
        raise ValueError(sentence.format(time=time, day=day, zone=zone))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        sentence = gettext(
            "{time} comes twice on {day} in {zone}, because clocks go back; it goes out the first "
            "time."
        )
        return Meant(at, sentence.format(time=time, day=day, zone=zone))
    return Meant(at)


def clock_in(zone: str, at: datetime) -> datetime | None:
    """What a clock in `zone` shows at that moment, to the minute; naive. None where the calendar
    has no such day there."""
    try:
        there = at.astimezone(ZoneInfo(zone))
    except OverflowError:
        return None
    return there.replace(tzinfo=None, fold=0, second=0, microsecond=0)


def is_zone(name: str) -> bool:
    """Whether this server knows a time zone of this name."""
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def zone_of(user: Any) -> str:
    """The user's own zone. Accounts are another room's, so this asks the user's row."""
    profile = getattr(user, "profile", None)
    return profile.time_zone if profile else timezone.get_default_timezone_name()


def clock(at: datetime, zone: str) -> str:
    """`14:32` today, `24 Nov 14:32` on another day, with the year when it is another one."""
    local, today = at.astimezone(ZoneInfo(zone)), timezone.now().astimezone(ZoneInfo(zone))
    if local.date() == today.date():
        return date_format(local, "H:i")
    return date_format(local, "j M H:i" if local.year == today.year else "j M Y H:i")
