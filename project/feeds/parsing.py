"""What a feed says, in RSS or Atom: by feedparser, which also reads what is half broken."""

import hashlib
import html
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.html import strip_tags

from social.networks.web_pages import WebPage

ENTRIES_READ = 100  # the first of a feed: they are the newest
TITLE_LETTERS = 1_000


class NoFeedError(ValueError):
    """What was read is none."""


@dataclass(frozen=True)
class ParsedEntry:
    """One entry: `key` is the same at each reading."""

    key: str
    title: str
    link: str


@dataclass(frozen=True)
class ParsedFeed:
    """Its name and its entries, the newest first as they usually are."""

    title: str
    entries: list[ParsedEntry]


def parsed(page: WebPage) -> ParsedFeed:
    """Raises NoFeedError. What others wrote comes out as words, without marks."""
    import feedparser  # a third of a second and some megabytes, only where a feed is read

    headers = {"content-type": page.content_type, "content-location": page.address}
    try:
        # As a file: text would be taken for an address, or for the name of one here.
        document = feedparser.parse(io.BytesIO(page.data), response_headers=headers)
    except Exception as error:  # of whatever strangers wrote
        raise NoFeedError(f"{type(error).__name__}: {error}") from error
    if not document.get("version"):
        raise NoFeedError("neither RSS nor Atom")
    entries = [entry_of(row) for row in document.entries[:ENTRIES_READ]]
    return ParsedFeed(
        words_of(document.feed.get("title", "")), [e for e in entries if e.title or e.link]
    )


def entry_of(row: Any) -> ParsedEntry:
    title, link = words_of(row.get("title", "")), link_of(str(row.get("link", "")))
    name = row.get("id") or link or title
    return ParsedEntry(hashlib.sha256(str(name).encode()).hexdigest(), title, link)


def words_of(text: str) -> str:
    plain = html.unescape(strip_tags(str(text))).replace("\x00", "")
    return " ".join(plain.split())[:TITLE_LETTERS]


def link_of(address: str) -> str:
    """Empty for what leads elsewhere than into the web."""
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return ""
    is_plain = address.isprintable() and len(address) <= TITLE_LETTERS
    return address if scheme in ("http", "https") and is_plain else ""
