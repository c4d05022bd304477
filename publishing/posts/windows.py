"""Where a list of posts looks: the next so many posts in some order, each found by an index, so
that how many a person has makes no difference."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Self
from uuid import UUID

from django.db.models import Q

from publishing.deliveries.delivery import Delivery
from publishing.reuse.tag import PostTag, Tag
from publishing.sql import next_due
from publishing.states import QUEUED, UNCONFIRMED, WAITING_FOR_A_PERSON, WaitingFor
from social.models import Channel
from social.reasons import Reason

from .post import GOES_AT, Post

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LARGEST_ID = 2**63 - 1
WAITING_IN_QUEUE = [waits for waits in WAITING_FOR_A_PERSON if waits != WaitingFor.PERSON]


@dataclass(frozen=True)
class Position:
    """Where a page ended: by the id of a row, and by its time where the list is in that order."""

    pk: int
    at: datetime | None = None

    @classmethod
    def of_text(cls, text: str) -> Self | None:
        """As an address has it; None for nonsense."""
        parts = text.split("-")
        if len(parts) > 2 or not all(p.isdecimal() and p.isascii() and len(p) < 19 for p in parts):
            return None
        if len(parts) == 1:
            return cls(int(parts[0]))
        try:
            return cls(int(parts[1]), EPOCH + int(parts[0]) * MICROSECOND)
        except OverflowError:
            return None

    def __str__(self) -> str:
        return str(self.pk) if self.at is None else f"{(self.at - EPOCH) // MICROSECOND}-{self.pk}"


@dataclass(frozen=True)
class PostWindow:
    """Posts in their order, each with the position after it, and whether there are no more."""

    rows: list[tuple[int, Position]]
    is_last: bool = True


def window_of_ids(ids: Iterable[int], most: int) -> PostWindow:
    ids = list(ids)
    return PostWindow([(pk, Position(pk)) for pk in ids], len(ids) < most)


def latest(user: Any, before: Position | None, most: int) -> PostWindow:
    """What was written last."""
    rows = Post.objects.of(user).order_by("-id")
    if before:
        rows = rows.filter(pk__lt=before.pk)
    return window_of_ids(rows.values_list("pk", flat=True)[:most], most)


def tagged(tag: Tag | None, before: Position | None, most: int) -> PostWindow:
    """What was written last of those with this tag."""
    rows = PostTag.objects.filter(tag=tag, post__lt=before.pk if before else LARGEST_ID)
    ids = rows.order_by("-post").values_list("post", flat=True)[:most] if tag else []
    return window_of_ids(ids, most)


def passed(
    user: Any, before: Position | None, since: datetime | None, until: datetime | None, most: int
) -> PostWindow:
    """Those whose time was last, between two moments."""
    rows = Post.objects.of(user).annotate(goes_at=GOES_AT).order_by("-goes_at", "-id")
    if since:
        rows = rows.filter(goes_at__gte=since)
    if until:
        rows = rows.filter(goes_at__lt=until)
    if before and before.at:
        here = Q(goes_at__lt=before.at) | Q(goes_at=before.at, pk__lt=before.pk)
        rows = rows.filter(here, goes_at__lte=before.at)
    found = [(pk, Position(pk, at)) for pk, at in rows.values_list("pk", "goes_at")[:most]]
    return PostWindow(found, len(found) < most)


def troubled(user: Any, state: str, before: Position | None, most: int) -> PostWindow:
    """What was written last of those that failed, or are in doubt."""
    rows = Delivery.objects.filter(state=state)
    return window_of_ids(post_ids(rows, user, before, most), most)


def waiting(user: Any, before: Position | None, most: int) -> PostWindow:
    """What was written last of those that wait for their person to do something."""
    queued = Delivery.objects.filter(state=QUEUED, waiting_for__in=WAITING_IN_QUEUE)
    queued = queued.exclude(waiting_for=WaitingFor.PAUSED, reason=Reason.NETWORK_PAUSED)
    asked = Delivery.objects.filter(state=UNCONFIRMED, waiting_for=WaitingFor.PERSON)
    ids = {pk for rows in (queued, asked) for pk in post_ids(rows, user, before, most)}
    return window_of_ids(sorted(ids, reverse=True)[:most], most)


def post_ids(rows: Any, user: Any, before: Position | None, most: int) -> list[int]:
    """The latest posts of these deliveries, each once."""
    rows = rows.filter(channel__in=Channel.objects.filter(connection__user=user).values("pk"))
    if before:
        rows = rows.filter(post__lt=before.pk)
    return list(rows.order_by("-post").values_list("post", flat=True).distinct()[:most])


def going_out(
    user: Any, after: Position | None, since: datetime | None, until: datetime | None, most: int
) -> PostWindow:
    """What goes out next, by the first of its deliveries."""
    at = after.at if after and after.at else None
    start = (at, after.pk) if at and after else (since or EPOCH, -1)
    rows = next_due(accounts_of(user), start, until, most)
    positions: dict[int, Position] = {}
    for post_id, due_at, pk in rows:
        positions.setdefault(post_id, Position(pk, due_at))
    if at:  # those that stand on an earlier page
        earlier = Delivery.objects.queued().filter(post__in=list(positions))
        earlier = earlier.filter(Q(due_at__lt=at) | Q(due_at=at, pk__lte=start[1]))
        if since:
            earlier = earlier.filter(due_at__gte=since)
        for post_id in earlier.values_list("post", flat=True):
            positions.pop(post_id, None)
    if not positions and len(rows) == most:  # all of these stand on an earlier page
        post_id, due_at, pk = rows[-1]
        return going_out(user, Position(pk, due_at), since, until, most)
    return PostWindow(list(islice(positions.items(), most)), len(rows) < most)


def accounts_of(user: Any) -> list[tuple[UUID, str]]:
    """(id, account) of every channel that this person ever had."""
    return [(c.pk, c.account) for c in Channel.objects.filter(connection__user=user)]
