"""Mastodon and what speaks its API, by plain requests to the server that an account lives on.

Sources: docs.joinmastodon.org (November 2026); mastodon/mastodon, its source; GoToSocial and
mastodon-mock, which were asked. Whether a server keeps keys of requests no answer says: it is
known by its software.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import requests
from django.utils.translation import gettext

from social.reasons import Reason

from ..base import Network
from ..errors import AuthorizationLost, OutcomeUnknown, Rejected, TemporaryError
from ..home_answers import object_made
from ..homes import sandbox_home
from ..http import home_address, reading
from ..languages import LANGUAGE_CHOICES
from ..previews import Preview, preview_of
from ..reading import has_id, naming_marks, server_time, text_or, whole_number
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
    Uploaded,
)
from . import media, sentences, servers, timeline
from . import text as words
from .calls import ACCOUNTS, STATUSES, ask, call
from .settings import SETTINGS

KEYS_LAST = timedelta(minutes=50)  # of the hour that Mastodon keeps them
POST_LINK = re.compile(
    r"https?://([^/\s]+)(?:/mastodon)?/(?:@[^/\s]+(?:/statuses)?|notice|p/[^/\s]+)/([A-Za-z0-9_-]{1,64})"
)


class Mastodon(Network):
    declared = SETTINGS
    examples, connecting = sentences.EXAMPLES, sentences.CONNECTING
    connect_options, home_help = sentences.CONNECT_OPTIONS, sentences.HOME_HELP
    permission_words = sentences.PERMISSIONS
    asks_home, has_demo = True, True
    to_post = "write:statuses"
    page_sizes = timeline.MOST
    longest_post, pictures = 500, 4
    extras = (
        Extra("visibility", sentences.VISIBILITY, sentences.VISIBILITY_CHOICES),
        Extra("warning", sentences.WARNING, help=sentences.WARNING_HELP),
        Extra("language", sentences.LANGUAGE, (("", sentences.NO_LANGUAGE), *LANGUAGE_CHOICES)),
    )

    # ── Whose account ─────────────────────────────────────────────────────────────────────────
    def home_behind(self, host: str) -> tuple[str, str]:
        return servers.home_behind(host)

    def register(self, home: str, software: str, callback: str) -> App:
        return servers.register(home, software, callback)

    def authorize_url(self, home: str, software: str, app: App, state: str, challenge: str) -> str:
        return servers.authorize_url(home, software, app, state, challenge)

    def grant_for_code(self, home: str, app: App, code: str, verifier: str) -> Grant:
        return servers.grant_for_code(home, app, code, verifier)

    def revoke(self, grant: Grant) -> None:
        servers.revoke(grant)

    def missing_permissions(self, grant: Grant) -> tuple[str, ...]:
        may_post = not grant.scopes or {"write", self.to_post} & set(grant.scopes)
        return () if may_post else (self.to_post,)

    def person(self, grant: Grant) -> Person:
        account, told = self._account(grant), servers.told_by(grant.home)
        handle = f"{text_or(account.get('username'), '')}@{told.domain}"
        name = text_or(account.get("display_name"), "") or handle
        remote_id = f"{account['id']}@{grant.home}"
        return Person(remote_id, name[:200], handle[:320], "", told.length or None, told.limits)

    def _account(self, grant: Grant) -> dict[str, Any]:
        account = ask(grant.home, f"{ACCOUNTS}/verify_credentials", token=grant.access)
        if not has_id(account) or not timeline.ID.fullmatch(str(account["id"])):
            raise TemporaryError(Reason.UNREACHABLE, "the answer names no account")
        return account

    # ── Posting ───────────────────────────────────────────────────────────────────────────────
    def length(
        self, text: str, limits: Limits | None = None, extras: Mapping[str, str] = NO_EXTRAS
    ) -> Length:
        used = words.weight(text, limits.link if limits else 0)
        warning = words.weight(extras.get("warning", "")) if used else 0
        return Length(used + warning, (limits and limits.length) or self.longest_post)

    def preview(
        self, text: str, limits: Limits | None = None, extras: Mapping[str, str] = NO_EXTRAS
    ) -> Preview:
        return preview_of(text, self.takes(limits, extras), words.marks)

    def key(self, job_id: UUID, made_at: datetime, digest: str) -> str:
        """Other words are another request: a server compares nothing but this."""
        return hashlib.sha256(f"{job_id} {digest}".encode()).hexdigest()[:32]

    def repeats_for(self, home: str, software: str) -> timedelta:
        return KEYS_LAST if software in servers.KEEPS_KEYS else timedelta(0)

    def upload(self, place_id: str, grant: Grant, picture: Picture, patience: float) -> Uploaded:
        return media.upload(grant, picture, patience)

    def publish(self, place_id: str, handle: str, post: Outgoing, grant: Grant) -> Published:
        chosen = {
            "visibility": post.extras.get("visibility"),
            "spoiler_text": post.extras.get("warning"),
            "language": post.extras.get("language"),
        }
        # What is left out is as the account says.
        asked: dict[str, Any] = {"status": post.text}
        asked |= {name: value for name, value in chosen.items() if value}
        if post.pictures:
            asked["media_ids"] = post.media_ids
        headers = {"Idempotency-Key": post.key} if post.key else {}
        answer = call(
            *(grant.home, "POST", STATUSES),
            token=grant.access,
            creating=True,
            json=asked,
            headers=headers,
        )
        made = object_made(answer)
        if not has_id(made) or not timeline.ID.fullmatch(str(made["id"])):
            raise OutcomeUnknown(Reason.ODD_ANSWER, "the answer names no post")
        url = timeline.url_of(made) or self._url(grant.home, handle, str(made["id"]))
        return Published(f"{made['id']}@{grant.home}", url)

    # ── Reading back ──────────────────────────────────────────────────────────────────────────
    def recent(self, place_id: str, handle: str, grant: Grant, since: datetime) -> Recent:
        since = since.replace(microsecond=0)

        def page_after(mark: str, wanted: int) -> RecentPage:
            answer = self._listed("post", place_id, grant, mark, min(READ_PAGE, wanted))
            with reading(answer):
                rows, after = timeline.rows_of(answer), timeline.mark_of(answer)
                found = [self._found(row, grant, since) for row in rows if not row.get("reblog")]
                is_older = any(post.created_at < since for post in found)
                is_last = is_older or not after or not rows
                return RecentPage(found, len(rows), server_time(answer), after, is_last)

        return read_recent(page_after, since, pages_vary=True)

    def _found(self, row: dict[str, Any], grant: Grant, since: datetime | None = None) -> Found:
        """Where it names people, its words as they were sent: shown are those without servers."""
        found = timeline.read_found(row, grant.home)
        if not row.get("mentions") or (since and found.created_at < since):
            return found
        source = ask(grant.home, f"{STATUSES}/{row['id']}/source", token=grant.access)
        return timeline.read_found(row, grant.home, text_or(source.get("text"), found.text))

    def _listed(
        self, kind: str, place_id: str, grant: Grant, mark: str, size: int
    ) -> requests.Response:
        account, _ = timeline.parts_of(place_id)
        path = timeline.PAGE_QUESTIONS[kind][0].format(account=account)
        asked = timeline.asked(kind, mark, size)
        return call(grant.home, "GET", path, token=grant.access, params=asked)

    def _status(self, remote_id: str, grant: Grant) -> dict[str, Any] | None:
        """None where this server shows us no such post, or it is of another server."""
        name, home = timeline.parts_of(remote_id)
        if home != grant.home:
            return None
        try:
            row = ask(grant.home, f"{STATUSES}/{name}", token=grant.access)
        except Rejected as error:
            if error.status in (404, 410):
                return None
            raise
        if not has_id(row):
            raise TemporaryError(Reason.UNREACHABLE, "the answer is no post")
        return row

    def post(self, remote_id: str, place_id: str, handle: str, grant: Grant) -> Found | None:
        row = self._status(remote_id, grant)
        try:
            return self._found(row, grant) if row else None
        except ValueError as error:
            raise TemporaryError(Reason.UNREACHABLE, str(error)) from error

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
            try:
                answer = self._listed(kind, place_id, grant, mark, size)
            except AuthorizationLost as error:
                if error.reason == Reason.PERMISSION_MISSING:
                    raise Rejected(Reason.MAY_NOT_READ, error.detail, error.status) from error
                raise
        with reading(answer):
            return timeline.read_page(kind, answer, grant.home)

    def extent(self, kind: str, place_id: str, grant: Grant) -> int | None:
        counted = timeline.COUNTED.get(kind)
        return whole_number(self._account(grant).get(counted)) if counted else None

    def is_there(self, remote_id: str, grant: Grant) -> bool:
        return self._status(remote_id, grant) is not None

    # ── Links ─────────────────────────────────────────────────────────────────────────────────
    def find_link(self, link: str, handle: str) -> Published:
        link = link.strip()
        if match := POST_LINK.match(link):
            return Published(f"{match[2]}@{match[1].lower()}", match[0])
        name, home = timeline.parts_of(link)
        if not name:
            raise ValueError(gettext("That is not the link of a post on Mastodon (…/@…/…)."))
        return Published(link, self._url(home, handle, name))

    def place_url(self, place_id: str, handle: str) -> str:
        return self._url(timeline.parts_of(place_id)[1], handle)

    def _url(self, home: str, handle: str, name: str = "") -> str:
        place = "/mastodon" if home == sandbox_home() else ""
        person = f"{home_address(home)}{place}/@{handle.partition('@')[0]}"
        return f"{person}/{name}" if name else person


NETWORK = Mastodon()
