"""Another time for what waits: a post, or that part of it which goes out at one moment; and for
what is only planned."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.jobs import wake
from publishing.models import Draft, Post
from publishing.notices.kinds import is_trouble
from publishing.posts.changing import why_fixed
from publishing.posts.contents import check_time
from publishing.posts.times import zone_of
from publishing.states import CANCELED, QUEUED

from .planned import with_planned_time


def move(post: Post, at: datetime, seen: datetime, at_posting_time: bool = False) -> bool:
    """Let what is due at `seen` go out at `at`, if nothing of `post` was tried yet, and wake a
    worker for it then. Whether it did: it may have been moved, canceled or claimed meanwhile.
    `at_posting_time`: the time comes from the list of posting times. Raises ValidationError with
    one sentence for a time that is past or too far away."""
    check_time(at)
    with transaction.atomic():
        now, deliveries = post.held()
        if why_fixed(deliveries) or not move_untried(post, at, seen):
            return False
        going = [row for row in deliveries if not row.is_done]
        moved = [row for row in going if row.due_at == seen]
        note_move(now, at, seen, is_whole=len(moved) == len(going))
        follow(post, moved)
    return True


def move_untried(post: Post, at: datetime, seen: datetime) -> bool:
    """The one UPDATE. What was canceled would go at the new time, if it were brought back."""
    those = Delivery.objects.filter(post=post, due_at=seen)
    moved = those.queued().filter(attempt=0, is_repeat=False)
    is_moved = moved.update(
        due_at=at,
        next_attempt_at=at,
        woken_at=None,
        waiting_for="time" if at > timezone.now() else "",
        reason="",
    )
    if is_moved:
        those.filter(state=CANCELED).update(due_at=at)
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
