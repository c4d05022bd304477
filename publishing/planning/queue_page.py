"""The queue of a person as its page shows it: four weeks by day, posts and free places mixed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from publishing.models import Delivery, Post, PostingTime
from publishing.posts.times import zone_of
from social.models import Channel

from .free_times import SOONEST
from .instants import DAY, instants
from .lineup import Waiting, movable_of, planned_by_drafts

SHOWN_FOR = timedelta(weeks=4)
QUEUED_POSTS_SHOWN = 500


@dataclass
class QueuePlace:
    """A moment of the queue: what goes out then, or that it is free."""

    at: datetime
    post: Post | None = None
    is_fixed: bool = False  # its person chose that time
    waiting: Waiting | None = None  # where it may be moved
    earlier: "QueuePlace | None" = None  # with which it may change places
    later: "QueuePlace | None" = None

    @property
    def slot(self) -> str:
        return self.at.isoformat()


@dataclass
class QueueDay:
    day: date
    places: list[QueuePlace]

    @property
    def rows(self) -> list[list[QueuePlace]]:
        """A post by itself; free places that follow each other in one row."""
        rows: list[list[QueuePlace]] = []
        for place in self.places:
            if rows and not place.post and not rows[-1][0].post:
                rows[-1].append(place)
            else:
                rows.append([place])
        return rows

    @property
    def words(self) -> str:
        today = timezone.localdate()
        named = {today: gettext("Today"), today + DAY: gettext("Tomorrow")}.get(self.day)
        words = date_format(self.day, "l j F")
        return f"{named} · {words}" if named else words


@dataclass
class Queue:
    """What the page shows; `is_whole`: nothing of these weeks was left out."""

    days: list[QueueDay] = field(default_factory=list)
    has_times: bool = False
    movable: int = 0
    is_whole: bool = True

    @property
    def is_empty(self) -> bool:
        return not any(place.post for day in self.days for place in day.places)


def queue_of(user: Any) -> Queue:
    now = timezone.now()
    channels = list(Channel.objects.of(user))
    movable = movable_of(channels, now + SHOWN_FOR)
    places = list(taken_places(channels, now, movable))
    is_whole = len(places) < QUEUED_POSTS_SHOWN
    until = now + SHOWN_FOR if is_whole else places[-1].at
    times = PostingTime.objects.of(user).switched_on().weekly()
    taken = {place.at.replace(second=0, microsecond=0) for place in places}
    taken |= planned_by_drafts(user, now, until)
    coming = instants(times, zone_of(user), now + SOONEST, until)
    places += [QueuePlace(at) for at in coming if at not in taken]
    places.sort(key=lambda place: place.at)
    days = groupby(places, key=lambda place: timezone.localtime(place.at).date())
    by_day = [QueueDay(day, list(those)) for day, those in days]
    return Queue(by_day, bool(times), len(movable), is_whole)


def taken_places(
    channels: Sequence[Channel], now: datetime, movable: Sequence[Waiting]
) -> Iterator[QueuePlace]:
    """One for each post and time, in order. What goes to several channels at once stands once."""
    rows = Delivery.objects.queued().filter(
        account__in={channel.account for channel in channels},
        channel__in=[channel.pk for channel in channels],
        due_at__range=(now, now + SHOWN_FOR),
    )
    columns = rows.order_by("due_at", "post_id").values_list("post_id", "due_at", "at_posting_time")
    listed = list(columns[:QUEUED_POSTS_SHOWN])
    posts = (
        Post.objects.with_deliveries().with_tags().in_bulk({post_id for post_id, _, _ in listed})
    )
    by_place = {(post.post_id, post.at): post for post in movable}
    places = [
        QueuePlace(at, posts[post_id], not at_posting_time, by_place.get((post_id, at)))
        for post_id, at, at_posting_time in dict.fromkeys(listed)
    ]
    line = [place for place in places if place.waiting]
    for before, after in pairwise(line):
        if before.at < after.at:
            before.later, after.earlier = after, before
    yield from places
