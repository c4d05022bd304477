"""What every network is to the rest of Fanfare: words, shapes, and one small class.

A network knows nothing of posts, rows or people. It is given tokens and texts, and answers with one
of the shapes below or raises one of the five errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .clocks import time_at

READ_PAGE = 100  # posts in one call, the most that either network gives
READ_MOST = 500  # posts in one look


@dataclass(frozen=True)
class Grant:
    """The tokens of one person at one network."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """Who a grant belongs to."""

    remote_id: str
    name: str
    handle: str = ""
    picture_url: str = ""


@dataclass(frozen=True)
class Place:
    """A place to post to: an X account, a Facebook Page. `missing` is what it lacks itself."""

    remote_id: str
    name: str
    handle: str
    picture_url: str = ""
    token: str = field(default="", repr=False)
    missing: tuple[str, ...] = ()


class Places(list[Place]):
    """The places that a network listed. Where that list did not come to its end
    (`is_complete` False), what it does not show is not gone."""

    is_complete = True


@dataclass(frozen=True)
class Picture:
    """A still picture, and what it shows in words."""

    data: bytes = field(repr=False)
    mime: str
    alt: str = ""


@dataclass(frozen=True)
class Uploaded:
    """A picture that a network holds for us, invisible until a post names it."""

    remote_id: str
    expires_at: datetime


@dataclass(frozen=True)
class Published:
    """A post that the network says is there."""

    remote_id: str
    url: str


@dataclass(frozen=True)
class Found:
    """A post that a timeline shows; `text` as a person reads it there."""

    remote_id: str
    url: str
    text: str
    created_at: datetime
    former_ids: tuple[str, ...] = ()  # what it was called before it was edited
    edited: bool = False  # its words may have been others before
    media_ids: tuple[str, ...] = ()  # of its pictures, where they have the names of their upload
    author_id: str = ""  # who wrote it, where the network says so


@dataclass(frozen=True)
class Recent:
    """What a timeline shows since some moment, newest first."""

    posts: tuple[Found, ...]
    complete: bool  # whether that is all of it
    at: datetime  # when it was read, by the network's own clock
    read: int = 0  # posts that were given, and billed, also those that are not its own

    def with_more(self, later: "Recent") -> "Recent":
        """Both readings of one timeline: what either shows is there."""
        known = {post.remote_id for post in self.posts}
        more = tuple(post for post in later.posts if post.remote_id not in known)
        complete = self.complete and later.complete
        return Recent((*self.posts, *more), complete, later.at, self.read + later.read)


@dataclass(frozen=True)
class Known:
    """A place in a timeline: networks are asked for what is newer or older by id, or by time."""

    remote_id: str
    at: datetime


@dataclass(frozen=True)
class Item:
    """Something that a timeline shows: a post, a Page, a person. What the network does not say is
    None, or empty."""

    remote_id: str
    text: str = ""  # as a person reads it; of a Page or a person, the name
    url: str = ""
    created_at: datetime | None = None
    former_ids: tuple[str, ...] = ()  # what it was called before it was edited
    author_id: str = ""
    author_name: str = ""
    author_handle: str = ""
    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None
    # hashtags, mentions: words; urls: addresses; category, about: words; pictures: how many
    entities: dict[str, Any] = field(default_factory=dict)

    @property
    def first_id(self) -> str:
        """Stays the same through edits, which on X give a new id."""
        return self.former_ids[0] if self.former_ids else self.remote_id


@dataclass(frozen=True)
class Page:
    """A part of a timeline, newest first."""

    items: tuple[Item, ...]
    mark: str = ""  # of the page that comes next; empty: this was the last
    read: int = 0  # items that were given, and billed, also those that could not be understood
    total: int | None = None  # how many there are in all, where the network says so
    withheld: str = ""  # a key of messages.WITHHELD: what it does not give, and why


@dataclass(frozen=True)
class Length:
    """How long a text is by the network's own count."""

    used: int
    limit: int

    @property
    def left(self) -> int:
        return self.limit - self.used

    @property
    def fits(self) -> bool:
        return 0 < self.used <= self.limit


class Network:
    """One kind of place. Class data declares, short methods translate."""

    name: str
    label: str
    home: str  # the setting that says where it lives
    provider: str  # allauth's id for it
    place_word: str
    to_post: str  # the permission without which nothing can be posted
    many_places: bool  # one connection offers several places to choose from
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

    def unwanted(self, text: str) -> str:
        """The first character that this network refuses, as U+…; empty if there is none."""
        return ""

    def person(self, token: str) -> Person:
        """Who `token` belongs to. Raises the five errors."""
        raise NotImplementedError

    def renew(self, grant: Grant) -> Grant:
        """A grant that lasts longer. The old one may be dead then: store the new one first."""
        raise NotImplementedError

    def missing(self, grant: Grant) -> tuple[str, ...]:
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
