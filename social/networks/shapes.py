"""What networks are given and answer with: small frozen shapes, the same for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from social.words import Words

Choices = tuple[tuple[str, Words], ...]  # (value, word) each

READ_PAGE = 100  # posts in one call, the most that any network gives
READ_MOST = 500  # posts in one look
EXTRA_CHARACTERS = 500
NO_EXTRAS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Grant:
    """The tokens of one person at one network, or those of one place there."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    home: str = ""  # the server's host name; empty: the network has one home
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)  # more secrets, by name


@dataclass(frozen=True)
class App:
    """Our app as one server knows it; from there people come back to `callback`."""

    client_id: str
    client_secret: str = field(repr=False)
    callback: str


@dataclass(frozen=True)
class SignInField:
    """What a person types to sign in, where that is a form of ours."""

    name: str
    label: Words
    is_secret: bool = False
    help: Words = ""
    may_be_empty: Callable[[], bool] = bool  # by default: no


@dataclass(frozen=True)
class SentOn:
    """The page of their server that a person is sent to, and what must be known, and stay secret,
    when they come back."""

    address: str
    kept: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Person:
    """Who a grant belongs to."""

    remote_id: str
    name: str
    handle: str = ""
    picture_url: str = ""
    longest: int | None = None  # what a post may weigh, where that is a matter of the account
    limits: Mapping[str, int] = field(default_factory=dict)  # what else, by the names of `Limits`


@dataclass(frozen=True)
class Place:
    """A place to post to: an account, a Page. `missing` is what it lacks itself."""

    remote_id: str
    name: str
    handle: str
    picture_url: str = ""
    token: str = field(default="", repr=False)
    missing_permissions: tuple[str, ...] = ()


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
    width: int = 0  # pixels; 0: nobody says
    height: int = 0


@dataclass(frozen=True)
class Uploaded:
    """A picture that a network holds for us, invisible until a post names it."""

    remote_id: str
    expires_at: datetime
    about: Mapping[str, Any] = field(default_factory=dict)  # what the post must say of it again


@dataclass(frozen=True)
class Held:
    """An upload as a post names it: its id, its words, and what `Uploaded` said of it."""

    remote_id: str
    alt: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EmbeddedCard:
    """The card of a link, of networks whose posts hold it themselves (`embeds_cards`)."""

    address: str
    title: str
    description: str = ""
    picture: Held | None = None


@dataclass(frozen=True)
class Outgoing:
    """A post as it leaves: exactly what its attempt holds. `key` is `Network.key`'s, `at` when the
    first attempt of this content that may have landed began, `extras` what else a person chose
    there, `card` that of a link in it, where posts hold such."""

    text: str
    pictures: tuple[Held, ...] = ()
    key: str = ""
    at: datetime | None = None
    extras: Mapping[str, str] = field(default_factory=dict)
    card: EmbeddedCard | None = None

    @property
    def media_ids(self) -> list[str]:
        return [picture.remote_id for picture in self.pictures]


@dataclass(frozen=True)
class Extra:
    """Something more that a network lets a person choose for a post. With `choices`, it is one of
    these, or of those that `choices_in` finds in its words; without any, a text. What is empty is
    left out of the post."""

    name: str
    label: Words
    choices: Choices = ()
    default: str = ""
    help: Words = ""
    choices_in: Callable[[str], Choices] | None = None
    characters: int = EXTRA_CHARACTERS  # of a text, at most
    is_long: bool = False  # it may have several lines

    def choices_for(self, text: str) -> Choices:
        """What may be chosen for a post of these words."""
        return self.choices + (self.choices_in(text) if self.choices_in else ())

    def word(self, value: str) -> str:
        """`value` as a person reads it."""
        return str(dict(self.choices_for("")).get(value, value))


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
        """Stays the same through edits, which give a new id at some networks."""
        return self.former_ids[0] if self.former_ids else self.remote_id


@dataclass(frozen=True)
class Page:
    """A part of a timeline, newest first."""

    items: tuple[Item, ...]
    mark: str = ""  # of the page that comes next; empty: this was the last
    read: int = 0  # items that were given, and billed, also those that could not be understood
    total: int | None = None  # how many there are in all, where the network says so
    visibility_note: str = ""  # a key of messages.VISIBILITY_NOTES: what it does not give, and why


@dataclass(frozen=True)
class Limits:
    """What one account, or the server where it lives, lets a post have. 0 or nothing: it does not
    say."""

    length: int = 0  # as the network counts
    pictures: int = 0
    link: int = 0  # what an address counts


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
