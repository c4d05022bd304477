"""Facebook Pages, through facebook-sdk. The only file that imports it.

Sources: Meta's Graph documentation (v25.0, summer 2026); facebook-sdk 3.1.0. Groups and profiles
cannot be posted to any more, so a place is always a Page.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import facebook
import requests
from django.conf import settings

from .base import (
    READ_MOST,
    READ_PAGE,
    Found,
    Grant,
    Known,
    Length,
    Network,
    Page,
    Person,
    Picture,
    Place,
    Published,
    Recent,
    Uploaded,
)
from .errors import AuthorizationLost, NetworkError, OutcomeUnknown, Rejected
from .facebook_errors import classify, regained
from .facebook_links import named_by
from .facebook_reading import (
    EDGES,
    PERMISSIONS,
    PHOTO_FIELDS,
    RECENT_FIELDS,
    WEB,
    asked,
    check_permission,
    mark_of,
    read_found,
    read_page,
    story_of,
)
from .facebook_shapes import content, photo, place_of, uploaded, uploading
from .http import CALL_DEADLINE, prepare, wire_error
from .reading import has_id, naming_marks, their_time

T = TypeVar("T")
NEEDED = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
PLACE_FIELDS = ("id,name,access_token,tasks,username,picture{url}", "id,name,access_token,tasks")


class Facebook(Network):
    name = "facebook"
    label = "Facebook"
    home = "FACEBOOK_GRAPH_URL"
    provider = "facebook"
    place_word = "Page"
    to_post = "pages_manage_posts"
    many_places = True
    limits_are_shared = True
    kinds = ("post", "like", "friend")  # what friends post cannot be read since 2015
    by_id = ("post",)
    page_sizes = {"post": 100, "like": 100, "friend": 100}
    kind_permissions = PERMISSIONS

    def length(self, text: str) -> Length:
        return Length(used=len(text), limit=63_206)

    def person(self, token: str) -> Person:
        with asking(token) as graph:
            me = graph.get_object("me", fields="id,name")
            return Person(str(me["id"]), me.get("name", ""))

    def renew(self, grant: Grant) -> Grant:
        """Exchange for a long-lived user token (60 days); its Page tokens do not expire."""
        with asking(grant.access) as graph:
            answer = graph.extend_access_token(
                settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET
            )
            seconds = int(answer.get("expires_in") or 0)
            expires_at = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
            return Grant(answer["access_token"], "", expires_at, grant.scopes)

    def missing(self, grant: Grant) -> tuple[str, ...]:
        with asking(grant.access) as graph:
            given = graph.get_permissions("me")
        return tuple(name for name in NEEDED if name not in given)

    def places(self, grant: Grant, person: Person) -> list[Place]:
        try:
            return self._listed(grant.access, PLACE_FIELDS[0])
        except Rejected:  # pictures and user names are not everybody's
            return self._listed(grant.access, PLACE_FIELDS[1])

    def revoke(self, grant: Grant) -> None:
        with asking(grant.access) as graph:
            graph.delete_object("me/permissions")

    def upload(self, place_id: str, token: str, picture: Picture, patience: float) -> Uploaded:
        deadline = min(CALL_DEADLINE, patience)
        with uploading(), asking(token, deadline=deadline) as graph:
            file, said = photo(picture)
            return uploaded(graph.put_photo(file, f"{place_id}/photos", **said))

    def publish(
        self, place_id: str, handle: str, token: str, text: str, media_ids: Sequence[str] = ()
    ) -> Published:
        said = content(text, media_ids) | {"fields": "id,permalink_url,created_time"}
        with asking(token, creating=True) as graph:
            answer = graph.put_object(place_id, "feed", **said)
        remote_id = str(answer.get("id") or "") if isinstance(answer, dict) else ""
        if not remote_id:
            raise OutcomeUnknown("odd_answer", "the answer names no post")
        link = str(answer.get("permalink_url") or "")
        return Published(remote_id, link if link.startswith(WEB) else self._url(remote_id))

    def recent(self, place_id: str, handle: str, token: str, since: datetime) -> Recent:
        return self._read(place_id, token, since, since=int(since.timestamp()))

    def latest(
        self, place_id: str, handle: str, token: str, since: datetime, expected: int
    ) -> Recent:
        # Graph's filter for dates has hidden posts that are there
        # (minimaxir/facebook-page-post-scraper#102).
        return self._read(place_id, token, since)

    def _read(self, place_id: str, token: str, oldest: datetime, **asked: int) -> Recent:
        """Until what is older, or the end."""
        posts, more, at = [], False, oldest
        options = {"fields": RECENT_FIELDS, "limit": READ_PAGE, **asked}
        for _ in range(READ_MOST // READ_PAGE):
            with asking(token) as graph:
                page = graph.get_connections(place_id, "published_posts", **options)
                posts += [read_found(post, self._url) for post in page["data"]]
                paging = page.get("paging") or {}
                more, options["after"] = bool(paging.get("next")), mark_of(paging)
                at = their_time(graph.answer)
            more = more and not (posts and posts[-1].created_at < oldest)
            if not (more and options["after"]):
                break
        newer = tuple(post for post in posts if post.created_at >= oldest.replace(microsecond=0))
        return Recent(newer, not more, at, len(posts))

    def post(self, remote_id: str, place_id: str, handle: str, token: str) -> Found | None:
        if remote_id.startswith("pfbid"):
            return self._post_called(remote_id, place_id, token)
        if "_" in remote_id:
            return self._shown(remote_id, place_id, token)
        # The number of a post of this Page; or that of a picture, which knows its post.
        found = self._shown(f"{place_id}_{remote_id}", place_id, token)
        story = None if found else self._node(remote_id, PHOTO_FIELDS, place_id, token, story_of)
        return self._shown(story, place_id, token) if story else found

    def _shown(self, remote_id: str, place_id: str, token: str) -> Found | None:
        def read(row: dict[str, Any]) -> Found:
            return read_found(row, self._url)

        return self._node(remote_id, RECENT_FIELDS, place_id, token, read)

    def _post_called(self, name: str, place_id: str, token: str) -> Found | None:
        """Graph cannot be asked by these names, but its links of the Page's own posts have them."""
        longest_ago = datetime.fromtimestamp(0, UTC)
        posts = self._read(place_id, token, longest_ago).posts
        return next((post for post in posts if name in re.findall(r"pfbid\w+", post.url)), None)

    def _node(
        self, node: str, fields: str, place_id: str, token: str, read: Callable[[Any], T]
    ) -> T | None:
        """What Graph shows this Page by that number, if it does."""
        try:
            with asking(token) as graph:
                row = graph.get_object(node, fields=fields)
                return read(row) if has_id(row) else None
        except Rejected as error:
            if error.reason in ("not_found", "bad_request"):  # also: no post, or none by itself
                return None
            raise
        except AuthorizationLost as error:
            if error.reason != "permission_missing":
                raise
        with asking(token) as graph:  # to this one, or to all? Only that concerns the connection
            graph.get_connections(place_id, "published_posts", fields="id", limit=1)
        return None

    def timeline(
        self,
        kind: str,
        place_id: str,
        handle: str,
        token: str,
        *,
        after: Known | None = None,
        before: Known | None = None,
        mark: str = "",
        size: int = READ_PAGE,
    ) -> Page:
        edge, said = EDGES[kind][0], asked(kind, after, before, mark, size)
        if kind in PERMISSIONS:
            with asking(token) as graph:
                check_permission(kind, graph.get_permissions("me"))
        with naming_marks(mark), asking(token) as graph:
            of = place_id if kind == "post" else "me"
            return read_page(kind, graph.get_connections(of, edge, **said), self._url)

    def is_there(self, remote_id: str, token: str) -> bool:
        try:
            with asking(token) as graph:
                return bool(graph.get_object(remote_id, fields="id").get("id"))
        except Rejected as error:
            if error.reason == "not_found":
                return False
            raise

    def find_link(self, link: str, handle: str) -> Published:
        link, remote_id = link.strip(), named_by(link)
        url = link if link.startswith(WEB) else self._url(remote_id)
        return Published(remote_id, url)

    def _listed(self, token: str, fields: str) -> list[Place]:
        pages, options = [], {"fields": fields, "limit": 100}
        while True:
            with asking(token) as graph:
                answer = graph.get_connections("me", "accounts", **options)
                pages += [place_of(page) for page in answer["data"]]
                paging = answer.get("paging") or {}
                after = (paging.get("cursors") or {}).get("after")
            if not (paging.get("next") and after):
                return pages
            options["after"] = after

    def place_url(self, place_id: str, handle: str) -> str:
        return self._url(place_id)

    def _url(self, remote_id: str) -> str:
        where = urlsplit(settings.FACEBOOK_AUTHORIZE_URL)
        path = re.sub(r"(/v[\d.]+)?/dialog/.*", "", where.path)
        return f"{where.scheme}://{where.netloc}{path}/{remote_id}"


class Graph(facebook.GraphAPI):
    """One token, today's version, a deadline, `appsecret_proof`, and an eye on the HTTP status,
    none of which the stock class has."""

    def __init__(self, token: str, deadline: float) -> None:
        session = prepare(requests.Session(), deadline)
        super().__init__(token, timeout=deadline, session=session)
        self.version = settings.FACEBOOK_GRAPH_VERSION
        self.answer: requests.Response | None = None
        self.session.hooks["response"].append(self._keep)

    def _keep(self, response: requests.Response, *args: Any, **kwargs: Any) -> None:
        self.answer = response

    def request(
        self,
        path: str,
        args: dict[str, Any] | None = None,
        post_args: dict[str, Any] | None = None,
        files: Any = None,
        method: str | None = None,
    ) -> Any:
        args = dict(args or {})
        token = args.get("access_token") or self.access_token
        if settings.FACEBOOK_APP_SECRET and token and not path.endswith("/oauth/access_token"):
            proof = hmac.new(
                settings.FACEBOOK_APP_SECRET.encode(), token.encode(), hashlib.sha256
            ).hexdigest()
            (args if post_args is None else post_args)["appsecret_proof"] = proof
        result = super().request(path, args, post_args, files, method)
        if self.answer is not None and self.answer.status_code >= 400:
            raise facebook.GraphAPIError(result)
        return result


@contextmanager
def asking(token: str, creating: bool = False, deadline: float = CALL_DEADLINE) -> Iterator[Graph]:
    """A Graph for one call; what goes wrong comes out as one of the five errors."""
    graph = Graph(token, deadline)
    try:
        yield graph
    except facebook.GraphAPIError as error:
        status = graph.answer.status_code if graph.answer is not None else None
        raise classify(error, status, creating, regained(graph.answer)) from error
    except NetworkError:
        raise
    except Exception as error:
        status = graph.answer.status_code if graph.answer is not None else None
        raise wire_error(error, status, creating) from error
