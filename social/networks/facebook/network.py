"""Facebook Pages.

Sources: Meta's Graph documentation (v25.0, summer 2026). Groups and profiles cannot be posted to
any more, so a place is always a Page. Reels are in none of its lists.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings

from social.reasons import Reason

from ..base import Network
from ..errors import AuthorizationLost, OutcomeUnknown, Rejected, TemporaryError
from ..http import CALL_DEADLINE
from ..link_cards import LINK_EXTRA
from ..previews import Preview
from ..reading import as_object, has_id, naming_marks, seconds, server_time
from ..recent import RecentPage, read_recent
from ..shapes import (
    NO_EXTRAS,
    READ_MOST,
    READ_PAGE,
    Extra,
    Found,
    Grant,
    Known,
    Limits,
    Outgoing,
    Page,
    Person,
    Picture,
    Place,
    Places,
    Published,
    Recent,
    Uploaded,
)
from . import comments, sentences
from .cards import LINK_CARDS
from .graph import asking
from .links import named_by
from .preview import preview
from .settings import SETTINGS
from .shapes import content, photo, place_of, uploaded, uploading, web_url
from .timeline import (
    COUNTS,
    EDGES,
    MOST_IDS,
    PERMISSION_OF_KIND,
    PHOTO_FIELDS,
    RECENT_FIELDS,
    WEB_SCHEMES,
    asked,
    check_permission,
    mark_of,
    read_found,
    read_page,
    story_of,
    with_counts,
)

T = TypeVar("T")
NEEDED = ("pages_show_list", "pages_read_engagement", "pages_manage_posts")
MOST_LISTS = 50  # calls for one person's Pages, of a hundred each
FIELDS_OF_PLACES = (
    "id,name,access_token,tasks,username,picture{url}",
    "id,name,access_token,tasks",
)


class Facebook(Network):
    declared = SETTINGS
    place_word, place_words = sentences.PLACE_WORD, sentences.PLACE_WORDS
    your_places, a_place = sentences.YOUR_PLACES, sentences.A_PLACE
    examples, connecting = sentences.EXAMPLES, sentences.CONNECTING
    permission_words = sentences.PERMISSIONS
    connect_options, on_repeats = sentences.CONNECT_OPTIONS, sentences.ON_REPEATS
    to_post = "pages_manage_posts"
    offers_places = places_have_tokens = renews_on_refresh = True
    limits_are_shared = True
    longest_post, pictures, has_demo = 63_206, 4, True
    # What friends post cannot be read since 2015.
    page_sizes = {"post": 100, "like": 100, "friend": 100}
    by_id = ("post",)
    kind_permissions = PERMISSION_OF_KIND
    kind_notes = sentences.KIND_NOTES
    extras = (
        LINK_CARDS.extra,
        Extra(
            "comment",
            sentences.FIRST_COMMENT,
            help=sentences.FIRST_COMMENT_HELP,
            characters=comments.LONGEST_COMMENT,
            is_long=True,
        ),
    )
    first_comment = "comment"
    extra_permissions = {"comment": comments.COMMENT_PERMISSION}

    def card_address(self, text: str, extras: Mapping[str, str], pictures: int) -> str:
        return "" if pictures else LINK_CARDS.address(text, extras.get(LINK_EXTRA, ""))

    def preview(
        self, text: str, limits: Limits | None = None, extras: Mapping[str, str] = NO_EXTRAS
    ) -> Preview:
        return preview(text, self.takes(limits, extras))

    def person(self, grant: Grant) -> Person:
        with asking(grant) as graph:
            me = graph.get_object("me", fields="id,name")
            return Person(str(me["id"]), me.get("name", ""))

    def renew(self, grant: Grant) -> Grant:
        """Exchange for a long-lived user token (60 days); its Page tokens do not expire."""
        with asking(grant) as graph:
            answer = graph.extend_access_token(
                settings.FACEBOOK_APP_ID, settings.FACEBOOK_APP_SECRET
            )
            life = seconds(answer.get("expires_in"), 0)
            expires_at = datetime.now(UTC) + timedelta(seconds=life) if life else None
            return Grant(answer["access_token"], "", expires_at, grant.scopes)

    def missing_permissions(self, grant: Grant) -> tuple[str, ...]:
        with asking(grant) as graph:
            given = graph.get_permissions("me")
        return tuple(name for name in NEEDED if name not in given)

    def places(self, grant: Grant, person: Person) -> Places:
        try:
            return self._listed(grant, FIELDS_OF_PLACES[0])
        except Rejected:  # pictures and user names are not everybody's
            return self._listed(grant, FIELDS_OF_PLACES[1])

    def place(self, place_id: str, grant: Grant) -> Place | None:
        # Pages of a Business Portfolio are missing from the list (trypost#292), and it has been
        # empty for a moment. Asked for by itself, a Page does not say what one may do there.
        try:
            with asking(grant) as graph:
                row = graph.get_object(place_id, fields="id,name,access_token")
        except Rejected:
            return None
        except AuthorizationLost as error:
            if error.place_only or error.reason == Reason.PERMISSION_MISSING:
                return None
            raise
        return place_of(row) if has_id(row) and row.get("access_token") else None

    def revoke(self, grant: Grant) -> None:
        with asking(grant) as graph:
            graph.delete_object("me/permissions")

    def upload(self, place_id: str, grant: Grant, picture: Picture, patience: float) -> Uploaded:
        deadline = min(CALL_DEADLINE, patience)
        with uploading(), asking(grant, deadline=deadline) as graph:
            file, fields = photo(picture)
            return uploaded(graph.put_photo(file, f"{place_id}/photos", **fields))

    def publish(self, place_id: str, handle: str, post: Outgoing, grant: Grant) -> Published:
        fields = content(post.text, post.media_ids, post.extras.get(LINK_EXTRA, ""))
        fields["fields"] = "id,permalink_url,created_time"
        with asking(grant, creating=True) as graph:
            answer = graph.put_object(place_id, "feed", **fields)
        remote_id = str(answer.get("id") or "") if isinstance(answer, dict) else ""
        if not remote_id:
            raise OutcomeUnknown(Reason.ODD_ANSWER, "the answer names no post")
        link = str(answer.get("permalink_url") or "")
        return Published(remote_id, link if link.startswith(WEB_SCHEMES) else web_url(remote_id))

    def recent(self, place_id: str, handle: str, grant: Grant, since: datetime) -> Recent:
        return self._read(place_id, grant, since, since=int(since.timestamp()))

    def latest(
        self, place_id: str, handle: str, grant: Grant, since: datetime, expected: int
    ) -> Recent:
        # Graph's filter for dates has hidden posts that are there
        # (minimaxir/facebook-page-post-scraper#102).
        return self._read(place_id, grant, since)

    def _read(self, place_id: str, grant: Grant, oldest: datetime, **asked: int) -> Recent:
        """Until what is older, or the end."""
        options: dict[str, Any] = {"fields": RECENT_FIELDS, "limit": READ_PAGE, **asked}

        def page_after(mark: str, wanted: int) -> RecentPage:
            more = {"after": mark} if mark else {}
            with asking(grant) as graph:
                page = graph.get_connections(place_id, "published_posts", **options, **more)
                shown = [read_found(post, web_url) for post in page["data"]]
                paging, at = page.get("paging") or {}, server_time(graph.answer)
                is_older = bool(shown) and shown[-1].created_at < oldest
                is_last = is_older or not paging.get("next")
                return RecentPage(shown, len(shown), at, mark_of(paging), is_last)

        return read_recent(page_after, oldest)

    def post(self, remote_id: str, place_id: str, handle: str, grant: Grant) -> Found | None:
        if remote_id.startswith("pfbid"):
            return self._post_called(remote_id, place_id, grant)
        if "_" in remote_id:
            return self._shown(remote_id, place_id, grant)
        # The number of a post of this Page; or that of a picture, which knows its post.
        shown = self._shown(f"{place_id}_{remote_id}", place_id, grant)
        story = None if shown else self._node(remote_id, PHOTO_FIELDS, place_id, grant, story_of)
        return self._shown(story, place_id, grant) if story else shown

    def _shown(self, remote_id: str, place_id: str, grant: Grant) -> Found | None:
        read = partial(read_found, url=web_url)
        return self._node(remote_id, RECENT_FIELDS, place_id, grant, read)

    def _post_called(self, name: str, place_id: str, grant: Grant) -> Found | None:
        """Graph cannot be asked by these names, but its links of the Page's own posts have them."""
        posts = self._read(place_id, grant, datetime.fromtimestamp(0, UTC)).posts
        return next((post for post in posts if name in re.findall(r"pfbid\w+", post.url)), None)

    def _node(
        self, node: str, fields: str, place_id: str, grant: Grant, read: Callable[[Any], T]
    ) -> T | None:
        """What Graph shows this Page by that number, if it does."""
        try:
            with asking(grant) as graph:
                row = graph.get_object(node, fields=fields)
                return read(row) if has_id(row) else None
        except Rejected as error:
            if error.reason in (
                Reason.NOT_FOUND,
                Reason.BAD_REQUEST,
            ):  # also: no post, or none by itself
                return None
            raise
        except AuthorizationLost as error:
            if error.reason != Reason.PERMISSION_MISSING:
                raise
        with asking(grant) as graph:  # to this one, or to all? Only that concerns the connection
            graph.get_connections(place_id, "published_posts", fields="id", limit=1)
        return None

    def permits(self, permission: str, grant: Grant) -> bool:
        with asking(grant) as graph:
            return permission in graph.get_permissions("me")

    def comment(self, remote_id: str, place_id: str, text: str, grant: Grant) -> str:
        with asking(grant, creating=True) as graph:
            answer = graph.put_object(remote_id, "comments", message=text)
        if not isinstance(answer, dict) or not answer.get("id"):
            raise OutcomeUnknown(Reason.ODD_ANSWER, "the answer names no comment")
        return str(answer["id"])

    def comments(self, remote_id: str, place_id: str, grant: Grant) -> Recent:
        found: tuple[Found, ...] = ()
        more, read, marks = True, 0, {""}
        options: dict[str, Any] = {"fields": comments.FIELDS, "limit": READ_PAGE}
        options |= {"filter": "toplevel", "order": "reverse_chronological"}
        for _ in range(READ_MOST // READ_PAGE):
            with asking(grant) as graph:
                page = graph.get_connections(remote_id, "comments", **options)
                read += len(page["data"])
                found += comments.read_comments(page, place_id)
                paging, at = page.get("paging") or {}, server_time(graph.answer)
                more, options["after"] = bool(paging.get("next")), mark_of(paging)
            if not more or options["after"] in marks:  # or it leads back
                break
            marks.add(options["after"])
        return Recent(found, not more, at, read)

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
        edge, query = EDGES[kind][0], asked(kind, after, before, mark, size)
        if kind in PERMISSION_OF_KIND:
            with asking(grant) as graph:
                check_permission(kind, graph.get_permissions("me"))
        with naming_marks(mark), asking(grant) as graph:
            of = place_id if kind == "post" else "me"
            page = read_page(kind, graph.get_connections(of, edge, **query), web_url)
        return self._with_counts(page, grant) if kind == "post" else page

    def _with_counts(self, page: Page, grant: Grant) -> Page:
        """Counts are asked for by id: where a list asks for them, Graph leaves posts out without a
        word. What it does not tell is not counted; that says nothing of a post."""
        counts: dict[str, Any] = {}
        ids = [item.remote_id for item in page.items]
        for start in range(0, len(ids), MOST_IDS):
            try:
                with asking(grant) as graph:
                    counts |= as_object(
                        graph.get_objects(ids[start : start + MOST_IDS], fields=COUNTS)
                    )
            except (Rejected, TemporaryError):
                continue
        items = (with_counts(item, as_object(counts.get(item.remote_id))) for item in page.items)
        return replace(page, items=tuple(items))

    def is_there(self, remote_id: str, grant: Grant) -> bool:
        try:
            with asking(grant) as graph:
                return bool(graph.get_object(remote_id, fields="id").get("id"))
        except Rejected as error:
            if error.reason == Reason.NOT_FOUND:
                return False
            raise

    def find_link(self, link: str, handle: str) -> Published:
        link, remote_id = link.strip(), named_by(link)
        url = link if link.startswith(WEB_SCHEMES) else web_url(remote_id)
        return Published(remote_id, url)

    def _listed(self, grant: Grant, fields: str) -> Places:
        """Up to MOST_LISTS hundred Pages. A list may lead back to where it was read already
        (facebook-php-business-sdk#333)."""
        places_by_id: dict[str, Place] = {}
        marks, more = {""}, True
        options: dict[str, Any] = {"fields": fields, "limit": READ_PAGE}
        for _ in range(MOST_LISTS):
            with asking(grant) as graph:
                answer = graph.get_connections("me", "accounts", **options)
                listed = [place_of(page) for page in answer["data"]]
                places_by_id |= {place.remote_id: place for place in listed}
                paging = answer.get("paging") or {}
                more, options["after"] = bool(paging.get("next")), mark_of(paging)
            if options["after"] in marks:
                break
            marks.add(options["after"])
        places = Places(places_by_id.values())
        places.is_complete = not more
        return places

    def place_url(self, place_id: str, handle: str) -> str:
        return web_url(place_id)


NETWORK = Facebook()
