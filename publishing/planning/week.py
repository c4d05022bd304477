"""The weekly list as somebody is changing it: nothing of it is stored before it is saved."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext

from publishing.models import Delivery, PostingTime
from publishing.posts.times import zone_of

from .free_times import hold_posting_times
from .instants import WeeklyTime
from .lineup import ListChange, changed_list, lineup_of
from .posting_time import CLOCK, TIMES_PER_DAY
from .rearranging import apply

# When has this user posted until now? (user=…) Whoever knows answers with 24 numbers, one an hour
# of the day; others with None.
usual_hours_wanted = Signal()
HOURS_SUGGESTED = 3
WORKDAYS = range(5)
DAYS = tuple("0123456")
LISTED = re.compile(rf"([0-6]) ({CLOCK})", re.ASCII)


@dataclass
class PostingWeek:
    """Clock times by weekday, and the weekdays that are switched off."""

    clocks: dict[int, set[str]] = field(default_factory=lambda: {day: set() for day in range(7)})
    off: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, user: Any) -> "PostingWeek":
        """As it is stored."""
        week = cls()
        for row in PostingTime.objects.of(user):
            week.clocks[row.weekday].add(row.clock)
            if not row.is_on:
                week.off.add(row.weekday)
        return week

    @classmethod
    def sent(cls, sent: QueryDict) -> "PostingWeek":
        """As a page had it: its times, and what stood in a field to be added."""
        week = cls(off=set(range(7)) - {int(day) for day in sent.getlist("on") if day in DAYS})
        for listed in filter(None, map(LISTED.fullmatch, sent.getlist("time"))):
            week.clocks[int(listed[1])].add(listed[2])
        for day in range(7):
            if clock := sent.get(f"add_{day}", "").strip()[:8]:
                week.add(day, clock)
        return week

    def add(self, day: int, clock: str) -> None:
        """Also `9:00`, as some browsers have it, and seconds, which are left out."""
        padded = clock if clock[1:2] != ":" else f"0{clock}"
        if not re.fullmatch(CLOCK, padded[:5], re.ASCII):
            self.problems.append(gettext("{clock} is no time like 09:30.").format(clock=clock))
        elif len(self.clocks[day] | {padded[:5]}) > TIMES_PER_DAY:
            sentence = gettext("A day may have {most} times.").format(most=TIMES_PER_DAY)
            self.problems.append(sentence)
        else:
            self.clocks[day].add(padded[:5])

    def remove(self, listed: str) -> None:
        if named := LISTED.fullmatch(listed):
            self.clocks[int(named[1])].discard(named[2])

    def copy_monday(self) -> None:
        """To the other workdays."""
        for day in WORKDAYS:
            self.clocks[day] = set(self.clocks[0])

    def suggest(self, user: Any) -> None:
        """The hours at which `user` has posted most until now, on workdays."""
        answers: list[Any] = [
            hours for _, hours in usual_hours_wanted.send(None, user=user) if hours
        ]
        hours = usual_hours(answers[0]) if answers else []
        if not hours:
            sentence = gettext("Nothing to suggest yet: it takes the hours at which you post.")
            self.problems.append(sentence)
        for day in WORKDAYS:
            for hour in hours:
                self.add(day, f"{hour:02}:00")

    @property
    def weekly(self) -> list[WeeklyTime]:
        """What would be used."""
        on = (day for day in range(7) if day not in self.off)
        return [WeeklyTime(day, time.fromisoformat(c)) for day in on for c in self.clocks[day]]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the page."""
        return [
            {
                "day": day,
                "name": WEEKDAYS[day],
                "clocks": sorted(self.clocks[day]),
                "is_on": day not in self.off,
            }
            for day in range(7)
        ]

    def store(self, user: Any) -> None:
        PostingTime.objects.of(user).delete()
        PostingTime.objects.bulk_create(
            PostingTime(user=user, weekday=day, clock=clock, is_on=day not in self.off)
            for day, clocks in self.clocks.items()
            for clock in sorted(clocks)
        )


def usual_hours(posts_per_hour: Sequence[int]) -> list[int]:
    """The hours of the day that have most, in their order."""
    most = sorted(range(len(posts_per_hour)), key=lambda hour: (-posts_per_hour[hour], hour))
    return sorted(hour for hour in most[:HOURS_SUGGESTED] if posts_per_hour[hour])


def change_of(user: Any, week: PostingWeek, zone: str | None = None) -> ListChange:
    """What saving `week`, or another zone, would do to what stands in the queue."""
    zone, old_zone = zone or zone_of(user), zone_of(user)
    return changed_list(lineup_of(user), week.weekly, zone, old_zone)


def key_of_change(change: ListChange) -> str:
    """Equal where the same posts would move to the same times."""
    moves = ";".join(f"{move.post.post_id}@{move.at:%Y-%m-%dT%H:%M}" for move in change.moves)
    return f"{moves}|{','.join(str(post.post_id) for post in change.fixed)}"


def save_week(user: Any, week: PostingWeek, shown: str) -> ListChange | None:
    """Store `week`, and move what does not stand in it, as it was `shown` (by `key_of_change`).
    None where that would be another thing by now: then nothing was stored."""
    with transaction.atomic():
        hold_posting_times(user)
        change = change_of(user, week)
        if key_of_change(change) != shown:
            return None
        week.store(user)
        apply_change(user, change)
    return change


def save_zone(user: Any, zone: str, shown: str, choose: Callable[[str], None]) -> ListChange | None:
    """`choose` the zone for `user`, and move what stands in the queue, as it was `shown`. None as
    `save_week` has it."""
    with transaction.atomic():
        hold_posting_times(user)
        change = change_of(user, PostingWeek.of(user), zone)
        if key_of_change(change) != shown:
            return None
        choose(zone)
        apply_change(user, change)
    return change


def apply_change(user: Any, change: ListChange) -> None:
    """The caller holds the posting times."""
    apply(user, change.moves)
    fixed = [post.post_id for post in change.fixed]
    if fixed:
        listed = Delivery.objects.queued().filter(post__in=fixed, at_posting_time=True)
        listed.update(at_posting_time=False)


def is_nothing(change: ListChange) -> bool:
    return not change.moves and not change.fixed
