"""The posts that stand at posting times, in their order, and where else each could stand. Reading
costs a few statements; all else here only computes.

What may move is untried and waits for its time, which is not about to come. Everything else stays
where it is, and its time is taken: times that a person chose, what is tried, what a draft plans.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from publishing.deliveries.delivery import Delivery
from publishing.posts.times import zone_of
from publishing.states import CANCELED, QUEUED, WaitingFor
from social.models import Channel
from social.reasons import Reason

from .draft import Draft
from .free_times import SOONEST
from .instants import HORIZON, WeeklyTime, instants, same_clock
from .posting_time import PostingTime


class Waiting(NamedTuple):
    """A post that stands at a posting time and may be moved."""

    post_id: int
    at: datetime
    channels: frozenset[UUID]


class Move(NamedTuple):
    """It stood at `seen`, and is to stand at `at`."""

    post: Waiting
    at: datetime

    @property
    def seen(self) -> datetime:
        return self.post.at


@dataclass
class Lineup:
    """`posts` may be moved and stand in their order; `taken` is what stays."""

    posts: list[Waiting]
    taken: defaultdict[UUID, set[datetime]]  # channel → its minutes
    planned: set[datetime] = field(default_factory=set)  # by drafts, which may go anywhere

    def is_free(self, at: datetime, channels: Iterable[UUID]) -> bool:
        """Whether nothing that stays is there."""
        return at not in self.planned and not any(at in self.taken[pk] for pk in channels)

    def with_staying(self, staying: Iterable[Waiting]) -> "Lineup":
        """The same where these are not moved either."""
        taken = defaultdict(set, {pk: set(minutes) for pk, minutes in self.taken.items()})
        kept = set(staying)
        rest = Lineup([post for post in self.posts if post not in kept], taken, self.planned)
        for post in kept:
            rest.take(post.at, post.channels)
        return rest

    def take(self, at: datetime, channels: Iterable[UUID]) -> None:
        for pk in channels:
            self.taken[pk].add(at)


def movable_of(channels: Iterable[Channel], until: datetime | None = None) -> list[Waiting]:
    """What may move of a user's posts, who has these channels, in order: one statement."""
    soonest = timezone.now() + SOONEST
    listed = Delivery.objects.queued().filter(channel__in=[channel.pk for channel in channels])
    listed = listed.filter(at_posting_time=True, due_at__range=(soonest, until or last_moment()))
    whole = Delivery.objects.filter(post__in=listed.values("post"))
    over = Q(state=CANCELED) & ~Q(reason=Reason.DROPPED)
    rows: dict[int, list[Delivery]] = defaultdict(list)
    for row in whole.exclude(over).order_by("post_id", "id"):
        rows[row.post_id].append(row)
    posts = [
        Waiting(post_id, those[0].due_at, frozenset(row.channel_id for row in those))
        for post_id, those in rows.items()
        if all(may_move(row, those[0].due_at) for row in those)
    ]
    return sorted(posts, key=lambda post: (post.at, post.post_id))


def lineup_of(user: Any) -> Lineup:
    """How `user`'s posts stand now: four statements. The accounts are named for the index of what
    is in line at one (`delivery_order`)."""
    channels = list(Channel.objects.of(user))
    lineup = Lineup(movable_of(channels), defaultdict(set))
    coming = (timezone.now(), last_moment())
    fixed = Delivery.objects.queued().filter(
        account__in={channel.account for channel in channels},
        channel__in=[channel.pk for channel in channels],
        due_at__range=coming,
    )
    fixed = fixed.exclude(post__in=[post.post_id for post in lineup.posts])
    for pk, at in fixed.order_by().values_list("channel", "due_at"):
        lineup.taken[pk].add(at.replace(second=0, microsecond=0))
    lineup.planned |= planned_by_drafts(user, *coming)
    return lineup


def planned_by_drafts(user: Any, start: datetime, end: datetime) -> set[datetime]:
    """The minutes that drafts are planned for; where they would go does not matter."""
    drafts = Draft.objects.of(user).live().filter(post=None, planned_at__range=(start, end))
    planned = drafts.order_by().values_list("planned_at", flat=True)
    return {at.replace(second=0, microsecond=0) for at in planned if at}


def last_moment() -> datetime:
    return timezone.now() + 2 * HORIZON  # nothing stands farther away


def may_move(delivery: Delivery, at: datetime) -> bool:
    """Whether it is untried, and waits at a posting time for nothing but `at`."""
    waits = delivery.is_untried and delivery.waiting_for == WaitingFor.TIME
    is_listed = delivery.state == QUEUED and delivery.at_posting_time
    return waits and is_listed and not delivery.is_repeat and delivery.due_at == at


def places_of(user: Any) -> list[datetime]:
    """All posting times of the next 400 days that are not about to come."""
    times = PostingTime.objects.of(user).switched_on().weekly()
    return list(instants(times, zone_of(user), timezone.now() + SOONEST))


# ── Where each would stand ────────────────────────────────────────────────────────────────────
def arranged(
    posts: Iterable[tuple[Waiting, datetime]],
    places: Sequence[datetime],
    lineup: Lineup,
    may_stay: bool = True,
) -> list[Move]:
    """Each of `posts` in its turn at the first of `places` that is not before the moment beside it,
    nor taken by what stays, and later than where those before it at its channels stand; or where it
    stands, if that is no later, whatever somebody has put there since. Those that move; what finds
    no place stays."""
    last: dict[UUID, datetime] = {}
    moves = []
    for post, earliest in posts:
        before = max((last[pk] for pk in post.channels if pk in last), default=None)
        at = first_free(post, earliest, before, places, lineup)
        stands = post.at >= earliest and (before is None or post.at > before)
        if at is None or (may_stay and stands and post.at <= at):
            at = post.at
        if at != post.at:
            moves.append(Move(post, at))
        last |= dict.fromkeys(post.channels, at)
    return moves


def first_free(
    post: Waiting,
    earliest: datetime,
    before: datetime | None,
    places: Sequence[datetime],
    lineup: Lineup,
) -> datetime | None:
    start = bisect_left(places, earliest)
    if before is not None:
        start = max(start, bisect_right(places, before))
    coming = (places[number] for number in range(start, len(places)))
    return next((at for at in coming if lineup.is_free(at, post.channels)), None)


def put_first(lineup: Lineup, first: Waiting, places: Sequence[datetime]) -> list[Move]:
    """`first` takes the first place that nothing keeps; who is there moves on one place, and so on,
    up to the first gap. What stays is jumped over."""
    if not places:
        return []
    others = [(post, post.at) for post in lineup.posts if post != first]
    return arranged([(first, places[0]), *others], places, lineup)


def gaps_closed(lineup: Lineup, places: Sequence[datetime]) -> list[Move]:
    """All as early as they can, in their order."""
    if not places:
        return []
    return arranged([(post, places[0]) for post in lineup.posts], places, lineup)


def reordered(
    lineup: Lineup, ids: Sequence[int], seen: Mapping[int, datetime]
) -> list[Move] | None:
    """The posts with these ids at the times that these very posts had, in this order. None where
    they do not stand as `seen`, or one cannot stand there."""
    by_id = {post.post_id: post for post in lineup.posts}
    posts = [by_id[pk] for pk in ids if pk in by_id and by_id[pk].at == seen.get(pk)]
    if len(posts) != len(set(ids)):
        return None
    times = sorted(post.at for post in posts)
    moves = [Move(post, at) for post, at in zip(posts, times, strict=True) if post.at != at]
    return moves if fits(lineup, moves) else None


def fits(lineup: Lineup, moves: Sequence[Move]) -> bool:
    """Whether no time would be given twice to a channel."""
    moving = {move.post for move in moves}
    rest = lineup.with_staying(post for post in lineup.posts if post not in moving)
    given: set[tuple[UUID, datetime]] = set()
    for move in moves:
        wanted = {(pk, move.at) for pk in move.post.channels}
        if given & wanted or not rest.is_free(move.at, move.post.channels):
            return False
        given |= wanted
    return True


@dataclass
class ListChange:
    """What another list, or another zone, would do to the posts that stand at the present one."""

    moves: list[Move]
    fixed: list[Waiting]  # keep their times, which are their own from then on


def changed_list(
    lineup: Lineup, times: Sequence[WeeklyTime], zone: str, old_zone: str
) -> ListChange:
    """What stands at a time of the new list stays; where the zone is another one, each goes to the
    same clock there, if it can. All others go to the next free place from where they stand, in
    their order."""
    places = list(instants(times, zone, timezone.now() + SOONEST))
    known, rest, stays, moves = set(places), lineup.with_staying(()), [], []
    for post in lineup.posts:
        wanted = post.at if zone == old_zone else same_clock(post.at, zone, old_zone)
        is_there = zone == old_zone or rest.is_free(wanted, post.channels)
        if wanted in known and is_there:
            stays.append(post)
            moves += [Move(post, wanted)] if wanted != post.at else []
            rest.take(wanted, post.channels)
    others = [(post, post.at) for post in lineup.posts if post not in stays]
    found = arranged(others, places, rest, may_stay=False)
    moved = {move.post for move in found}
    return ListChange([*moves, *found], [post for post, _ in others if post not in moved])
