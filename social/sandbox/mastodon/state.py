"""What the make-believe Mastodon holds, as plain records."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..core import state as core
from .limits import Limits

DOMAIN = "meadow.test"  # of people's addresses; the server itself has another name


@dataclass
class Software:
    """How servers that speak Mastodon's API differ."""

    name: str
    length: int = 500
    link: int = 23
    pictures: int = 4
    keeps_keys: bool = True
    has_second_media: bool = True  # /api/v2/media
    refusal: int = 422  # the status of what is not accepted
    fine_scopes: bool = True


# Sources: GoToSocial (October 2025), as it answered; Pixelfed's issues 3405 and 3581.
SOFTWARE = {
    it.name: it
    for it in (
        Software("mastodon"),
        Software("gotosocial", 5_000, 25, 6, keeps_keys=False, refusal=400),
        Software(
            "pixelfed",
            pictures=20,
            keeps_keys=False,
            has_second_media=False,
            fine_scopes=False,
        ),
        Software("pleroma", 5_000),
    )
}


@dataclass
class Account:
    id: str
    username: str
    name: str
    about: str = ""
    status: str = ""  # disabled, pending
    filler: bool = False  # someone to follow and like, whom nobody can be


@dataclass
class Status:
    id: str
    author_id: str
    text: str
    created_at: float
    visible_from: float
    media: list[str] = field(default_factory=list)
    visibility: str = "public"
    warning: str = ""
    language: str | None = None
    reply_to: str | None = None
    counts: dict[str, int] = field(default_factory=dict)  # of strangers who are not modelled
    deleted_at: float | None = None
    edited_at: float | None = None
    origin: str = "api"  # api, fixture or control


@dataclass
class Media:
    id: str
    owner_id: str
    type: str
    data: bytes
    alt: str
    ready_at: float
    fails: bool = False
    status_id: str = ""  # the one post that it is in


@dataclass
class App:
    id: str
    secret: str
    redirect_uris: list[str]
    scopes: frozenset[str]


@dataclass
class Token:
    value: str
    account_id: str
    app_id: str
    scopes: frozenset[str]
    revoked: bool = False


@dataclass
class State(core.State):
    """Everything that the make-believe Mastodon holds."""

    accounts: dict[str, Account] = field(default_factory=dict)  # by id
    statuses: dict[str, Status] = field(default_factory=dict)  # by id
    by_author: dict[str, list[str]] = field(default_factory=dict)  # ids, oldest first
    media: dict[str, Media] = field(default_factory=dict)
    likes: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, status id)
    follows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # (order, account id)
    apps: dict[str, App] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, float, float]] = field(default_factory=dict)
    orders: Iterator[int] = field(default_factory=partial(itertools.count, 1))
    limits: Limits = field(default_factory=Limits)
    software: Software = field(default_factory=lambda: SOFTWARE["mastodon"])
    # How keys go wrong: known only after so long (two at once make two), forgotten after so long,
    # and a repeat that is answered with 500 although the post is there (#40399).
    keys_late_s: float = 0
    keys_kept_s: float = 3_600
    repeat_fails: bool = False
    drops_silently: bool = False  # a 200, and nothing is there
    media_takes_s: float = 0
    media_fails: bool = False
    last_id: int = 0

    def order(self) -> int:
        return next(self.orders)

    def new_id(self, moment: float) -> str:
        """A snowflake: milliseconds, and sixteen bits."""
        wanted = int(moment * 1000) << 16
        while str(wanted) in self.statuses or str(wanted) in self.media:
            wanted += 1
        return str(wanted)

    def account_named(self, name: str) -> Account | None:
        """By id, global id, or address."""
        name = name.lower().removeprefix("@").partition("@")[0]
        named = (it for it in self.accounts.values() if it.username == name)
        return self.accounts.get(name) or next(named, None)

    def key_of(self, account: Account, key: str, now: float) -> str:
        """The id of the post that this key made; empty where that is not known (any more)."""
        id, made_at, kept = self.keys.get((account.id, key), ("", 0.0, 0.0))
        return id if made_at <= now < kept else ""


def global_id(world: Any, id: str) -> str:
    """As clients of several servers tell them apart."""
    return f"{id}@{world.host}"


def handle_of(account: Account) -> str:
    return f"{account.username}@{DOMAIN}"
