"""Everything the sandbox knows, behind one lock. A reset puts it back; clients stay registered."""

import hashlib
import itertools
import random
import threading
from collections import Counter, deque
from dataclasses import dataclass, field

from . import fixtures
from .clients import Clients
from .clock import Clock
from .faults import Faults
from .limits import Limits
from .records import (
    Code,
    FacebookGrant,
    FacebookPost,
    FacebookToken,
    FacebookUser,
    Page,
    Photo,
    Tweet,
    XGrant,
    XMedia,
    XUser,
)

SNOWFLAKE_EPOCH_MS = 1288834974657
JOURNAL_LENGTH = 10_000


@dataclass
class Hiding:
    """From what asks for posts since a date: a share of the new ones, for a while or for ever."""

    share: float = 0
    seconds: float | None = None  # None: for ever

    def until(self, created: float, dice: random.Random) -> float:
        if not self.share or dice.random() >= self.share:
            return created
        return float("inf") if self.seconds is None else created + self.seconds


@dataclass
class X:
    users: dict[str, XUser] = field(default_factory=dict)
    tweets: dict[str, Tweet] = field(default_factory=dict)
    by_author: dict[str, list[str]] = field(default_factory=dict)  # ids, oldest first
    links: dict[str, str] = field(default_factory=dict)  # t.co code → what it stands for
    likes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, tweet id)
    liked: Counter = field(default_factory=Counter)  # tweet id → by how many
    follows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, user id)
    media: dict[str, XMedia] = field(default_factory=dict)
    grants: dict[str, XGrant] = field(default_factory=dict)  # by access token
    codes: dict[str, Code] = field(default_factory=dict)
    marks: int = 0  # how often the marks of pages were forgotten
    lag_ms: float = 0
    hidden: Hiding = field(default_factory=Hiding)
    duplicate_window_s: float = 86400  # 0: repeats are allowed
    credits: int | None = None  # None: not counted
    picture_processing_s: float = 0  # how long an uploaded picture is pending
    processing_fails: bool = False
    words: str = "old"  # or "new": which vocabulary it speaks
    refuses_unknown: bool = False  # parameters; else they are passed over

    def user_named(self, name: str) -> XUser | None:
        known = self.users.get(name)
        named = (user for user in self.users.values() if user.username == name.lower())
        return known or next(named, None)


@dataclass
class Facebook:
    users: dict[str, FacebookUser] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    posts: dict[str, FacebookPost] = field(default_factory=dict)
    by_page: dict[str, list[str]] = field(default_factory=dict)  # ids, oldest first
    scheduled: set[str] = field(default_factory=set)  # ids of posts that wait for their time
    photos: dict[str, Photo] = field(default_factory=dict)
    grants: dict[tuple[str, str], FacebookGrant] = field(default_factory=dict)
    tokens: dict[str, FacebookToken] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    marks: int = 0  # how often the cursors of pages were forgotten
    lag_ms: float = 0
    hidden: Hiding = field(default_factory=Hiding)
    public_content: bool = False  # "Page Public Content Access": any Page's posts may be read
    permalinks: str = "id"  # how links of posts are written: id, posts, story or pfbid
    duplicate_window_s: float = 86400
    require_proof: bool = False
    leaves_out: bool = False  # posts from lists whose counts are asked for
    unlisted: set[str] = field(default_factory=set)  # Pages that /me/accounts leaves out

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


class World:
    def __init__(self, clients: Clients, seed: int = 1, fixture: str = "default") -> None:
        self.lock = threading.RLock()
        self.clients = clients
        self.epoch = 0  # a request that was hanging across a reset must not touch the new world
        self.journal: deque[dict] = deque(maxlen=JOURNAL_LENGTH)
        self.journal_numbers = itertools.count(1)
        self.reset(seed, fixture)

    def reset(self, seed: int, fixture: str, crowd: int = 400) -> None:
        if fixture not in fixtures.FIXTURES:
            raise ValueError(f"no fixture {fixture!r}; there are {', '.join(fixtures.FIXTURES)}")
        self.epoch += 1
        self.seed, self.fixture, self.crowd = seed, fixture, crowd
        self.clock, self.faults, self.limits = Clock(), Faults(seed), Limits()
        self.x, self.facebook = X(), Facebook()
        self.dice = random.Random(seed)  # noqa: S311  the same run for the same seed
        self._secrets: dict[str, int] = {}
        self._last_snowflake = 0
        self._order = itertools.count(1)
        self._facebook_numbers = itertools.count(122_100_000_000_001)
        self.journal.clear()
        fixtures.FIXTURES[fixture](self)

    def now(self) -> float:
        return self.clock.now()

    def secret(self, kind: str, subject: str, length: int = 40) -> str:
        """The n-th of its kind for this person: the same for the same seed, and never somebody
        else's, so that a token kept from an earlier run cannot turn into another person's."""
        name = f"{self.seed}|{kind}|{subject}"
        self._secrets[name] = self._secrets.get(name, 0) + 1
        text = f"{name}|{self._secrets[name]}"
        return hashlib.sha256(text.encode()).hexdigest()[:length]

    def snowflake(self, moment: float | None = None) -> str:
        """Increasing with time, unique, also for things dated back."""
        at = self.now() if moment is None else moment
        value = (int(at * 1000) - SNOWFLAKE_EPOCH_MS) << 22
        if moment is None:
            value = max(value, self._last_snowflake + 1)
        while str(value) in self.x.tweets or str(value) in self.x.media:
            value += 1
        self._last_snowflake = max(self._last_snowflake, value)
        return str(value)

    def order(self) -> int:
        return next(self._order)

    def facebook_number(self) -> str:
        return str(next(self._facebook_numbers))
