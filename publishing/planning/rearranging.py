"""What a person does to the whole of their queue: put first, reorder, shuffle, close gaps, change
the list. Each is one transaction that nobody else places anything in, and moves all or nothing."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Case, Value, When
from django.utils import timezone

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.jobs import wake
from publishing.models import Post
from publishing.posts.times import zone_of
from publishing.states import CANCELED, WaitingFor

from .free_times import SOONEST, hold_posting_times
from .lineup import (
    Move,
    fits,
    gaps_closed,
    lineup_of,
    places_of,
    put_first,
    reordered,
)

POSTS_PER_UPDATE = 200


class QueueChanged(Exception):
    """It does not stand any more as whoever wants to change it saw it; nothing was moved."""


def put_post_first(user: Any, post: Post) -> list[Move]:
    """Raises QueueChanged where it does not stand in the queue, or may not move."""
    with transaction.atomic():
        hold_posting_times(user)
        lineup = lineup_of(user)
        first = next((row for row in lineup.posts if row.post_id == post.pk), None)
        if first is None:
            raise QueueChanged
        return apply(user, put_first(lineup, first, places_of(user)))


def reorder(user: Any, ids: Sequence[int], seen: Mapping[int, datetime]) -> list[Move]:
    """The posts with these ids, which stand at these times, in this order. Raises QueueChanged."""
    with transaction.atomic():
        hold_posting_times(user)
        moves = reordered(lineup_of(user), ids, seen)
        if moves is None:
            raise QueueChanged
        return apply(user, moves)


def move_to_place(user: Any, post: Post, seen: datetime, at: datetime) -> list[Move]:
    """It stands at `seen`, and goes to the posting time `at`, which is free where it goes. Raises
    QueueChanged where either is another thing by now."""
    with transaction.atomic():
        hold_posting_times(user)
        lineup = lineup_of(user)
        moves = [Move(row, at) for row in lineup.posts if (row.post_id, row.at) == (post.pk, seen)]
        if not moves or at not in places_of(user) or not fits(lineup, moves):
            raise QueueChanged
        return apply(user, moves)


def shuffle(user: Any) -> list[Move]:
    """All of them in an order of chance, at the times that they had. What goes to some channels
    only may not fit everywhere, and is tried elsewhere."""
    with transaction.atomic():
        hold_posting_times(user)
        lineup = lineup_of(user)
        ids = [post.post_id for post in lineup.posts]
        seen = {post.post_id: post.at for post in lineup.posts}
        for _ in range(20):
            random.shuffle(ids)
            moves = reordered(lineup, ids, seen)
            if moves is not None:
                return apply(user, moves)
        raise QueueChanged


def close_gaps(user: Any, shown: Sequence[tuple[int, datetime]]) -> list[Move]:
    """What was `shown`, as (post, time), and nothing else. Raises QueueChanged."""
    with transaction.atomic():
        hold_posting_times(user)
        moves = gaps_closed(lineup_of(user), places_of(user))
        if [(move.post.post_id, move.at) for move in moves] != list(shown):
            raise QueueChanged
        return apply(user, moves)


def put_back(user: Any, moved: Sequence[tuple[int, datetime, datetime]]) -> list[Move]:
    """Posts (their ids, where they stand, where they stood before) to where they stood. Raises
    QueueChanged where one has moved on, or its place is taken or past."""
    with transaction.atomic():
        hold_posting_times(user)
        lineup, soonest = lineup_of(user), timezone.now() + SOONEST
        by_id = {post.post_id: post for post in lineup.posts}
        moves = [Move(by_id[pk], back) for pk, at, back in moved if pk in by_id]
        are_here = [(pk, at) for pk, at, _ in moved] == [(m.post.post_id, m.seen) for m in moves]
        if not are_here or any(m.at < soonest for m in moves) or not fits(lineup, moves):
            raise QueueChanged
        return apply(user, moves)


def apply(user: Any, moves: Sequence[Move]) -> list[Move]:
    """Move these; the caller holds the posting times. Raises QueueChanged where something became
    of one a moment ago. Freed first and placed then: no two may stand at one time in between."""
    by_post = {move.post.post_id: move for move in moves}
    ids = sorted(by_post)
    starts = range(0, len(ids), POSTS_PER_UPDATE)
    parts = [{pk: by_post[pk] for pk in ids[n : n + POSTS_PER_UPDATE]} for n in starts]
    for part in parts:
        free_places(part)
    try:
        for part in parts:
            take_places(user, part)
    except IntegrityError as error:  # who else placed something held nothing
        raise QueueChanged from error
    return list(moves)


def free_places(moves: Mapping[int, Move]) -> None:
    """Nobody claims, cancels or edits these until this transaction ends."""
    posts = Post.objects.filter(pk__in=moves).select_for_update(no_key=True).order_by("pk")
    list(posts.values_list("pk", flat=True))
    rows = list(moving(moves).select_for_update(no_key=True).order_by("pk"))
    here = {(row.post_id, row.channel_id, row.due_at) for row in rows}
    wanted = {(pk, channel, m.seen) for pk, m in moves.items() for channel in m.post.channels}
    if here != wanted:
        raise QueueChanged
    moving(moves).update(at_posting_time=False)


def moving(moves: Mapping[int, Move]) -> models.QuerySet[Delivery]:
    """The deliveries of these posts, as long as nothing was tried."""
    rows = Delivery.objects.queued().filter(post__in=moves, attempt=0, is_repeat=False)
    return rows.filter(waiting_for=WaitingFor.TIME)


def take_places(user: Any, moves: Mapping[int, Move]) -> None:
    at = Case(
        *(When(post=pk, then=Value(move.at)) for pk, move in moves.items()),
        output_field=models.DateTimeField(),
    )
    canceled = Delivery.objects.filter(post__in=moves, state=CANCELED)
    canceled.update(due_at=at)  # where they would go, were they brought back
    placed = {"due_at": at, "next_attempt_at": at, "woken_at": at, "at_posting_time": True}
    moving(moves).update(**placed, reason="")
    own = Case(
        *(When(pk=pk, then=Value(move.at)) for pk, move in moves.items()),
        output_field=models.DateTimeField(),
    )
    zone, now = zone_of(user), timezone.now()
    Post.objects.filter(pk__in=moves).update(due_at=own, time_zone=zone, edited_at=now)
    jobs = moving(moves).values_list("job_id", "next_attempt_at", "post__user_id", "network_name")
    wake((job_id, moment, owner, network) for job_id, moment, owner, network in jobs if moment)
