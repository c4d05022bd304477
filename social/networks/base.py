"""What every network is to the rest of Fanfare: one small class.

A network knows nothing of posts, rows or people. It is given tokens and texts, and answers with one
of the shapes of `shapes.py` or raises one of the five errors.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .clocks import time_at
from .shapes import (
    READ_PAGE,
    Found,
    Grant,
    Known,
    Length,
    Page,
    Person,
    Picture,
    Place,
    Places,
    Published,
    Recent,
    Uploaded,
)


class Network:
    """One kind of place. Class data declares, short methods translate."""

    name: str
    label: str
    home: str  # the setting that says where it lives
    provider: str  # allauth's id for it
    place_word: str
    to_post: str  # the permission without which nothing can be posted
    offers_places: bool  # one connection may post to several places, which the network lists
    places_have_tokens: bool  # each of them is posted to with a token of its own
    renews_on_refresh: bool  # no refresh tokens: a refresh makes the grant last longer
    limits_are_shared = False  # a limit on posting is one on reading, too
    read_price = 0.0  # US dollars for each post that is read
    kinds: tuple[str, ...] = ()  # of what can be read back: post, like, friend, home
    by_id: tuple[str, ...] = ()  # those of them that can be asked for what is newer, or older
    page_sizes: dict[str, int] = {}  # kind → the most items in one call
    # kind → what must be allowed for it besides what is asked for when connecting
    kind_permissions: dict[str, str] = {}
    kind_prices: dict[str, float] = {}  # kind → US dollars for each; else `read_price`
    reach: dict[str, int] = {}  # kind → how many it shows at most, where that is known
    pictures = 4  # a post may have
    pictures_say_enough = True  # a post of pictures needs no words

    def length(self, text: str) -> Length:
        """Count `text` as the network counts."""
        raise NotImplementedError

    def longest(self, told: Mapping[str, Any]) -> int | None:
        """What a post of an account may weigh, by what the network `told` about that account;
        None where that says nothing of it."""
        return None

    def refusals(self, text: str) -> tuple[str, ...]:
        """Why it takes no such words, however short, in sentences for their writer."""
        return ()

    def remarks(self, text: str) -> tuple[str, ...]:
        """What their writer should know of such words there, in sentences."""
        return ()

    def person(self, token: str) -> Person:
        """Who `token` belongs to. Raises the five errors."""
        raise NotImplementedError

    def renew(self, grant: Grant) -> Grant:
        """A grant that lasts longer. The old one may be dead then: store the new one first."""
        raise NotImplementedError

    def missing_permissions(self, grant: Grant) -> tuple[str, ...]:
        """The permissions we need and were not given."""
        raise NotImplementedError

    def places(self, grant: Grant, person: Person) -> Places:
        """Where this grant may post, and where not and why. Raises the five errors."""
        raise NotImplementedError

    def place(self, place_id: str, grant: Grant) -> Place | None:
        """One place, asked for by its id, because lists leave some out; None where it is not there
        for this person. Raises the five errors."""
        return None

    def revoke(self, grant: Grant) -> None:
        """End the grant at the network."""
        raise NotImplementedError

    def upload(self, place_id: str, token: str, picture: Picture, patience: float) -> Uploaded:
        """Give the network one picture, in `patience` seconds at most. Nobody sees it before a post
        names it, so this may be done again. Raises the errors, but never OutcomeUnknown."""
        raise NotImplementedError

    def publish(
        self, place_id: str, handle: str, token: str, text: str, media_ids: Sequence[str] = ()
    ) -> Published:
        """Create one post, once, of words and uploads. Raises the five errors; never tries
        twice."""
        raise NotImplementedError

    def recent(self, place_id: str, handle: str, token: str, since: datetime) -> Recent:
        """What this place posted since then, up to READ_MOST posts. Raises the five errors."""
        raise NotImplementedError

    def latest(
        self, place_id: str, handle: str, token: str, since: datetime, expected: int
    ) -> Recent:
        """The same, read from the top and without a question for a date: such filters have hidden
        posts. `expected` is how many `recent` read, which bounds what this may cost. Raises the
        five errors."""
        raise NotImplementedError

    def post(self, remote_id: str, place_id: str, handle: str, token: str) -> Found | None:
        """The post that `find_link` named, with who wrote it; None where the network shows this
        place no such post. Raises the errors."""
        raise NotImplementedError

    def timeline(
        self,
        kind: str,
        place_id: str,
        handle: str,
        token: str,
        *,
        after: Known | None = None,
        before: Known | None = None,
        mark: str = "",
        size: int = READ_PAGE,
    ) -> Page:
        """One page of what is newer than `after` and older than `before`, from `mark` on. Kinds
        that are not in `by_id` know no such ends. Raises the errors; Rejected `mark_expired` when
        the network does not know the mark (any more)."""
        raise NotImplementedError

    def extent(self, kind: str, place_id: str, token: str) -> int | None:
        """How many there are, also beyond its `reach`; None where the network does not say. Raises
        the errors."""
        return None

    def is_there(self, remote_id: str, token: str) -> bool:
        """Whether the network still shows this post. Raises the errors."""
        raise NotImplementedError

    def price(self, kind: str) -> float:
        """US dollars for each item of that kind."""
        return self.kind_prices.get(kind, self.read_price)

    def time_there(self) -> datetime | None:
        """By its own clock, as far as we have heard."""
        return time_at(self.home)

    def place_url(self, place_id: str, handle: str) -> str:
        """Where a person looks at this place."""
        raise NotImplementedError

    def find_link(self, link: str, handle: str) -> Published:
        """What a pasted link (or bare id) names, whosever it is: `post` asks the network. Raises
        ValueError with one sentence."""
        raise NotImplementedError
