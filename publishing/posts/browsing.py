"""Posts that a person looks for: what goes out in the order in which it does, and others newest
first. A page begins where the one before ended, and what it looks through is bounded, so that it
takes as long for a million posts as for a thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.models import Delivery, Post, PostTag, Tag
from publishing.states import (
    CANCELED,
    FAILED,
    QUEUED,
    SENT,
    UNCONFIRMED,
    WAITING_FOR_A_PERSON,
    WaitingFor,
)
from social.networks import NETWORKS
from social.reasons import Reason
from social.words import Words

from .post import GOES_AT
from .windows import Position, PostWindow, going_out, latest, passed, tagged, troubled, waiting

POSTS_FOUND = 20  # a page
POSTS_SEARCHED = 1_000  # at a time; then its person says whether to look further
SEARCH_CHARACTERS = 100
BY_OPERATOR = Q(waiting_for=WaitingFor.PAUSED, reason=Reason.NETWORK_PAUSED)
# Of a post one of whose deliveries is so: (its word in the address, what people read, condition).
STATE_FILTERS: dict[str, tuple[Words, Q]] = {
    "you": (_("Waiting for you"), Q(waiting_for__in=WAITING_FOR_A_PERSON) & ~BY_OPERATOR),
    "queued": (_("Queued"), Q(state=QUEUED)),
    "sent": (_("Sent"), Q(state=SENT)),
    "unconfirmed": (_("Checking"), Q(state=UNCONFIRMED)),
    "failed": (_("Failed"), Q(state=FAILED)),
    "canceled": (_("Canceled"), Q(state=CANCELED)),
}


@dataclass(frozen=True)
class PostFilter:
    """What a person wants to see of their posts."""

    text: str = ""
    state: str = ""
    network: str = ""
    channel: str = ""  # the id of one
    tag: str = ""  # the public id of one
    since: date | None = None  # days of its person's calendar, both included
    until: date | None = None
    before: Position | None = None  # where the page before ended

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        """What the query of an address says, without what is nonsense."""
        state, network = query.get("state", ""), query.get("network", "")
        return cls(
            text=query.get("q", "").replace("\x00", "").strip()[:SEARCH_CHARACTERS],
            state=state if state in STATE_FILTERS else "",
            network=network if network in NETWORKS else "",
            channel=uuid_in(query.get("channel", "")),
            tag=uuid_in(query.get("tag", "")),
            since=day_in(query.get("from", "")),
            until=day_in(query.get("to", "")),
            before=Position.of_text(query.get("before", "")),
        )

    @property
    def networks(self) -> list[tuple[str, str]]:
        return [(network.name, network.label) for network in NETWORKS.values()]

    @property
    def is_narrow(self) -> bool:
        return bool(self.first.query)

    @property
    def is_refined(self) -> bool:
        """Whether more is asked for than a tab and words."""
        return bool(self.network or self.channel or self.tag or self.since or self.until)

    @property
    def first(self) -> "PostFilter":
        """The same from the first post on."""
        return replace(self, before=None)

    @property
    def is_by_time(self) -> bool:
        """Whether it comes in the order in which posts go out."""
        return self.state == "queued"

    def in_state(self, state: str) -> "PostFilter":
        """The same on another tab."""
        return replace(self, state=state, before=None)

    @property
    def tabs(self) -> list[tuple[str, Words, str]]:
        """(state, its word, the query of its address)"""
        names = {
            "": _("All"),
            **{name: words for name, (words, _condition) in STATE_FILTERS.items()},
        }
        return [(name, words, self.in_state(name).query) for name, words in names.items()]

    @property
    def query(self) -> str:
        fields = {"q": self.text, "state": self.state, "network": self.network}
        fields |= {"channel": self.channel, "tag": self.tag}
        fields |= {"from": shown_day(self.since), "to": shown_day(self.until)}
        fields["before"] = str(self.before or "")
        return urlencode({name: value for name, value in fields.items() if value})

    @property
    def begins(self) -> datetime | None:
        """The first moment of its days."""
        return start_of(self.since) if self.since else None

    @property
    def ends(self) -> datetime | None:
        """The first moment after its days."""
        return start_of(self.until + timedelta(days=1)) if self.until else None

    @property
    def condition(self) -> Q:
        """That one of its deliveries is so, and that it says the words, to all or there."""
        rows = Delivery.objects.filter(post=OuterRef("pk"))
        if self.network:
            rows = rows.filter(network_name=self.network)
        if self.channel:
            rows = rows.filter(channel=UUID(self.channel))
        if self.state:
            rows = rows.filter(STATE_FILTERS[self.state][1])
        is_so = Q(Exists(rows)) if self.state or self.network or self.channel else Q()
        own = Delivery.objects.filter(post=OuterRef("pk"), text__icontains=self.text)
        says = Q(text__icontains=self.text) | Q(Exists(own)) if self.text else Q()
        return is_so & says & self.condition_on_tag & self.condition_on_time

    @property
    def condition_on_tag(self) -> Q:
        if not self.tag:
            return Q()
        return Q(Exists(PostTag.objects.filter(post=OuterRef("pk"), tag__public_id=self.tag)))

    @property
    def condition_on_time(self) -> Q:
        """Of what is queued, its own time counts: that is asked where it is found."""
        if self.is_by_time:
            return Q()
        begins = Q(goes_at__gte=self.begins) if self.begins else Q()
        return begins & (Q(goes_at__lt=self.ends) if self.ends else Q())


@dataclass(frozen=True)
class PostsFound:
    """What one page shows."""

    posts: Sequence[Post]
    further: PostFilter | None = None  # where it goes on
    searched_to: datetime | None = None  # when it stopped before the end


def find_posts(user: Any, wanted: PostFilter) -> PostsFound:
    """The next of this person's posts that are as `wanted`."""
    matching, window = find_ids(user, wanted)
    shown = matching[:POSTS_FOUND]
    loaded = Post.objects.of(user).with_deliveries().with_tags().in_bulk([pk for pk, _ in shown])
    posts = [loaded[pk] for pk, _ in shown if pk in loaded]
    if len(matching) > POSTS_FOUND:
        return PostsFound(posts, replace(wanted, before=shown[-1][1]))
    if window.is_last:
        return PostsFound(posts)
    last_id, last = window.rows[-1]
    at = last.at or Post.objects.get(pk=last_id).created_at
    return PostsFound(posts, replace(wanted, before=last), at)


def find_ids(user: Any, wanted: PostFilter) -> tuple[list[tuple[int, Position]], PostWindow]:
    """Those of the next so many posts that are as `wanted`, in order, with their positions."""
    window = window_of(user, wanted)
    rows, condition = window.rows, wanted.condition
    if condition:
        those = Post.objects.of(user).annotate(goes_at=GOES_AT)
        matching = those.filter(condition, pk__in=[pk for pk, _ in rows])
        ids = set(matching.values_list("pk", flat=True))
        rows = [(pk, position) for pk, position in rows if pk in ids]
    return rows, window


def window_of(user: Any, wanted: PostFilter) -> PostWindow:
    """The next so many posts among which to look, from where they are found soonest."""
    before, most = wanted.before, POSTS_SEARCHED
    if wanted.state == "queued":
        return going_out(user, before, wanted.begins, wanted.ends, most)
    if wanted.state == "you":
        return waiting(user, before, most)
    if wanted.state in (FAILED, UNCONFIRMED):
        return troubled(user, wanted.state, before, most)
    if wanted.tag:
        tag = Tag.objects.of(user).filter(public_id=wanted.tag).first()
        return tagged(tag, before, most)
    if wanted.state == SENT or wanted.since or wanted.until:
        ends = [timezone.now()] if wanted.state == SENT else []
        ends += [wanted.ends] if wanted.ends else []
        return passed(user, before, wanted.begins, min(ends, default=None), most)
    return latest(user, before, most if wanted.condition else POSTS_FOUND + 1)


# ── What an address may say ───────────────────────────────────────────────────────────────────
def uuid_in(text: str) -> str:
    """It as an id; empty when it is none."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def day_in(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(1970, 1, 2) <= day <= date(9000, 1, 1) else None


def shown_day(day: date | None) -> str:
    return day.isoformat() if day else ""


def start_of(day: date) -> datetime:
    """When that day begins where the person is."""
    return timezone.make_aware(datetime.combine(day, time()))


# ── How many there are ────────────────────────────────────────────────────────────────────────
MOST_COUNTED = 99


def tab_counts(user: Any) -> dict[str, str]:
    """How many posts each tab of trouble has, as it is shown; without those that have none."""
    windows = {"you": waiting(user, None, MOST_COUNTED + 1)}
    windows |= {s: troubled(user, s, None, MOST_COUNTED + 1) for s in (FAILED, UNCONFIRMED)}
    return {name: shown_count(len(window.rows)) for name, window in windows.items() if window.rows}


def shown_count(count: int) -> str:
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"
