"""What stands in a calendar between two moments: each post once for each time that it goes out at,
where it was due, whatever became of it since; and drafts that are planned for a time.

As many statements for a thousand posts as for one: first only which posts and when, then more of
those that are shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.db.models.functions import Left
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from publishing.models import Delivery, Draft, Post, PostingTime, PostTag, Tag
from publishing.planning.free_times import SOONEST, taken_minutes
from publishing.planning.instants import instants
from publishing.posts.changing import why_fixed
from publishing.posts.contents import excerpt
from publishing.posts.post import chip_of
from publishing.posts.times import zone_of
from publishing.states import CANCELED
from social.models import Channel
from social.networks import NETWORKS
from social.networks.base import Network

from .days import clock_time

ENTRIES_SHOWN = 200  # a page; of what is beyond, its number
ENTRIES_COUNTED = 5_000  # a page; what is beyond is said to be more
LETTERS_READ = 200  # of a text
PICTURES_WORD = gettext_lazy("Pictures")


@dataclass(frozen=True, order=True)
class EntryMark:
    """That something stands there: a post by its key, or a draft."""

    at: datetime
    is_draft: bool
    pk: int


@dataclass(frozen=True)
class Entry:
    """One of them as it is shown. What templates ask is kept: a week draws each twice."""

    at: datetime
    public_id: UUID
    words: str
    networks: Sequence[Network]
    style: str
    state: str
    is_movable: bool
    is_draft: bool = False
    tags: Sequence[Tag] = ()

    @cached_property
    def address(self) -> str:
        name, field = ("drafts:draft", "draft_id") if self.is_draft else ("posts:post", "public_id")
        return reverse(name, kwargs={field: self.public_id})

    @cached_property
    def times_address(self) -> str:
        """Where it is moved."""
        name, field = ("draft_times", "draft_id") if self.is_draft else ("post_times", "public_id")
        return reverse(f"calendar:{name}", kwargs={field: self.public_id})

    @cached_property
    def clock(self) -> str:
        """What clocks show where its user is."""
        return clock_time(self.at, timezone.get_current_timezone()).words

    @cached_property
    def seen(self) -> str:
        """The time that the page shows, exactly."""
        return self.at.isoformat()


@dataclass(frozen=True)
class Calendar:
    """The calendar of one person."""

    user: Any
    tag: str = ""  # the public id of the one whose posts are shown; empty for all

    @cached_property
    def tags(self) -> Mapping[str, Tag]:
        """Theirs, by their public ids."""
        return {str(tag.public_id): tag for tag in Tag.objects.of(self.user)}

    @cached_property
    def channels(self) -> Mapping[UUID, str]:
        """The network of each place that they ever chose, by its key."""
        rows = Channel.objects.filter(connection__user=self.user)
        return dict(rows.values_list("pk", "network_name"))

    def marks(self, start: datetime, end: datetime) -> list[EntryMark]:
        """What stands there from `start` until before `end`, in order; ENTRIES_COUNTED at most."""
        going = Delivery.objects.filter(channel__in=list(self.channels))
        going = going.filter(due_at__gte=start, due_at__lt=end).exclude(state=CANCELED)
        if self.tag:
            going = going.filter(post__post_tags__tag__public_id=self.tag)
        posts = going.order_by("due_at", "post").values_list("due_at", "post").distinct()
        planned = Draft.objects.of(self.user).live().filter(post=None)
        planned = planned.filter(planned_at__gte=start, planned_at__lt=end)
        drafts = planned.order_by("planned_at", "pk")
        drafts_shown = drafts.values_list("planned_at", "pk", "fields__tags")[:ENTRIES_COUNTED]
        marks = [EntryMark(at, False, pk) for at, pk in posts[:ENTRIES_COUNTED]]
        marks += [
            EntryMark(at, True, pk)
            for at, pk, tags in drafts_shown
            if at and (not self.tag or self.tag in (tags or ()))
        ]
        return sorted(marks)[:ENTRIES_COUNTED]

    def free_times(self, end: datetime) -> list[datetime]:
        """Their posting times from now until `end` at which nothing of theirs waits to go out."""
        weekly = PostingTime.objects.of(self.user).switched_on().weekly()
        times = list(instants(weekly, zone_of(self.user), timezone.now() + SOONEST, end))
        if not times:
            return []
        channels = list(Channel.objects.of(self.user))
        taken = taken_minutes(self.user, channels, times[0], times[-1])
        return [at for at in times if at not in taken]

    def entries(self, marks: Collection[EntryMark]) -> dict[EntryMark, Entry]:
        """Those of `marks` that are still there, as they are shown."""
        return self._posts(marks) | self._drafts(marks)

    def _posts(self, marks: Iterable[EntryMark]) -> dict[EntryMark, Entry]:
        wanted = [mark for mark in marks if not mark.is_draft]
        keys = {mark.pk for mark in wanted}
        if not keys:
            return {}
        posts = {row["pk"]: row for row in beginnings(Post.objects.filter(pk__in=keys))}
        deliveries = defaultdict(list)
        for delivery in alike_deliveries(keys):
            deliveries[delivery.post_id].append(delivery)
        made, tags = {}, self._tags_of(keys)
        for mark in wanted:
            of_post = deliveries[mark.pk]
            then = [delivery for delivery in of_post if delivery.due_at == mark.at]
            if mark.pk in posts and then:
                made[mark] = entry_of(
                    mark, posts[mark.pk], then, not why_fixed(of_post), tags[mark.pk]
                )
        return made

    def _tags_of(self, posts: Collection[int]) -> Mapping[int, Sequence[Tag]]:
        """By the keys of these posts."""
        by_post: dict[int, list[Tag]] = defaultdict(list)
        by_key = {tag.pk: tag for tag in self.tags.values()}
        rows = PostTag.objects.filter(post__in=posts, tag__in=by_key) if by_key else ()
        for row in rows:
            by_post[row.post_id].append(by_key[row.tag_id])
        return by_post

    def _drafts(self, marks: Iterable[EntryMark]) -> dict[EntryMark, Entry]:
        wanted = {mark.pk: mark for mark in marks if mark.is_draft}
        if not wanted:
            return {}
        rows = Draft.objects.filter(pk__in=wanted).values_list(
            "pk", "public_id", "excerpt", "fields__channels", "fields__tags"
        )
        networks, made = {str(key): name for key, name in self.channels.items()}, {}
        for pk, public_id, words, channels, tag_ids in rows:
            names = [networks[key] for key in channels or () if key in networks]
            mark, word = wanted[pk], gettext("Draft")
            shown = words or str(PICTURES_WORD)
            tags = [self.tags[name] for name in tag_ids or () if name in self.tags]
            made[mark] = Entry(
                mark.at, public_id, shown, of(names), "draft", word, True, True, tags
            )
        return made


def beginnings(posts: Any) -> Any:
    """Of a text that may be long, only how it begins is read."""
    return posts.annotate(begin=Left("text", LETTERS_READ)).values("pk", "public_id", "begin")


def alike_deliveries(posts: Collection[int]) -> list[Delivery]:
    """Those of these posts, as far as a calendar shows them: one for all that are alike. A post may
    go to a thousand channels."""
    columns = ("post_id", "due_at", "network_name", "state", "waiting_for", "reason")
    rows = Delivery.objects.filter(post__in=posts).order_by("post_id", "network_name")
    rows = rows.values(*columns).annotate(attempts=Max("attempt"), own=Max(Left("text", 200)))
    made = []
    for row in rows:
        own, attempts = row.pop("own"), row.pop("attempts")
        made.append(Delivery(text=own, attempt=attempts, **row))
    return made


def entry_of(
    mark: EntryMark,
    post: Mapping[str, Any],
    deliveries: Sequence[Delivery],
    is_movable: bool,
    tags: Sequence[Tag],
) -> Entry:
    """What of a post is due at one moment."""
    style, word = chip_of(deliveries)
    own = next((delivery.text for delivery in deliveries if delivery.text), "")
    words = excerpt(post["begin"]) or excerpt(own) or str(PICTURES_WORD)
    names = [delivery.network_name for delivery in deliveries if delivery.state != CANCELED]
    public_id = post["public_id"]
    return Entry(mark.at, public_id, words, of(names), style, word, is_movable, tags=tags)


def of(names: Iterable[str]) -> list[Network]:
    """The networks of these names, each once."""
    return [NETWORKS[name] for name in dict.fromkeys(names) if name in NETWORKS]
