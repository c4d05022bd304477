"""Bluesky, by plain requests to the server that an account lives on.

Sources: PDS 0.4.217 and 0.5.35 (November 2026), which were asked; docs.bsky.app; the lexicons.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from social.reasons import Reason
from social.timing import Window

from ..base import Network
from ..errors import NetworkError, OutcomeUnknown, Rejected, TemporaryError
from ..home_answers import giving_picture, object_made
from ..homes import sandbox_home
from ..http import CALL_DEADLINE, home_address, reading
from ..languages import LANGUAGE_CHOICES
from ..link_cards import LINK_EXTRA, LinkCards
from ..reading import (
    as_object,
    naming_marks,
    objects_in,
    server_time,
    text_or,
    web_address,
    whole_number,
)
from ..recent import RecentPage, read_recent
from ..shapes import (
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
    Published,
    Recent,
    SentOn,
    SignInField,
    Uploaded,
)
from . import identity, keys, oauth, records, sentences, timeline, tokens
from .calls import ask, call, method, tell
from .settings import SETTINGS
from .text import addresses_in
from .text import length as counted_length

WEB = "https://bsky.app"
BLOB_LIFE = timedelta(hours=1)  # a picture that no post names is forgotten after a while
# That looking up all the mentions of a post may take; who is not found by then stays plain.
MENTIONS_SECONDS, MENTION_SECONDS = 4.0, 2.0
CARDS = LinkCards(addresses_in)
POST_LINK = re.compile(r"/profile/([^/?#\s]+)/post/([A-Za-z0-9._~:-]{1,64})")


class Bluesky(Network):
    declared = SETTINGS
    examples, connecting = sentences.EXAMPLES, oauth.by(sentences.BY_HANDLE, sentences.BY_PASSWORD)
    connect_options = sentences.CONNECT_OPTIONS
    sign_in_fields = (
        SignInField("handle", sentences.HANDLE_LABEL, help=sentences.HANDLE_HELP),
        SignInField(
            "password",
            sentences.APP_PASSWORD,
            True,
            oauth.by(sentences.NO_PASSWORD_HELP, sentences.APP_PASSWORD_HELP),
            may_be_empty=oauth.is_offered,
        ),
    )
    to_post = "com.atproto.appPass"  # an app password may do all that we need
    page_sizes = dict.fromkeys(timeline.KINDS, READ_PAGE)
    pictures, has_demo = 4, True
    picture_bytes = 1_000_000  # 2,000,000 since PDS 0.4.218: no server says which it is
    extras = (
        Extra(
            "language",
            sentences.LANGUAGE,
            (("", sentences.NO_LANGUAGE), *LANGUAGE_CHOICES),
            help=sentences.LANGUAGE_HELP,
        ),
        Extra("label", sentences.LABEL, sentences.LABEL_CHOICES, help=sentences.LABEL_HELP),
        CARDS.extra,
    )
    finds_by_key = embeds_cards = True

    # ── Whose account ─────────────────────────────────────────────────────────────────────────
    def grant_for(self, answers: Mapping[str, str], home: str) -> Grant:
        return tokens.sign_in(answers)

    @property
    def may_send_on(self) -> bool:
        return oauth.is_offered()

    def sends_on(self, answers: Mapping[str, str]) -> bool:
        return oauth.is_offered() and not answers["password"].strip()

    def send_on(self, answers: Mapping[str, str], app: App, state: str, challenge: str) -> SentOn:
        return oauth.send_on(answers["handle"], app, state, challenge)

    def grant_for_return(
        self, query: Mapping[str, str], kept: Mapping[str, str], app: App, verifier: str
    ) -> Grant:
        return oauth.grant_for_return(query, kept, app, verifier)

    def document_of(self, app: App) -> dict[str, Any]:
        return oauth.document_of(app)

    def with_home(self, grant: Grant) -> Grant:
        return tokens.with_home(grant)

    def person(self, grant: Grant) -> Person:
        session = ask(grant.home, "com.atproto.server.getSession", grant=grant)
        did, handle = session.get("did"), text_or(session.get("handle"), "")
        if not isinstance(did, str) or not identity.DID.fullmatch(did):
            raise TemporaryError(Reason.UNREACHABLE, "the answer names no account")
        shown = self._profile(grant, did)
        name = text_or(shown.get("displayName"), handle)[:200]
        return Person(did, name or did, handle[:320], web_address(shown.get("avatar")))

    def renew(self, grant: Grant) -> Grant:
        return oauth.renew(grant) if oauth.is_of_oauth(grant) else tokens.renew(grant)

    def revoke(self, grant: Grant) -> None:
        if oauth.is_of_oauth(grant):
            oauth.end(grant)
        else:
            tokens.end(grant, CALL_DEADLINE)

    def _profile(self, grant: Grant, did: str) -> dict[str, Any]:
        """What an AppView knows of an account; nothing where its server has none."""
        query = {"actor": did}
        try:
            return ask(grant.home, "app.bsky.actor.getProfile", grant=grant, params=query)
        except Rejected:
            return {}

    # ── Posting ───────────────────────────────────────────────────────────────────────────────
    def length(
        self, text: str, limits: Limits | None = None, extras: Mapping[str, str] = NO_EXTRAS
    ) -> Length:
        return counted_length(text, limits.length if limits else 0)

    def card_address(self, text: str, extras: Mapping[str, str], pictures: int) -> str:
        return "" if pictures else CARDS.address(text, extras.get(LINK_EXTRA, ""))

    def key(self, job_id: UUID, made_at: datetime, digest: str) -> str:
        return keys.key_of(job_id, made_at)

    def upload(self, place_id: str, grant: Grant, picture: Picture, patience: float) -> Uploaded:
        with giving_picture():
            answer = tell(
                grant.home,
                "com.atproto.repo.uploadBlob",
                grant=grant,
                data=picture.data,
                headers={"Content-Type": picture.mime},
                deadline=min(CALL_DEADLINE, patience),
            )
        blob = as_object(answer.get("blob"))
        link = as_object(blob.get("ref")).get("$link")
        if not isinstance(link, str) or not 0 < len(link) <= 128:
            raise TemporaryError(Reason.MEDIA_FAILED, "the answer names no picture")
        about = {
            "mime": text_or(blob.get("mimeType"), picture.mime),
            "size": whole_number(blob.get("size")) or len(picture.data),
            "width": picture.width,
            "height": picture.height,
        }
        return Uploaded(link, datetime.now(UTC) + BLOB_LIFE, about)

    def publish(self, place_id: str, handle: str, post: Outgoing, grant: Grant) -> Published:
        """By putRecord with `swapRecord: null`: createRecord answers its own repetition with an
        error that looks like any other, and a put without it edits what is there."""
        at = post.at or datetime.now(UTC)
        asked = {
            "repo": place_id,
            "collection": records.POST_TYPE,
            "rkey": post.key or keys.key_at(at),
            "record": records.record_of(post, at, self._resolver(grant)),
            "swapRecord": None,
        }
        put = method("com.atproto.repo.putRecord")
        answer = call(grant.home, "POST", put, grant=grant, creating=True, json=asked)
        uri = object_made(answer).get("uri")
        if not isinstance(uri, str) or not records.parts_of(uri)[1]:
            raise OutcomeUnknown(Reason.ODD_ANSWER, "the answer names no post")
        return self._published(uri)

    def _resolver(self, grant: Grant) -> Callable[[str], str]:
        """Handle → DID, by what the account's own server knows, as long as there is time."""
        window = Window(MENTIONS_SECONDS)

        def resolve(handle: str) -> str:
            if not window.left:
                return ""
            try:
                return identity.resolved(handle, grant.home, min(MENTION_SECONDS, window.left))
            except NetworkError:
                return ""

        return resolve

    def find(self, place_id: str, post: Outgoing, grant: Grant) -> Published | None:
        row = self._record(place_id, post.key, grant)
        return self._published(str(row["uri"])) if row else None

    def _record(self, account: str, key: str, grant: Grant) -> dict[str, Any] | None:
        """The post of this key in `account`'s repository, as its server has it; None where it has
        none, which is the truth at once."""
        query = {"repo": account, "collection": records.POST_TYPE, "rkey": key}
        try:
            row = ask(grant.home, "com.atproto.repo.getRecord", params=query)
        except Rejected as error:
            if error.reason == Reason.NOT_FOUND and error.status == 400:
                return None
            raise
        if not timeline.is_post(row):
            raise TemporaryError(Reason.UNREACHABLE, "the answer is no record")
        return row

    # ── Reading back ──────────────────────────────────────────────────────────────────────────
    def recent(self, place_id: str, handle: str, grant: Grant, since: datetime) -> Recent:
        """All of it: its order is that of keys, which begin with when a post was written here."""

        def page_after(mark: str, wanted: int) -> RecentPage:
            query = timeline.asked(timeline.OF_ITSELF, place_id, mark, READ_PAGE)
            answer = call(grant.home, "GET", method(timeline.OF_ITSELF.name), params=query)
            with reading(answer):
                body = as_object(answer.json())
                rows, after = timeline.rows_of(body, timeline.OF_ITSELF), timeline.mark_of(body)
                shown = [row for row in rows if timeline.is_post(row)]
                found = [timeline.read_found(r, "value", place_id, self._url) for r in shown]
                is_last = not after or not rows
                return RecentPage(found, len(rows), server_time(answer), after, is_last)

        return read_recent(page_after, since)

    def post(self, remote_id: str, place_id: str, handle: str, grant: Grant) -> Found | None:
        whose, key = records.parts_of(remote_id)
        if whose in (place_id, handle):
            row, name, author = self._record(place_id, key, grant), "value", place_id
        else:
            author = (
                whose if identity.DID.fullmatch(whose) else identity.resolved(whose, grant.home)
            )
            row, name = self._shown(records.address_of(author, key), grant), "record"
        if row is None or not author:
            return None
        try:
            return timeline.read_found(row, name, author, self._url)
        except ValueError as error:
            raise TemporaryError(Reason.UNREACHABLE, str(error)) from error

    def _shown(self, remote_id: str, grant: Grant) -> dict[str, Any] | None:
        """A post as an AppView shows it; None where it does not."""
        query = {"uris": [remote_id]}
        answer = ask(grant.home, "app.bsky.feed.getPosts", grant=grant, params=query)
        rows = [row for row in objects_in(answer, "posts") if timeline.is_post(row)]
        return rows[0] if rows else None

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
        with naming_marks(mark):
            if mark.startswith(timeline.ITSELF):
                return self._page_of_itself(place_id, handle, grant, mark, size)
            try:
                return self._page(kind, place_id, grant, mark, size)
            except Rejected as error:
                if kind != "post" or error.reason != Reason.READING_REFUSED:
                    raise
                return self._page_of_itself(place_id, handle, grant, "", size)

    def _page(self, kind: str, place_id: str, grant: Grant, mark: str, size: int) -> Page:
        question = timeline.PAGE_QUESTIONS[kind]
        query = timeline.asked(question, place_id, mark, size)
        answer = call(grant.home, "GET", method(question.name), grant=grant, params=query)
        with reading(answer):
            return timeline.read_page(kind, as_object(answer.json()), place_id, self._url)

    def _page_of_itself(
        self, place_id: str, handle: str, grant: Grant, mark: str, size: int
    ) -> Page:
        mark = mark.removeprefix(timeline.ITSELF)
        query = timeline.asked(timeline.OF_ITSELF, place_id, mark, size)
        answer = call(grant.home, "GET", method(timeline.OF_ITSELF.name), params=query)
        with reading(answer):
            return timeline.read_itself(as_object(answer.json()), place_id, handle, self._url)

    def extent(self, kind: str, place_id: str, grant: Grant) -> int | None:
        counted = timeline.COUNTED.get(kind)
        return whole_number(self._profile(grant, place_id).get(counted)) if counted else None

    def is_there(self, remote_id: str, grant: Grant) -> bool:
        whose, key = records.parts_of(remote_id)
        if not key:
            return False
        if whose == tokens.account_with(grant):
            return self._record(whose, key, grant) is not None
        return self._shown(remote_id, grant) is not None

    # ── Links ─────────────────────────────────────────────────────────────────────────────────
    def find_link(self, link: str, handle: str) -> Published:
        whose, key = records.parts_of(link.strip())
        if not key and (match := POST_LINK.search(link)):
            whose, key = match[1], match[2]
        if not key or not (
            identity.DID.fullmatch(whose) or identity.HANDLE_PATTERN.fullmatch(whose)
        ):
            raise ValueError(
                gettext("That is not the link of a post on Bluesky (…/profile/…/post/…).")
            )
        return self._published(records.address_of(whose, key))

    def place_url(self, place_id: str, handle: str) -> str:
        return self._url(handle or place_id, "")

    def _published(self, uri: str) -> Published:
        return Published(uri, self._url(*records.parts_of(uri)))

    def _url(self, account: str, key: str) -> str:
        home = sandbox_home()
        place = f"{home_address(home)}/bluesky" if home else WEB
        return f"{place}/profile/{account}" + (f"/post/{key}" if key else "")


NETWORK = Bluesky()
