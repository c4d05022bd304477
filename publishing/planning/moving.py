"""Another time for what waits: a post, or that part of it which goes out at one moment; and for
what is only planned."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.jobs import wake
from publishing.models import Draft, Post
from publishing.notices.kinds import is_trouble
from publishing.posts.changing import why_fixed
from publishing.posts.contents import check_time
from publishing.posts.times import zone_of
from publishing.states import CANCELED, QUEUED

from .free_times import NextFree, hold_posting_times, next_free
from .planned import with_planned_time


def move(post: Post, at: datetime, seen: datetime, at_posting_time: bool = False) -> bool:
    """Let what is due at `seen` go out at `at`, if nothing of `post` was tried yet, and wake a
    worker for it then. Whether it did: it may have been moved, canceled or claimed meanwhile.
    `at_posting_time`: the time comes from the list of posting times. Raises ValidationError with
    one sentence for a time that is past or too far away."""
    check_time(at)
    with transaction.atomic():
        if at_posting_time:
            hold_posting_times(post.user)
        now, deliveries = post.held()
        if why_fixed(deliveries) or not move_untried(post, at, seen, at_posting_time):
            return False
        going = [row for row in deliveries if not row.is_done]
        moved = [row for row in going if row.due_at == seen]
        note_move(now, at, seen, is_whole=len(moved) == len(going))
        follow(post, moved)
    return True


def move_to_next_free(post: Post, seen: datetime) -> datetime | None:
    """The same to the next of its user's posting times that is free where it goes: that time, or
    None. Raises ValidationError where there is none."""
    with transaction.atomic():
        going = [row.channel for row in post.deliveries.all() if not row.is_done]
        at = next_free(post.user, going, NextFree(), moving=[post.pk])
        return at if move(post, at, seen, at_posting_time=True) else None


def move_untried(post: Post, at: datetime, seen: datetime, at_posting_time: bool) -> bool:
    """The one UPDATE. What was canceled would go at the new time, if it were brought back. At a
    channel where another has that posting time it goes out then all the same, as if its user had
    chosen the time."""
    those = Delivery.objects.filter(post=post, due_at=seen)
    time = {"due_at": at, "at_posting_time": at_posting_time}
    waiting_for = "time" if at > timezone.now() else ""
    waits = {"next_attempt_at": at, "woken_at": None, "waiting_for": waiting_for, "reason": ""}
    untried = those.queued().filter(attempt=0, is_repeat=False)
    try:
        with transaction.atomic() if at_posting_time else nullcontext():
            is_moved = untried.update(**time, **waits)
    except IntegrityError:
        if not at_posting_time:
            raise
        return move_untried(post, at, seen, at_posting_time=False)
    if is_moved:
        those.filter(state=CANCELED).update(**time)
    return bool(is_moved)


def note_move(post: Post, at: datetime, seen: datetime, is_whole: bool) -> None:
    """The post's own time follows; saving it wakes somebody for what moved. Whoever is changing it
    in another window is told that it is another version."""
    if is_whole or post.due_at == seen:
        post.due_at, post.time_zone = at, zone_of(post.user)
    post.edited_at = timezone.now()
    post.save(update_fields=["due_at", "time_zone", "edited_at"])


def follow(post: Post, moved: Sequence[Delivery]) -> None:
    """What hangs on the time that these had, before they moved."""
    for delivery in moved:  # those that let it go first need not any more
        wake(delivery.next_job())
    if any(is_trouble(QUEUED, delivery.waiting_for) for delivery in moved):
        post.sync_notices_later()


def plan(draft: Draft, at: datetime, seen: datetime | None) -> bool:
    """Plan a draft that is planned for `seen` for `at` instead: a draft it stays. Whether nobody
    changed it meanwhile. Raises ValidationError as `move` does."""
    check_time(at)
    if not draft.is_live or draft.planned_at != seen:
        return False
    return draft.rewrite(with_planned_time(draft.fields, at, zone_of(draft.user)))
