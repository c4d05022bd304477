"""What the make-believe X holds, as plain records."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from ..core import state as core
from .limits import Limits

SNOWFLAKE_EPOCH_MS = 1288834974657


@dataclass
class XUser:
    id: str
    username: str
    name: str
    description: str = ""
    max_length: int = 280
    created_at: float = 0
    suspended: bool = False
    filler: bool = False  # someone to follow and like, not offered on the sign-in page


@dataclass
class Tweet:
    id: str
    author_id: str
    sent: str  # exactly what the client sent
    text: str  # what X shows: trimmed, NFC, links shortened, escaped
    created_at: float
    visible_from: float
    filtered_from: float = 0  # when questions with a date begin to show it
    key: str = ""  # its words as the duplicate check compares them
    entities: dict = field(default_factory=dict)
    note: dict | None = None  # the full text of a long post
    media_ids: list[str] = field(default_factory=list)
    reply_to: str | None = None
    poll: dict | None = None
    reply_settings: str = "everyone"
    history: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)  # of strangers who are not modelled
    deleted_at: float | None = None
    origin: str = "api"  # api, fixture or control


@dataclass
class XMedia:
    id: str
    owner_id: str
    type: str
    category: str
    data: bytes
    expires_at: float
    expected: int | None = None  # bytes still to be appended, None once finalised
    segments: dict[int, bytes] = field(default_factory=dict)
    ready_at: float = 0
    processed: bool = False  # goes through processing_info
    alt_text: str = ""


@dataclass
class XGrant:
    """One access token, with its refresh token when offline.access was granted."""

    client_id: str
    user_id: str | None  # None: app-only
    scopes: frozenset[str]
    access: str
    expires_at: float
    refresh: str | None = None
    refresh_spent: bool = False
    revoked: bool = False


@dataclass
class State(core.State):
    """Everything that the make-believe X holds."""

    users: dict[str, XUser] = field(default_factory=dict)
    tweets: dict[str, Tweet] = field(default_factory=dict)
    by_author: dict[str, list[str]] = field(default_factory=dict)  # ids, oldest first
    links: dict[str, str] = field(default_factory=dict)  # t.co code → what it stands for
    likes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, tweet id)
    liked: Counter = field(default_factory=Counter)  # tweet id → by how many
    follows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, user id)
    media: dict[str, XMedia] = field(default_factory=dict)
    grants: dict[str, XGrant] = field(default_factory=dict)  # by access token
    credits: int | None = None  # None: not counted
    picture_processing_s: float = 0  # how long an uploaded picture is pending
    processing_fails: bool = False
    words: str = "old"  # or "new": which vocabulary it speaks
    refuses_unknown: bool = False  # parameters; else they are passed over

    last_snowflake: int = 0
    orders: Iterator[int] = field(default_factory=partial(itertools.count, 1))
    limits: Limits = field(default_factory=Limits)

    def snowflake(self, now: float, moment: float | None = None) -> str:
        """An id as X gives them: increasing with time, unique, also for things dated back."""
        at = now if moment is None else moment
        value = (int(at * 1000) - SNOWFLAKE_EPOCH_MS) << 22
        if moment is None:
            value = max(value, self.last_snowflake + 1)
        while str(value) in self.tweets or str(value) in self.media:
            value += 1
        self.last_snowflake = max(self.last_snowflake, value)
        return str(value)

    def order(self) -> int:
        """What was liked or followed later has a larger one."""
        return next(self.orders)

    def user_named(self, name: str) -> XUser | None:
        known = self.users.get(name)
        named = (user for user in self.users.values() if user.username == name.lower())
        return known or next(named, None)
