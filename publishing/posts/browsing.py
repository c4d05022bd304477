"""Posts that a person looks for, newest first. A page begins where the one before ended, and what
it looks through is bounded, so that it takes as long for a million posts as for a thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from publishing.models import Delivery, Post
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

POSTS_FOUND = 20  # a page
POSTS_SEARCHED = 1_000  # at a time; then its person says whether to look further back
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
    before: int | None = None  # the id of the last post that was looked at

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        """What the query of an address says, without what is nonsense."""
        state, network = query.get("state", ""), query.get("network", "")
        before = query.get("before", "")
        return cls(
            text=query.get("q", "").replace("\x00", "").strip()[:SEARCH_CHARACTERS],
            state=state if state in STATE_FILTERS else "",
            network=network if network in NETWORKS else "",
            before=int(before) if before.isdecimal() and len(before) < 19 else None,
        )

    @property
    def states(self) -> list[tuple[str, Words]]:
        return [(name, words) for name, (words, _condition) in STATE_FILTERS.items()]

    @property
    def networks(self) -> list[tuple[str, str]]:
        return [(network.name, network.label) for network in NETWORKS.values()]

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.state or self.network)

    @property
    def first(self) -> "PostFilter":
        """The same from the newest post on."""
        return replace(self, before=None)

    @property
    def query(self) -> str:
        fields = {"q": self.text, "state": self.state, "network": self.network}
        fields["before"] = str(self.before or "")
        return urlencode({name: value for name, value in fields.items() if value})

    @property
    def condition(self) -> Q:
        """That one of its deliveries is so, and that it says the words, to all or there."""
        rows = Delivery.objects.filter(post=OuterRef("pk"))
        if self.network:
            rows = rows.filter(network_name=self.network)
        if self.state:
            rows = rows.filter(STATE_FILTERS[self.state][1])
        is_so = Q(Exists(rows)) if self.state or self.network else Q()
        own = Delivery.objects.filter(post=OuterRef("pk"), text__icontains=self.text)
        says = Q(text__icontains=self.text) | Q(Exists(own)) if self.text else Q()
        return is_so & says


@dataclass(frozen=True)
class PostsFound:
    """What one page shows."""

    posts: Sequence[Post]
    further: PostFilter | None = None  # where it goes on
    searched_back_to: datetime | None = None  # when it stopped before the end


def find_posts(user: Any, wanted: PostFilter) -> PostsFound:
    """The next of this person's posts that are as `wanted`."""
    rows = Post.objects.of(user).order_by("-id")
    if wanted.before:
        rows = rows.filter(pk__lt=wanted.before)
    ids = list(rows.values_list("pk", flat=True)[:POSTS_SEARCHED])
    matches = rows.filter(wanted.condition, pk__in=ids).with_deliveries()
    posts = list(matches[: POSTS_FOUND + 1])
    if len(posts) > POSTS_FOUND:
        shown = posts[:POSTS_FOUND]
        return PostsFound(shown, replace(wanted, before=shown[-1].pk))
    if len(ids) < POSTS_SEARCHED:
        return PostsFound(posts)
    last = Post.objects.get(pk=ids[-1])
    return PostsFound(posts, replace(wanted, before=last.pk), last.created_at)
