"""What the make-believe Bluesky holds, as plain records."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..core import state as core
from .limits import Limits

POST = "app.bsky.feed.post"
PICTURE_LIMIT = 1_000_000  # bytes; 2,000,000 since PDS 0.4.218 (April 2026)


@dataclass
class Account:
    did: str
    handle: str
    name: str
    description: str = ""
    password: str = ""  # the main one
    app_passwords: set[str] = field(default_factory=set)
    needs_code: bool = False  # a sign-in with the main password takes a code from a mail
    status: str = ""  # deactivated, takendown
    filler: bool = False  # someone to follow and like, without a password

    @property
    def id(self) -> str:
        return self.did


@dataclass
class Record:
    """A post, whose `value` is what the client put there; `id` is its at-URI."""

    id: str
    author_id: str
    key: str
    value: dict[str, Any]
    cid: str
    created_at: float  # when it was put there
    visible_from: float  # when the AppView begins to show it
    media: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)  # of strangers who are not modelled
    deleted_at: float | None = None
    edited: bool = False
    origin: str = "api"  # api, fixture or control

    @property
    def text(self) -> str:
        return str(self.value.get("text", ""))

    @property
    def card(self) -> dict[str, Any]:
        """Of a link; empty where it has none."""
        embed = self.value.get("embed")
        return embed.get("external", {}) if isinstance(embed, dict) else {}


@dataclass
class Blob:
    cid: str
    owner_id: str
    type: str
    data: bytes


@dataclass
class Session:
    """One access token and the refresh token that came with it."""

    account_id: str
    family: str  # all that follow from one sign-in
    scope: str
    access: str
    access_ends: float
    refresh: str
    refresh_ends: float
    next: "Session | None" = None  # what its refresh token was changed for
    renewed_at: float = 0
    is_over: bool = False  # signed out, or its password was revoked
    key: str = ""  # of OAuth: the thumbprint of the key that its tokens are bound to
    client_id: str = ""


@dataclass
class Pushed:
    """What an app wants of a person who comes next."""

    form: dict[str, str]
    key: str  # the thumbprint of its own
    ends: float


@dataclass
class State(core.State):
    """Everything that the make-believe Bluesky holds."""

    accounts: dict[str, Account] = field(default_factory=dict)  # by DID
    posts: dict[str, Record] = field(default_factory=dict)  # by at-URI
    by_author: dict[str, list[str]] = field(default_factory=dict)  # at-URIs, as they came
    blobs: dict[tuple[str, str], Blob] = field(default_factory=dict)  # by owner and CID
    likes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, at-URI)
    follows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, DID)
    sessions: dict[str, Session] = field(default_factory=dict)  # by access token
    renewals: dict[str, Session] = field(default_factory=dict)  # by refresh token
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)  # by id, their documents
    pushed: dict[str, Pushed] = field(default_factory=dict)  # by request_uri
    spent: set[str] = field(default_factory=set)  # numbers of proofs
    has_appview: bool = True
    picture_limit: int = PICTURE_LIMIT
    orders: Iterator[int] = field(default_factory=partial(itertools.count, 1))
    limits: Limits = field(default_factory=Limits)
    last_key: int = 0  # the time in the newest record key that was drawn here

    def order(self) -> int:
        """What was liked or followed later has a larger one."""
        return next(self.orders)

    def account_named(self, name: str) -> Account | None:
        """By its DID, its handle, or the first part of that."""
        name = name.lower().removeprefix("@")
        known = self.accounts.get(name)
        named = (it for it in self.accounts.values() if name in (it.handle, first_of(it.handle)))
        return known or next(named, None)


def first_of(handle: str) -> str:
    return handle.partition(".")[0]
