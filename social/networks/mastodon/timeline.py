"""What a server shows of an account, as items. Ids of posts and people are made global by their
server's name; how a list goes on says its Link header alone."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from ..reading import (
    as_object,
    has_id,
    moment_or_none,
    objects_in,
    text_or,
    web_address,
    whole_number,
)
from ..shapes import Found, Item, Page
from . import text
from .calls import ACCOUNTS

OWN = f"{ACCOUNTS}/{{account}}/statuses"
# kind → where it is asked for, and what more is said
PAGE_QUESTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "post": (OWN, {"exclude_reblogs": "true"}),
    "like": ("/api/v1/favourites", {}),
    "friend": (f"{ACCOUNTS}/{{account}}/following", {}),
    "home": ("/api/v1/timelines/home", {}),
}
MOST = {"post": 40, "like": 40, "friend": 80, "home": 40}  # in one answer
COUNTED = {"post": "statuses_count", "friend": "following_count"}
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
NEXT = re.compile(r'<([^>]*)>[^,<]*;\s*rel="?next"?', re.IGNORECASE)
# Of a list, by software.
PAGE_PARAMETERS = ("max_id", "min_id", "since_id", "offset", "page", "cursor")
LONGEST_MARK = 300


def parts_of(remote_id: str) -> tuple[str, str]:
    """Its id there, and the server; empty for what is none."""
    name, _, home = remote_id.partition("@")
    return (name, home) if ID.fullmatch(name) and home else ("", "")


def rows_of(answer: requests.Response) -> list[dict[str, Any]]:
    """Raises ValueError for what is no page."""
    rows = answer.json()
    if not isinstance(rows, list):
        raise ValueError("not a page of a timeline")
    return [row for row in rows if has_id(row) and ID.fullmatch(str(row["id"]))]


def mark_of(answer: requests.Response) -> str:
    """Where its Link header leads on to: ids there are opaque, and of another list than these."""
    link = NEXT.search(answer.headers.get("Link", ""))
    query = parse_qsl(urlsplit(link[1]).query) if link else []
    mark = urlencode([(name, value) for name, value in query if name in PAGE_PARAMETERS])
    return mark if len(mark) <= LONGEST_MARK else ""


def asked(kind: str, mark: str, size: int) -> dict[str, Any]:
    limit = max(1, min(MOST[kind], size))
    return {"limit": limit, **PAGE_QUESTIONS[kind][1], **dict(parse_qsl(mark))}


def read_page(kind: str, answer: requests.Response, home: str) -> Page:
    rows = rows_of(answer)
    if kind == "friend":
        items = [read_person(row, home) for row in rows]
    else:
        shared = [row.get("reblog") if kind == "home" else None for row in rows]
        posts = [as_object(it) or row for it, row in zip(shared, rows, strict=True)]
        items = [read_item(row, home) for row in posts if has_id(row) and not row.get("reblog")]
    return Page(tuple(items), mark_of(answer) if rows else "", read=len(rows))


def read_item(row: dict[str, Any], home: str) -> Item:
    account = as_object(row.get("account"))
    handle = text_or(account.get("acct"), "")[:320]
    return Item(
        f"{row['id']}@{home}",
        text=shown_text(row),
        url=url_of(row),
        created_at=moment_or_none(row.get("created_at")),
        author_id=f"{account['id']}@{home}" if has_id(account) else "",
        author_name=(text_or(account.get("display_name"), "") or handle)[:200],
        author_handle=handle,
        likes=whole_number(row.get("favourites_count")),
        reposts=whole_number(row.get("reblogs_count")),
        replies=whole_number(row.get("replies_count")),
        entities=entities_of(row, home),
    )


def read_person(row: dict[str, Any], home: str) -> Item:
    handle = text_or(row.get("acct"), "")[:320]
    name = (text_or(row.get("display_name"), "") or handle)[:200]
    about = text.as_text(text_or(row.get("note"), ""), {})
    return Item(
        f"{row['id']}@{home}",
        text=name,
        url=web_address(row.get("url")),
        author_id=f"{row['id']}@{home}",
        author_name=name,
        author_handle=handle,
        entities={"about": about} if about else {},
    )


def read_found(row: dict[str, Any], home: str, words: str | None = None) -> Found:
    """A post as it was asked for. Raises ValueError for what has no words to compare."""
    account = as_object(row.get("account"))
    if not isinstance(row.get("content"), str) or not has_id(account):
        raise ValueError("a post without its words or its writer")
    pictures = objects_in(row, "media_attachments")
    return Found(
        f"{row['id']}@{home}",
        url_of(row),
        shown_text(row) if words is None else words,
        moment_or_none(row.get("created_at")) or datetime.now(UTC),
        edited=bool(row.get("edited_at")),
        media_ids=tuple(str(it["id"]) for it in pictures if has_id(it)),
        author_id=f"{account['id']}@{home}",
    )


def url_of(row: Mapping[str, Any]) -> str:
    return web_address(row.get("url")) or web_address(row.get("uri"))


def shown_text(row: dict[str, Any]) -> str:
    names = {
        str(it["url"]): f"@{it['acct']}"
        for it in objects_in(row, "mentions")
        if isinstance(it.get("acct"), str) and web_address(it.get("url"))
    }
    return text.as_text(text_or(row.get("content"), ""), names)


def entities_of(row: dict[str, Any], home: str) -> dict[str, Any]:
    links = [match[0] for match in text.ADDRESS.finditer(shown_text(row))]
    card, answered = web_address(as_object(row.get("card")).get("url")), row.get("in_reply_to_id")
    links += [card] if card and card not in links else []
    kinds = {
        "hashtags": [it["name"] for it in objects_in(row, "tags") if text_or(it.get("name"), "")],
        "mentions": [
            it["acct"][:320] for it in objects_in(row, "mentions") if text_or(it.get("acct"), "")
        ],
        "urls": links,
        "pictures": len(objects_in(row, "media_attachments")),
        "reply_to": f"{answered}@{home}" if ID.fullmatch(str(answered or "")) else "",
    }
    return {name: value for name, value in kinds.items() if value}
