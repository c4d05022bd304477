"""What Graph's lists say, in our shapes, whatever its version says more or less. Knows no SDK."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from social.reasons import Reason

from ..errors import AuthorizationLost
from ..reading import (
    as_object,
    has_id,
    moment,
    moment_or_none,
    objects_in,
    web_address,
    whole_number,
)
from ..shapes import Found, Item, Known, Page
from .cards import LINK_IN_TEXT

WEB_SCHEMES = ("https://", "http://")
RECENT_FIELDS = "id,message,created_time,updated_time,permalink_url,from"
PHOTO_FIELDS = "id,from,page_story_id"
POST_FIELDS = f"{RECENT_FIELDS},story,attachments{{media_type,title,url,unshimmed_url}}"
COUNTS = "shares,reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count)"
MOST_IDS = 50  # in one question for several (Meta, "Batch requests": ids)
EDGES = {
    "post": ("published_posts", POST_FIELDS),
    "like": ("likes", "id,name,category,created_time,link"),
    "friend": ("friends", "id,name"),
}
# Without them the list is empty.
PERMISSION_OF_KIND = {"like": "user_likes", "friend": "user_friends"}
NOT_AT_ONCE = timedelta(seconds=2)  # what is changed so soon is Facebook's own doing
HASHTAG = re.compile(r"(?<![\w&])#(\w*[^\W\d_]\w*)")
PICTURE_TYPES = ("photo", "album", "video")


def asked(
    kind: str, after: Known | None, before: Known | None, mark: str, size: int
) -> dict[str, Any]:
    """The parameters of a call for one page. Both ends belong to what is given."""
    query: dict[str, Any] = {"fields": EDGES[kind][1], "limit": max(1, min(100, size))}
    if after:
        query["since"] = int(after.at.timestamp())
    if before:
        query["until"] = int(before.at.timestamp())
    return query | ({"after": mark} if mark else {})


def check_permission(kind: str, given: Any) -> None:
    """Facebook gives an empty list rather than a no."""
    if kind in PERMISSION_OF_KIND and PERMISSION_OF_KIND[kind] not in given:
        raise AuthorizationLost(
            Reason.PERMISSION_MISSING, f"{PERMISSION_OF_KIND[kind]} was not granted"
        )


def read_page(kind: str, answer: Any, url: Callable[[str], str]) -> Page:
    """Raises ValueError for what is no page."""
    body = as_object(answer)
    rows, paging = body.get("data"), as_object(body.get("paging"))
    if not isinstance(rows, list):
        raise ValueError("not a page of a list")
    mark = mark_of(paging)
    shown = [row for row in rows if has_id(row)]
    read = {"post": read_post, "like": read_liked, "friend": read_friend}[kind]
    total = whole_number(as_object(body.get("summary")).get("total_count"))
    items = tuple(read(row, url) for row in shown)
    return Page(items, mark, len(rows), total, visibility_note(kind, len(rows), total))


def visibility_note(kind: str, given: int, total: int | None) -> str:
    """What Facebook leaves out of such a list, as a key of messages.VISIBILITY_NOTES."""
    if kind == "post":
        return "reels_hidden"
    return "friends_hidden" if kind == "friend" and total != given else ""


def mark_of(paging: dict[str, Any]) -> str:
    """Of the page that comes next; older answers have it in the address of that alone."""
    if not paging.get("next"):
        return ""
    asked = dict(parse_qsl(urlsplit(str(paging["next"])).query))
    return str(as_object(paging.get("cursors")).get("after") or asked.get("after") or "")


def read_post(row: dict[str, Any], url: Callable[[str], str]) -> Item:
    remote_id, text = str(row["id"]), row.get("message")
    text = text if isinstance(text, str) else ""
    author = as_object(row.get("from"))
    attachments = objects_in(as_object(row.get("attachments")), "data")
    links = [
        web_address(attachment.get("unshimmed_url") or attachment.get("url"))
        for attachment in attachments
        if not is_picture(attachment)
    ]
    kinds = {
        "hashtags": HASHTAG.findall(text),
        "urls": [*dict.fromkeys(filter(None, [*LINK_IN_TEXT.findall(text), *links]))],
        "pictures": sum(is_picture(attachment) for attachment in attachments),
        "story": str(row.get("story") or ""),
    }
    return Item(
        remote_id,
        text=text.strip(),
        url=web_address(row.get("permalink_url")) or url(remote_id),
        created_at=moment_or_none(row.get("created_time")),
        author_id=str(author.get("id") or ""),
        author_name=str(author.get("name") or ""),
        entities={name: value for name, value in kinds.items() if value},
        **counts_of(row),
    )


def counts_of(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "likes": counted(row, "reactions", "likes"),
        "reposts": whole_number(as_object(row.get("shares")).get("count")),
        "replies": counted(row, "comments"),
    }


def with_counts(item: Item, row: dict[str, Any]) -> Item:
    return replace(item, **counts_of(row)) if row else item


def counted(row: dict[str, Any], *names: str) -> int | None:
    summaries = (as_object(as_object(row.get(name)).get("summary")) for name in names)
    return next((whole_number(it.get("total_count")) for it in summaries if it), None)


def is_picture(attached: dict[str, Any]) -> bool:
    return str(attached.get("media_type") or "") in PICTURE_TYPES


def read_liked(row: dict[str, Any], url: Callable[[str], str]) -> Item:
    return named(row, url, category=str(row.get("category") or ""), about=row.get("about"))


def read_friend(row: dict[str, Any], url: Callable[[str], str]) -> Item:
    return named(row, url)


def named(row: dict[str, Any], url: Callable[[str], str], **more: Any) -> Item:
    """A Page or a person, by its name."""
    remote_id, name = str(row["id"]), str(row.get("name") or "")
    return Item(
        remote_id,
        text=name,
        url=web_address(row.get("link")) or url(remote_id),
        created_at=moment_or_none(row.get("created_time")),
        author_id=remote_id,
        author_name=name,
        entities={name: value for name, value in more.items() if value},
    )


def story_of(photo: dict[str, Any]) -> str:
    """The id of the post that shows a picture; empty where none does, or Graph does not say."""
    return str(photo.get("page_story_id") or "")


def read_found(post: dict[str, Any], url: Callable[[str], str]) -> Found:
    remote_id, link = str(post["id"]), str(post.get("permalink_url") or "")
    created_at = moment(post.get("created_time"))
    return Found(
        remote_id,
        link if link.startswith(WEB_SCHEMES) else url(remote_id),
        post.get("message") or "",
        created_at,
        # A comment moves this time as well: then it is not sure, and that is what it means.
        edited=moment(post.get("updated_time"), created_at) - created_at > NOT_AT_ONCE,
        author_id=str(as_object(post.get("from")).get("id") or ""),
    )
