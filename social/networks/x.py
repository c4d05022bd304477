"""X, through tweepy. The only file that imports it.

Sources: X API v2 documentation and OpenAPI 2.167 (August 2026); tweepy 4.17.0.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
from django.conf import settings

from . import x_media
from .base import (
    READ_MOST,
    READ_PAGE,
    Found,
    Grant,
    Length,
    Network,
    Person,
    Picture,
    Place,
    Published,
    Recent,
    Uploaded,
)
from .counting import weighted_length
from .errors import (
    AuthorizationLost,
    OutcomeUnknown,
    TemporaryError,
)
from .http import CALL_DEADLINE, prepare, wire_error
from .reading import moment, their_time, x_text
from .x_errors import classify

TOKEN_URL = "https://api.x.com/2/oauth2/token"  # noqa: S105  an address, not a secret
REVOKE_URL = "https://api.x.com/2/oauth2/revoke"
NEEDED = ("tweet.write", "offline.access")
OUR_FAULT = ("invalid_client", "unauthorized_client")
TWEET_FIELDS = ["created_at", "entities", "note_tweet", "referenced_tweets"]
NOT_OWN = ("replied_to", "retweeted")


class X(Network):
    name = "x"
    label = "X"
    home = "X_API_URL"
    provider = "twitter_oauth2"
    place_word = "account"
    to_post = "tweet.write"
    many_places = False
    read_price = 0.005  # 0.001 where the person owns the app; an item once a day

    def length(self, text: str) -> Length:
        return Length(used=weighted_length(text), limit=280)

    def unwanted(self, text: str) -> str:
        found = re.search("[\ufffe\ufeff\uffff]", text)
        return f"U+{ord(found[0]):04X}" if found else ""

    def person(self, token: str) -> Person:
        client, call = self._client(token)
        with call(creating=False):
            user = client.get_me(user_auth=False, user_fields=["profile_image_url"]).data
            return Person(str(user.id), user.name, user.username, user.profile_image_url or "")

    def renew(self, grant: Grant) -> Grant:
        answer = self._token_call(
            TOKEN_URL, {"grant_type": "refresh_token", "refresh_token": grant.refresh}
        )
        access = answer.get("access_token")
        if not access:
            raise TemporaryError("unreachable", "no access token in the answer")
        return Grant(
            access=access,
            refresh=answer.get("refresh_token") or grant.refresh,
            expires_at=datetime.now(UTC) + timedelta(seconds=int(answer.get("expires_in") or 7200)),
            scopes=tuple((answer.get("scope") or "").split()) or grant.scopes,
        )

    def missing(self, grant: Grant) -> tuple[str, ...]:
        return tuple(scope for scope in NEEDED if grant.scopes and scope not in grant.scopes)

    def places(self, grant: Grant, person: Person) -> list[Place]:
        return [Place(person.remote_id, person.name, person.handle, person.picture_url)]

    def revoke(self, grant: Grant) -> None:
        self._token_call(REVOKE_URL, {"token": grant.refresh or grant.access})

    def upload(self, place_id: str, token: str, picture: Picture, patience: float) -> Uploaded:
        def ask(deadline: float, *what: str, **said: Any) -> Any:
            client, call = self._client(token, deadline)
            with call(creating=False):
                answer = client.request(*what, **said)
                return answer.json() if answer.content else {}

        return x_media.upload(ask, picture, patience)

    def publish(
        self, place_id: str, handle: str, token: str, text: str, media_ids: Sequence[str] = ()
    ) -> Published:
        client, call = self._client(token)
        said = {"text": text or None, "media_ids": list(media_ids) or None}
        with x_media.naming_uploads(), call(creating=True):
            data = client.create_tweet(**said, user_auth=False).data
        remote_id = str(data.get("id") or "") if isinstance(data, dict) else ""
        if not remote_id:
            raise OutcomeUnknown("odd_answer", "the answer names no post")
        return Published(remote_id, self._url(handle, remote_id))

    def recent(self, place_id: str, handle: str, token: str, since: datetime) -> Recent:
        posts, mark, at = [], None, since
        for _ in range(READ_MOST // READ_PAGE):
            client, call = self._client(token)
            client.return_type = requests.Response  # whose headers say what time it is there
            with call(creating=False):
                answer = client.get_users_tweets(
                    place_id,
                    max_results=READ_PAGE,
                    start_time=since,
                    pagination_token=mark,
                    tweet_fields=TWEET_FIELDS,
                )
                page, mark = page_of(answer.json())
                posts += [self._found(tweet, handle) for tweet in page if is_own(tweet)]
                at = their_time(answer)
            if not mark:
                break
        return Recent(tuple(posts), complete=not mark, at=at)

    def _found(self, tweet: dict[str, Any], handle: str) -> Found:
        remote_id = str(tweet["id"])
        names = [str(name) for name in tweet.get("edit_history_tweet_ids") or []]
        former = tuple(name for name in names if name != remote_id)
        return Found(
            remote_id,
            self._url(handle, remote_id),
            x_text(tweet.get("note_tweet") or tweet),
            moment(tweet.get("created_at")),
            former_ids=former,
            edited=bool(former),
        )

    def find_link(self, link: str, handle: str) -> Published:
        match = re.search(r"/status(?:es)?/(\d+)", link) or re.fullmatch(r"\s*(\d{5,})\s*", link)
        if not match:
            raise ValueError("That is not the link of a post on X (…/status/ and a number).")
        return Published(match[1], self._url(handle, match[1]))

    def place_url(self, place_id: str, handle: str) -> str:
        where = urlsplit(settings.X_AUTHORIZE_URL)
        path, found, _ = where.path.partition("/i/oauth2/")
        return f"{where.scheme}://{where.netloc}{path if found else ''}/{handle}"

    def _url(self, handle: str, remote_id: str) -> str:
        return f"{self.place_url('', handle)}/status/{remote_id}"

    def _client(self, token: str, deadline: float = CALL_DEADLINE) -> tuple[tweepy.Client, Any]:
        """A client for one call, and the context that turns what goes wrong into our errors."""
        client = tweepy.Client(bearer_token=token)  # an OAuth 2 user token goes here
        prepare(client.session, deadline)
        answers: list[requests.Response] = []
        client.session.hooks["response"].append(lambda answer, *a, **kw: answers.append(answer))

        @contextmanager
        def call(creating: bool) -> Iterator[None]:
            try:
                yield
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
            answer = response.json()
        except (requests.exceptions.RequestException, ValueError) as error:
            raise wire_error(error, None, creating=False) from error
        status, said = response.status_code, answer if isinstance(answer, dict) else {}
        if status == 400 and said.get("error") not in OUR_FAULT:
            raise AuthorizationLost("token_dead", response.text, status)
        if status in (402, 429):
            raise classify(response, creating=False)
        if status != 200 or not said:
            # Our own client id or secret is refused, or X is away; the grant is as good as before.
            raise TemporaryError("unreachable", f"HTTP {status} {response.text}", status)
        return said


def page_of(answer: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """The posts and the mark of the next page. Only X itself says that there is none: whatever else
    comes with a 200 is no page of posts."""
    page, meta = answer.get("data") or [], answer["meta"]
    if not page and meta["result_count"] != 0:
        raise ValueError("not a page of posts")
    return page, meta.get("next_token")


def is_own(tweet: dict[str, Any]) -> bool:
    """Not an answer to somebody, nor somebody else's words."""
    return not any(of.get("type") in NOT_OWN for of in tweet.get("referenced_tweets") or [])
