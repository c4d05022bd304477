"""What every network is to the rest of Fanfare: one small class.

A network knows nothing of posts, rows or people. It is given tokens and texts, and answers with one
of the shapes of `shapes.py` or raises one of the five errors. What is said here of all of them is
how a plain one is: an account is one place, its token lasts, posts are text and counted by
characters. A network says how it differs.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social.words import Words

from .clocks import time_at
from .declarations import NetworkSettings
from .previews import Preview, plain_marks, preview_of
from .shapes import (
    NO_EXTRAS,
    READ_PAGE,
    App,
    Extra,
    Found,
    Grant,
    Known,
    Length,
    Limits,
    Outgoing,
    Page,
    Person,
    Picture,
    Place,
    Places,
    Published,
    Recent,
    SentOn,
    SignInField,
    Uploaded,
)


class Network:
    """One kind of place. Class data declares, short methods translate."""

    declared: NetworkSettings
    place_word: Words = _("account")
    place_words: Words = _("accounts")
    examples: tuple[str, ...] = ()  # of such places' names
    connecting: Words = ""  # what to know before one connects, in sentences
    permission_words: Mapping[str, Words] = {}  # what may be missing, in words
    on_repeats: Words = ""  # what it does with words that the account said lately, in a sentence
    # What `manage.py connect` has for it beside a token: refresh_token or page, and what for;
    # `token` says whose a token is.
    connect_options: Mapping[str, str] = {}
    # What a form of ours asks for, to sign in with; none: that is done at the network, by allauth.
    sign_in_fields: tuple[SignInField, ...] = ()
    asks_home = False  # accounts live on many servers, and a person says which is theirs
    home_help: Words = ""  # how such a server is named, in a sentence
    has_demo = False  # the sandbox has a demo person there
    to_post = ""  # the permission without which nothing can be posted, where there are some
    offers_places = False  # one connection may post to several places, which the network lists
    places_have_tokens = False  # each of them is posted to with a token of its own
    renews_on_refresh = False  # no refresh tokens: a refresh makes the grant last longer
    limits_are_shared = False  # a limit on posting is one on reading, too
    read_price = 0.0  # US dollars for each post that is read
    # kind of what can be read back (post, like, friend, home) → the most items in one call
    page_sizes: Mapping[str, int] = {}
    by_id: tuple[str, ...] = ()  # those kinds that can be asked for what is newer, or older
    # kind → what must be allowed for it besides what is asked for when connecting
    kind_permissions: dict[str, str] = {}
    kind_notes: Mapping[str, Words] = {}  # kind → what to know of it before, in a sentence
    kind_prices: dict[str, float] = {}  # kind → US dollars for each; else `read_price`
    reach: dict[str, int] = {}  # kind → how many it shows at most, where that is known
    longest_post: int  # what a post may weigh, as `weigh` counts, where an account says nothing
    pictures = 0  # a post may have
    pictures_say_enough = True  # a post of pictures needs no words
    extras: tuple[Extra, ...] = ()  # what more a person may choose for a post
    first_comment = ""  # the extra that is written below a post once that is there
    # extra → what must be allowed for it besides what is asked for when connecting
    extra_permissions: Mapping[str, str] = {}
    picture_bytes = 0  # a picture may have; 0: as many as any of ours
    embeds_cards = False  # its posts hold the card of a link, which nobody there makes
    finds_by_key = False  # at any time `find` tells the truth about a key, which has one post

    @property
    def name(self) -> str:
        return self.declared.name

    @property
    def label(self) -> str:
        return self.declared.label

    def label_at(self, home: str) -> str:
        """The same, with the server that is meant where there are many."""
        return f"{self.label} ({home})" if home else self.label

    @property
    def provider(self) -> str:
        """allauth's id for it; empty where people sign in in another way."""
        return self.declared.provider

    @property
    def signs_in_there(self) -> bool:
        """Whether people allow us something on a page of the server that they name."""
        return self.asks_home and not self.sign_in_fields

    @property
    def has_form(self) -> bool:
        """Whether signing in begins with a form of ours."""
        return bool(self.sign_in_fields) or self.asks_home

    @property
    def home(self) -> str:
        """The setting that says where it lives; empty where it lives on many servers."""
        return next((host.variable for host in self.declared.hosts if host.answers_for), "")

    @property
    def your_places(self) -> Words:
        """ "your … account", as a page asks for it."""
        return gettext("your {network} account").format(network=self.label)

    @property
    def a_place(self) -> Words:
        """ "a … account", as a page speaks of it."""
        return gettext("a {network} account").format(network=self.label)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be read back."""
        return tuple(self.page_sizes)

    def missing_sentence(self, missing: Iterable[str]) -> str:
        """What is missing, in words: "Missing: permission to post." """
        words = [str(self.permission_words.get(name, name)) for name in missing]
        return gettext("Missing: {what}.").format(what=", ".join(words)) if words else ""

    def length(
        self, text: str, limits: Limits | None = None, extras: Mapping[str, str] = NO_EXTRAS
    ) -> Length:
        """Count `text`, and what of its `extras` counts, as the network counts, where a post may
        have what `limits` say; None: what it may have anywhere."""
        return Length(self.weigh(text, extras), (limits and limits.length) or self.longest_post)

    def weigh(self, text: str, extras: Mapping[str, str]) -> int:
        """How long that is by the network's own count."""
        return len(text)

    def longest(self, account: Mapping[str, Any]) -> int | None:
        """What a post of an account may weigh, by what the network says of that `account`;
        None where that says nothing of it."""
        return None

    def refusals(self, text: str) -> tuple[str, ...]:
        """Why it takes no such words, however short, in sentences for their writer."""
        return ()

    def card_address(self, text: str, extras: Mapping[str, str], pictures: int) -> str:
        """The address that such a post shows a card of; empty where it shows none."""
        return ""

    def remarks(self, text: str) -> tuple[Words, ...]:
        """What their writer should know of such words there, in sentences."""
        return ()

    def preview(
        self, text: str, limits: Limits | None = None, extras: Mapping[str, str] = NO_EXTRAS
    ) -> Preview:
        """How such a post looks there; without a word of the network's, as it does anywhere."""
        return preview_of(text, self.takes(limits, extras), plain_marks)

    def takes(self, limits: Limits | None, extras: Mapping[str, str]) -> Callable[[str], bool]:
        """Whether words are not too many beside these `extras`, where a post may have what `limits`
        say."""
        return lambda words: self.length(words, limits, extras).left >= 0

    def software_at(self, home: str) -> str:
        """What the server `home` says that it runs, of networks that say `asks_home`. Raises the
        five errors: Rejected `home_unknown` where it is none of this network's."""
        raise NotImplementedError

    def home_behind(self, host: str) -> tuple[str, str]:
        """The server that answers for whom a person names by `host`, and what it runs: addresses of
        people may have another name than it. Raises the five errors, as `software_at`."""
        return host, self.software_at(host)

    def register(self, home: str, software: str, callback: str) -> App:
        """Our app at the server `home`, which runs this software, new. This and the next two are of
        networks that say `signs_in_there`. Raises the five errors."""
        raise NotImplementedError

    def authorize_url(self, home: str, software: str, app: App, state: str, challenge: str) -> str:
        """The page there that asks a person. `challenge` is the SHA-256 of a verifier (RFC 7636)
        and comes back with `state` and a code."""
        raise NotImplementedError

    def grant_for_code(self, home: str, app: App, code: str, verifier: str) -> Grant:
        """Sign in with what came back. Raises the five errors: Rejected `app_refused` where the
        server does not know `app` any more."""
        raise NotImplementedError

    def grant_for(self, answers: Mapping[str, str], home: str) -> Grant:
        """Sign in with what a person typed into `sign_in_fields`. Raises the five errors: Rejected
        `sign_in_refused` where that is not right."""
        raise NotImplementedError

    @property
    def may_send_on(self) -> bool:
        """Whether there is a way to sign in that leads on from our form to the account's server,
        which reads who we are from a document of ours (`document_of`)."""
        return False

    def sends_on(self, answers: Mapping[str, str]) -> bool:
        """Whether whoever has typed this goes that way. This and the next three are of networks
        that say `may_send_on`."""
        return False

    def send_on(self, answers: Mapping[str, str], app: App, state: str, challenge: str) -> SentOn:
        """Where they go. `app` is ours by the address of that document; `challenge` as in
        `authorize_url`. Raises the five errors."""
        raise NotImplementedError

    def grant_for_return(
        self, query: Mapping[str, str], kept: Mapping[str, str], app: App, verifier: str
    ) -> Grant:
        """Sign in with the `query` by which they come back. Raises the five errors."""
        raise NotImplementedError

    def document_of(self, app: App) -> dict[str, Any]:
        """Who we are, as servers read it."""
        raise NotImplementedError

    def with_home(self, grant: Grant) -> Grant:
        """`grant`, whose tokens somebody brings, with the server that its account lives on, where
        nobody is asked for it and the network tells. Raises the five errors."""
        return grant

    def person(self, grant: Grant) -> Person:
        """Who `grant` belongs to. Raises the five errors."""
        raise NotImplementedError

    def renew(self, grant: Grant) -> Grant:
        """A grant that lasts longer. The old one may be dead then: store the new one first."""
        raise NotImplementedError

    def missing_permissions(self, grant: Grant) -> tuple[str, ...]:
        """The permissions we need and were not given. Raises the five errors."""
        return ()

    def places(self, grant: Grant, person: Person) -> Places:
        """Where this grant may post, and where not and why. Raises the five errors."""
        return Places([Place(person.remote_id, person.name, person.handle, person.picture_url)])

    def place(self, place_id: str, grant: Grant) -> Place | None:
        """One place, asked for by its id, because lists leave some out; None where it is not there
        for this person. Raises the five errors."""
        return None

    def revoke(self, grant: Grant) -> None:
        """End the grant at the network, where it can be ended from here. Raises the five
        errors."""

    def upload(self, place_id: str, grant: Grant, picture: Picture, patience: float) -> Uploaded:
        """Give the network one picture, in `patience` seconds at most. Nobody sees it before a post
        names it, so this may be done again. Raises the errors, but never OutcomeUnknown."""
        raise NotImplementedError

    def publish(self, place_id: str, handle: str, post: Outgoing, grant: Grant) -> Published:
        """Create one post, once. Raises the five errors; never tries twice. That something else is
        there under its key is Rejected `duplicate`."""
        raise NotImplementedError

    def key(self, job_id: UUID, made_at: datetime, digest: str) -> str:
        """What makes two requests for this delivery, made at that time with content of that digest,
        the same request; empty where the network knows no such thing. At most 128 characters.
        Derived, never drawn: a restored database must come to the same one."""
        return str(job_id) if self.finds_by_key else ""

    def repeats_for(self, home: str, software: str) -> timedelta:
        """How long after the first one a request with the same key makes no second post, at this
        server, which says that it runs `software`: with a margin of some minutes, for what is
        decided now may leave a minute later."""
        return timedelta.max if self.finds_by_key else timedelta(0)

    def find(self, place_id: str, post: Outgoing, grant: Grant) -> Published | None:
        """What is there under the key of `post`, by one question; None where nothing is. Only of
        networks that say `finds_by_key`. Raises the five errors."""
        raise NotImplementedError

    def recent(self, place_id: str, handle: str, grant: Grant, since: datetime) -> Recent:
        """What this place posted since then, up to READ_MOST posts. Raises the five errors."""
        raise NotImplementedError

    def latest(
        self, place_id: str, handle: str, grant: Grant, since: datetime, expected: int
    ) -> Recent:
        """The same, read from the top and without a question for a date: such filters have hidden
        posts. `expected` is how many `recent` read, which bounds what this may cost. Raises the
        five errors. Here for those whose `recent` asks for no date."""
        return self.recent(place_id, handle, grant, since)

    def post(self, remote_id: str, place_id: str, handle: str, grant: Grant) -> Found | None:
        """The post that `find_link` named, with who wrote it; None where the network shows this
        place no such post. Raises the errors."""
        raise NotImplementedError

    def permits(self, permission: str, grant: Grant) -> bool:
        """Whether the person of `grant` has allowed that. Raises the five errors."""
        raise NotImplementedError

    def comment(self, remote_id: str, place_id: str, text: str, grant: Grant) -> str:
        """Write one comment below a post, once, and return its id. Only of networks that have a
        `first_comment`. Raises the five errors; never tries twice."""
        raise NotImplementedError

    def comments(self, remote_id: str, place_id: str, grant: Grant) -> Recent:
        """The comments below a post that this place wrote, and those of which the network does not
        say who did; up to READ_MOST are read. Raises the five errors."""
        raise NotImplementedError

    def timeline(
        self,
        kind: str,
        place_id: str,
        handle: str,
        grant: Grant,
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

    def extent(self, kind: str, place_id: str, grant: Grant) -> int | None:
        """How many there are, also beyond its `reach`; None where the network does not say. Raises
        the errors."""
        return None

    def is_there(self, remote_id: str, grant: Grant) -> bool:
        """Whether the network still shows this post. Raises the errors."""
        raise NotImplementedError

    def price(self, kind: str) -> float:
        """US dollars for each item of that kind."""
        return self.kind_prices.get(kind, self.read_price)

    def server_time(self, home: str = "") -> datetime | None:
        """What time it is at this server, by its own clock, as far as we have heard."""
        return time_at(home or self.home)

    def place_url(self, place_id: str, handle: str) -> str:
        """Where a person looks at this place."""
        raise NotImplementedError

    def find_link(self, link: str, handle: str) -> Published:
        """What a pasted link (or bare id) names, whosever it is: `post` asks the network. Raises
        ValueError with one sentence."""
        raise ValueError(
            gettext("A post at {network} cannot be looked up by its link.").format(
                network=self.label
            )
        )
