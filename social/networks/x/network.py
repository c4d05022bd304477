"""X, through tweepy. The only file that imports it.

Sources: X API v2 documentation and OpenAPI 2.167 (August 2026); tweepy 4.17.0.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
from django.conf import settings
from django.utils.translation import gettext

from social.reasons import Reason

from ..base import Network
from ..errors import NetworkError, OutcomeUnknown, Rejected, TemporaryError
from ..http import CALL_DEADLINE, prepare, reading, wire_error
from ..previews import Preview
from ..reading import as_object, naming_marks, seconds, server_time, text_or, whole_number
from ..recent import RecentPage, read_recent
from ..shapes import (
    NO_EXTRAS,
    READ_PAGE,
    Found,
    Grant,
    Known,
    Limits,
    Outgoing,
    Page,
    Person,
    Picture,
    Published,
    Recent,
    Uploaded,
)
from . import media, rules, sentences, timeline, vocabularies
from .errors import body_of, classify, classify_token
from .preview import preview
from .settings import SETTINGS
from .text import weighted_length

TOKEN_URL = "https://api.x.com/2/oauth2/token"  # noqa: S105  an address, not a secret
REVOKE_URL = "https://api.x.com/2/oauth2/revoke"
ACCESS_LIFE = 7200  # seconds, where X does not say
NEEDED = ("tweet.write", "offline.access")
IN_LINK = re.compile(r"/status(?:es)?/(\d{1,19})(?!\d)", re.ASCII)
BARE_ID = re.compile(r"(\d{5,19})", re.ASCII)


class X(Network):
    declared = SETTINGS
    a_place = sentences.A_PLACE
    examples, connecting = sentences.EXAMPLES, sentences.CONNECTING
    permission_words = sentences.PERMISSIONS
    connect_options, on_repeats = sentences.CONNECT_OPTIONS, sentences.ON_REPEATS
    to_post = "tweet.write"
    read_price = 0.005  # 0.001 where the person owns the app; an item once a day
    by_id = ("post", "home")
    page_sizes = {kind: most for kind, (_, most) in timeline.SIZES.items()}
    kind_prices = {"friend": 0.01}
    reach = {"post": 3_200, "home": 3_200}
    longest_post, pictures, has_demo = rules.WEIGHT_LIMIT, 4, True
    longest = staticmethod(rules.longest)
    refusals = staticmethod(rules.refusals)
    remarks = staticmethod(rules.remarks)

    def weigh(self, text: str, extras: Mapping[str, str]) -> int:
        return weighted_length(text)

    def preview(
        self, text: str, limits: Limits | None = None, extras: Mapping[str, str] = NO_EXTRAS
    ) -> Preview:
        return preview(text, self.length("", limits).limit)

    def person(self, grant: Grant) -> Person:
        client, call = self._client(grant)
        with call(creating=False):
            user = client.get_me(user_auth=False, user_fields=rules.PERSON_FIELDS).data
            picture, longest = user.profile_image_url or "", self.longest(user.data)
            return Person(str(user.id), user.name, user.username, picture, longest)

    def renew(self, grant: Grant) -> Grant:
        answer = self._token_call(
            TOKEN_URL, {"grant_type": "refresh_token", "refresh_token": grant.refresh}
        )
        access, scope = answer.get("access_token"), answer.get("scope")
        if not access or not isinstance(access, str):
            raise TemporaryError(Reason.UNREACHABLE, "no access token in the answer")
        return Grant(
            access=access,
            refresh=text_or(answer.get("refresh_token"), grant.refresh),
            expires_at=datetime.now(UTC)
            + timedelta(seconds=seconds(answer.get("expires_in"), ACCESS_LIFE)),
            scopes=tuple(text_or(scope, "").split()) or grant.scopes,
        )

    def missing_permissions(self, grant: Grant) -> tuple[str, ...]:
        return tuple(scope for scope in NEEDED if grant.scopes and scope not in grant.scopes)

    def revoke(self, grant: Grant) -> None:
        self._token_call(REVOKE_URL, {"token": grant.refresh or grant.access})

    def upload(self, place_id: str, grant: Grant, picture: Picture, patience: float) -> Uploaded:
        def ask(deadline: float, *what: str, **fields: Any) -> Any:
            client, call = self._client(grant, deadline)
            with call(creating=False):
                answer = client.request(*what, **fields)
                return answer.json() if answer.content else {}

        return media.upload(ask, picture, patience)

    def publish(self, place_id: str, handle: str, post: Outgoing, grant: Grant) -> Published:
        client, call = self._client(grant)
        # Also without words: X asks for the field (OpenAPI 2.167).
        fields = {"text": post.text, "media_ids": post.media_ids or None}
        with call(creating=True):
            data = client.create_tweet(**fields, user_auth=False).data
        remote_id = str(data.get("id") or "") if isinstance(data, dict) else ""
        if not remote_id:
            raise OutcomeUnknown(Reason.ODD_ANSWER, "the answer names no post")
        return Published(remote_id, self._url(handle, remote_id))

    def recent(self, place_id: str, handle: str, grant: Grant, since: datetime) -> Recent:
        return self._read(
            place_id,
            handle,
            grant,
            since,
            READ_PAGE,
            start_time=f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        )

    def latest(
        self, place_id: str, handle: str, grant: Grant, since: datetime, expected: int
    ) -> Recent:
        # Each post is billed: no more than it takes to come to one that is older.
        size = min(READ_PAGE, expected + timeline.SIZES["post"][0])
        return self._read(place_id, handle, grant, since, size)

    def _read(
        self, place_id: str, handle: str, grant: Grant, since: datetime, size: int, **asked: Any
    ) -> Recent:
        asked |= {"max_results": size, **vocabularies.fields(timeline.RECENT_FIELDS)}

        def page_after(mark: str, wanted: int) -> RecentPage:
            query = asked | ({"pagination_token": mark} if mark else {})
            answer = self._get(grant, f"/2/users/{place_id}/tweets", query)
            with reading(answer):
                page, after = timeline.page_of(answer.json())
                own = [tweet for tweet in page if timeline.is_own(tweet)]
                shown = [timeline.read_found(t, self._url(handle, str(t["id"]))) for t in own]
                hides_some = bool(answer.json().get("errors"))
                is_last = not after or timeline.is_older(page, since)
                at = server_time(answer)
                return RecentPage(shown, len(page), at, after or "", is_last, hides_some)

        return read_recent(page_after, since)

    def post(self, remote_id: str, place_id: str, handle: str, grant: Grant) -> Found | None:
        # In its new words X says who wrote it where that is asked for as an expansion.
        query = vocabularies.fields(timeline.RECENT_FIELDS) | {"expansions": "author_id"}
        try:
            answer = self._get(grant, f"/2/tweets/{remote_id}", query)
            with reading(answer):
                return timeline.read_one(answer.json(), partial(self._url, handle))
        except Rejected as error:
            # With a 200, what is suspended is whoever wrote it.
            if error.reason == Reason.NOT_FOUND or error.status == 200:
                return None
            raise

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
        query = timeline.asked(kind, after, before, mark, size)
        with naming_marks(mark):
            answer = self._get(grant, timeline.PATHS[kind].format(place_id), query)
            with reading(answer):
                return timeline.read_page(kind, answer.json(), self._url, handle)

    def extent(self, kind: str, place_id: str, grant: Grant) -> int | None:
        if kind not in timeline.COUNTED:
            return None
        answer = self._get(grant, "/2/users/me", {"user.fields": "public_metrics"})
        with reading(answer):
            counts = as_object(
                as_object(as_object(answer.json()).get("data")).get("public_metrics")
            )
        return whole_number(vocabularies.either(counts, *timeline.COUNTED[kind]))

    def is_there(self, remote_id: str, grant: Grant) -> bool:
        try:
            answer = self._get(grant, f"/2/tweets/{remote_id}", {})
            with reading(answer):
                return timeline.is_shown(answer.json())
        except Rejected as error:
            if error.reason == Reason.NOT_FOUND:
                return False
            raise

    def find_link(self, link: str, handle: str) -> Published:
        match = IN_LINK.search(link) or BARE_ID.fullmatch(link.strip())
        if not match:
            raise ValueError(
                gettext("That is not the link of a post on X (…/status/ and a number).")
            )
        return Published(match[1], self._url(handle, match[1]))

    def place_url(self, place_id: str, handle: str) -> str:
        where = urlsplit(settings.X_AUTHORIZE_URL)
        path, is_usual, _ = where.path.partition("/i/oauth2/")
        return f"{where.scheme}://{where.netloc}{path if is_usual else ''}/{handle}"

    def _url(self, handle: str, remote_id: str) -> str:
        place = self.place_url("", handle)
        return f"{place}/status/{remote_id}" if remote_id else place

    def _get(self, grant: Grant, path: str, query: dict[str, Any]) -> requests.Response:
        """Ask once; a second time where X does not know one of its two vocabularies."""

        def ask() -> requests.Response:
            client, call = self._client(grant)
            with call(creating=False):
                return client.request("GET", path, params=vocabularies.understood(query))

        try:
            return ask()
        except Rejected as error:
            if not vocabularies.note_refused(error.detail):
                raise
            return ask()

    def _client(self, grant: Grant, deadline: float = CALL_DEADLINE) -> tuple[tweepy.Client, Any]:
        """A client for one call, and the context that turns what goes wrong into our errors."""
        client = tweepy.Client(bearer_token=grant.access)  # an OAuth 2 user token goes here
        prepare(client.session, deadline)
        answers: list[requests.Response] = []
        client.session.hooks["response"].append(lambda answer, *a, **kw: answers.append(answer))

        @contextmanager
        def call(creating: bool) -> Iterator[None]:
            try:
                yield
            except NetworkError:
                raise
            except tweepy.HTTPException as error:
                raise classify(error.response, creating) from error
            except Exception as error:
                status = answers[-1].status_code if answers else None
                if status is not None and status >= 400:  # a body that tweepy stumbles over
                    raise classify(answers[-1], creating) from error
                raise wire_error(error, status, creating) from error

        return client, call

    def _token_call(self, url: str, form: dict[str, str]) -> dict[str, Any]:
        """POST `form` as the app. A lost answer may have used up the refresh token; the next try
        with it finds out."""
        session = prepare(requests.Session())
        try:
            response = session.post(
                url, auth=(settings.X_CLIENT_ID, settings.X_CLIENT_SECRET), data=form
            )
        except requests.exceptions.RequestException as error:
            raise wire_error(error, None, creating=False) from error
        body = body_of(response)
        if response.status_code != 200 or not body:
            raise classify_token(response)
        return body


NETWORK = X()
