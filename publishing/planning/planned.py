"""For when a draft is planned: the time in its fields. It goes out at no time by itself."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from publishing.posts.times import clock_in, is_zone, meant

from .fields import Fields


def planned_time(fields: Mapping[str, list[str]]) -> datetime | None:
    """The moment that these fields mean; None where they say none, or one that never comes."""
    one = {name: values[0] for name, values in fields.items() if values}
    if one.get("when") == "next":
        return moment_in(one.get("slot", ""))
    zone = one.get("zone", "")
    zone = zone if is_zone(zone) else timezone.get_current_timezone_name()
    try:
        clock = datetime.fromisoformat(one.get("at", "")).replace(tzinfo=None)
        moment = moment_in(one.get("moment", ""))
        if one.get("when") != "later":
            return None
        if moment and clock_in(zone, moment) == clock:
            return moment  # nobody touched it: of an hour that comes twice it is the same one
        return meant(clock, zone).at
    except ValueError:
        return None


def moment_in(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def with_planned_time(fields: Fields, at: datetime, zone: str) -> Fields:
    """The same fields, planned for that moment, which clocks in `zone` show."""
    clock = clock_in(zone, at)
    time = f"{clock:%Y-%m-%dT%H:%M}" if clock else ""
    return fields | {"when": ["later"], "at": [time], "zone": [zone], "moment": [at.isoformat()]}
