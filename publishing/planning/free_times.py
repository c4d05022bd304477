"""Which posting times are free, and whose turn it is to take one.

A time is taken for a channel by whatever is queued to it for that minute, whoever chose the minute,
and by a draft that is planned for it. What is being sent, or in doubt, has a time that is past;
what was sent, failed or was canceled takes none.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from publishing.deliveries.delivery import Delivery
from publishing.posts.times import zone_of
from social.models import Channel

from .draft import Draft
from .instants import instants
from .posting_time import PostingTime

SOONEST = timedelta(minutes=2)  # from now: what is sooner than that is about to go out
ONE_MINUTE = timedelta(minutes=1)
# How many posting times are looked at in the first statement, and how many times as many in each
# next one: most people's next free ones are among the first.
FIRST_LOOK, LOOK_GROWS = 64, 4
PLACING_TRIES = 20


@dataclass(frozen=True)
class NextFree:
    """In place of a time: the first free posting time, not before `start`. What the draft with the
    id `draft` plans is not in its own way."""

    start: datetime | None = None
    draft: uuid.UUID | None = None


def free_instants(
    user: Any,
    channels: Iterable[Channel],
    after: datetime | None = None,
    count: int = 10,
    draft: uuid.UUID | None = None,
    moving: Collection[int] = (),
) -> list[datetime]:
    """The next `count` posting times of `user`, later than `after`, that are free at all of
    `channels`; fewer where 400 days have no more. The draft with the id `draft` and the posts with
    the ids `moving` take none."""
    soonest = timezone.now() + SOONEST
    times = PostingTime.objects.of(user).switched_on().weekly()
    if not times:
        return []
    coming = instants(times, zone_of(user), max(after, soonest) if after else soonest)
    free: list[datetime] = []
    channels, look = list(channels), FIRST_LOOK
    while len(free) < count and (some := list(islice(coming, look))):
        taken = taken_minutes(user, channels, some[0], some[-1], draft, moving)
        free += [at for at in some if at not in taken]
        look *= LOOK_GROWS
    return free[:count]


def taken_minutes(
    user: Any,
    channels: Sequence[Channel],
    first: datetime,
    last: datetime,
    draft: uuid.UUID | None = None,
    moving: Collection[int] = (),
) -> set[datetime]:
    """The minutes from `first` to `last` that are taken for any of `channels`: one statement. The
    accounts are named for the index of what is in line at one (`delivery_order`)."""
    minutes = (first, last + ONE_MINUTE - timedelta.resolution)
    queued = Delivery.objects.queued().filter(
        account__in={channel.account for channel in channels},
        channel__in=[channel.pk for channel in channels],
        due_at__range=minutes,
    )
    queued = queued.exclude(post__in=moving) if moving else queued
    planned = Draft.objects.of(user).live().filter(post=None, planned_at__range=minutes)
    planned = planned.exclude(public_id=draft) if draft else planned
    rows = queued.order_by().values_list("due_at")
    both = rows.union(planned.order_by().values_list("planned_at"))
    return {at.replace(second=0, microsecond=0) for (at,) in both}


def hold_posting_times(user: Any) -> None:
    """Whoever places posts of `user` waits for the end of this transaction. On SQLite a transaction
    is the only one that writes anyway."""
    rows = get_user_model().objects.select_for_update(no_key=True).filter(pk=user.pk)
    list(rows.values_list("pk"))


def next_free(
    user: Any, channels: Iterable[Channel], wish: NextFree, moving: Collection[int] = ()
) -> datetime:
    """The posting time that `wish` means, which nobody else is given until this transaction ends.
    Raises ValidationError, a sentence for people, where there is none."""
    hold_posting_times(user)
    after = wish.start and wish.start - timedelta.resolution
    free = free_instants(user, channels, after, 1, wish.draft, moving)
    if free:
        return free[0]
    if PostingTime.objects.of(user).switched_on().exists():
        sentence = gettext("All your posting times are taken for more than a year. Choose a time.")
    else:
        sentence = gettext("You have no posting times yet. Add some, or choose a time.")
    raise ValidationError(sentence, code="no_free_time")
