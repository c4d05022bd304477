"""What the make-believe Facebook holds, as plain records."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from ..core import state as core
from .limits import Limits


@dataclass
class FacebookUser:
    id: str
    name: str
    checkpoint: bool = False
    friends: list[str] = field(default_factory=list)
    likes: list[dict] = field(default_factory=list)


@dataclass
class Page:
    id: str
    name: str
    category: str
    username: str = ""
    tasks: dict[str, list[str]] = field(default_factory=dict)  # by person
    followers: int = 0


@dataclass
class FacebookGrant:
    """What one person allowed one app: the unticked things are simply not here."""

    client_id: str
    user_id: str
    scopes: set[str]
    declined: set[str]
    pages: set[str]
    granted_at: float


@dataclass
class FacebookToken:
    value: str
    kind: str  # user, page or app
    client_id: str
    user_id: str = ""
    page_id: str = ""
    long: bool = False
    issued_at: float = 0
    expires_at: float = 0  # 0: never
    dead: int | None = None  # the error_subcode it died of; 0 is a death without subcode


@dataclass
class FacebookPost:
    id: str
    page_id: str
    message: str
    created_at: float
    visible_from: float
    filtered_from: float = 0  # when questions with a date begin to show it
    sent: str = ""
    link: str = ""
    photos: list[str] = field(default_factory=list)
    published: bool = True
    scheduled_at: float | None = None
    author_id: str = ""  # a visitor of the Page; empty: the Page itself
    kind: str = "feed"
    updated_at: float = 0
    counts: dict[str, int] = field(default_factory=dict)
    deleted_at: float | None = None
    origin: str = "api"


@dataclass
class FacebookComment:
    id: str
    post_id: str
    message: str
    created_at: float
    visible_from: float
    author_id: str  # a Page, or a person
    deleted_at: float | None = None


@dataclass
class Photo:
    id: str
    page_id: str
    data: bytes
    type: str
    caption: str
    published: bool
    alt_text: str = ""
    post_id: str = ""
    deleted: bool = False


@dataclass
class State(core.State):
    """Everything that the make-believe Facebook holds."""

    users: dict[str, FacebookUser] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    posts: dict[str, FacebookPost] = field(default_factory=dict)
    by_page: dict[str, list[str]] = field(default_factory=dict)  # ids, oldest first
    comments: dict[str, FacebookComment] = field(default_factory=dict)
    scheduled: set[str] = field(default_factory=set)  # ids of posts that wait for their time
    photos: dict[str, Photo] = field(default_factory=dict)
    grants: dict[tuple[str, str], FacebookGrant] = field(default_factory=dict)
    tokens: dict[str, FacebookToken] = field(default_factory=dict)
    public_content: bool = False  # "Page Public Content Access": any Page's posts may be read
    permalinks: str = "id"  # how links of posts are written: id, posts, story or pfbid
    require_proof: bool = False
    leaves_out: bool = False  # posts from lists whose counts are asked for
    unlisted: set[str] = field(default_factory=set)  # Pages that /me/accounts leaves out
    numbers: Iterator[int] = field(default_factory=partial(itertools.count, 122_100_000_000_001))
    limits: Limits = field(default_factory=Limits)

    def number(self) -> str:
        """An id that nothing has yet."""
        return str(next(self.numbers))

    def user_named(self, name: str) -> FacebookUser | None:
        wanted = name.lower()
        people = self.users.values()
        named = (u for u in people if u.name.lower() == wanted or first_name(u) == wanted)
        return self.users.get(name) or next(named, None)

    def page_named(self, name: str) -> Page | None:
        wanted = name.lower()
        named = (p for p in self.pages.values() if wanted in (p.name.lower(), p.username.lower()))
        return self.pages.get(name) or next(named, None)


def first_name(user: FacebookUser) -> str:
    return user.name.split()[0].lower()
