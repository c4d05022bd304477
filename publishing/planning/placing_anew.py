"""What waited at a channel over its posting time: when that channel goes on, it is placed anew in
its order, and never sent in a burst. Times that people chose keep their own rule."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from publishing.deliveries.delivery import Delivery
from publishing.notices.notice import note_connection_later
from publishing.states import QUEUED
from social.models import Channel
from social.reasons import Reason

from .free_times import PLACING_TRIES, free_instants, hold_posting_times


def place_anew(channel: Channel, waiting: Iterable[Delivery]) -> set[int]:
    """Give those of `waiting`, all for `channel`, whose posting time has passed the next free ones:
    the ids of these. What was tried stays as it is, and so does all where no time is free."""
    now = timezone.now()
    passed = [
        row for row in waiting if row.at_posting_time and row.is_untried and row.due_at <= now
    ]
    passed.sort(key=lambda row: (row.due_at, row.pk))
    if not passed:
        return set()
    user = channel.connection.user
    with transaction.atomic():
        hold_posting_times(user)
        free = iter(free_instants(user, [channel], count=len(passed) + PLACING_TRIES))
        placed = [row for row in passed if place_at_next(row, free)]
        note_at_posts(placed)
        note_connection_later(channel.connection)
    return {row.pk for row in placed}


def place_at_next(delivery: Delivery, free: Iterator[datetime]) -> bool:
    """Whether it has one of these times now; somebody may have moved it meanwhile."""
    for at in free:
        try:
            with transaction.atomic():
                return requeue_at_posting_time(delivery, at)
        except IntegrityError:
            continue  # who placed another one there held nothing
    return False


def requeue_at_posting_time(delivery: Delivery, at: datetime) -> bool:
    """Its own has passed while its channel was paused or lost: it has this one. Raises
    IntegrityError where that is taken."""
    unchanged = ("attempt", "due_at", "waiting_for", "at_posting_time")
    anew = {"reason": Reason.PLACED_ANEW, "at_posting_time": True}
    return delivery.requeue([QUEUED], at, unchanged, **anew)


def note_at_posts(placed: Sequence[Delivery]) -> None:
    """A post that waits for nothing else goes out then, as its own row says."""
    for delivery in placed:
        post = delivery.post
        others = post.deliveries.queued().exclude(due_at=delivery.due_at)
        if not others.exists():
            post.due_at, post.edited_at = delivery.due_at, timezone.now()
            post.save(update_fields=["due_at", "edited_at"])
