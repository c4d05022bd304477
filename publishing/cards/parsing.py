"""What a page of the web says of itself: its title, a description, the name of its site. Pages are
strangers' and may be anything, so that all of this is bounded."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

from social.networks.web_pages import WebPage
from social.timing import ticks

WANTED = {
    "og:title": "title",
    "og:description": "description",
    "description": "description",
    "og:site_name": "site",
}
PICTURE_PROPERTY = "og:image"
MOST_CARD_LETTERS = {"title": 200, "description": 300, "site": 60}
MOST_HTML_TAGS = 2_000  # of all kinds
SLICE_LETTERS = 4_096
PARSE_SECONDS = 1.0
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
# What pages are written in; Python knows codecs that are something else, or slow.
CHARSETS = re.compile(
    r"utf-?8|utf-?16(-?[lb]e)?|(us-)?ascii|iso-?8859-\d{1,2}|latin-?1|(windows-|cp)\d{3,4}|koi8-[ru]"
    r"|shift_jis|euc-(jp|kr)|gb2312|gbk|gb18030|big5|iso-2022-jp",
    re.IGNORECASE,
)
# Controls, and what turns the direction of a line.
UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]+")


class Enough(Exception):
    """What was looked for is over, or there is too much."""


class HeadParser(HTMLParser):
    """Reads the head of a page, until it ends or grows too long."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, str] = {}  # name in WANTED → its words
        self.title, self.tags, self.is_in_title = "", 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        if tag == "body" or self.tags > MOST_HTML_TAGS:
            raise Enough
        self.is_in_title = tag == "title" and not self.title
        if tag == "meta":
            self.read_meta(dict(attrs))

    def read_meta(self, attrs: dict[str, str | None]) -> None:
        name = (attrs.get("property") or attrs.get("name") or "").strip().lower()
        content = attrs.get("content") or ""
        if (name in WANTED or name == PICTURE_PROPERTY) and content.strip():
            self.told.setdefault(name, content[:SLICE_LETTERS])

    def handle_endtag(self, tag: str) -> None:
        self.is_in_title = False
        if tag == "head":
            raise Enough

    def handle_data(self, data: str) -> None:
        if self.is_in_title and len(self.title) < SLICE_LETTERS:
            self.title += data[:SLICE_LETTERS]

    def read(self, text: str) -> None:
        """As far as it goes in PARSE_SECONDS."""
        until = ticks() + PARSE_SECONDS
        try:
            for start in range(0, len(text), SLICE_LETTERS):
                self.feed(text[start : start + SLICE_LETTERS])
                if ticks() > until:
                    break
        except (Enough, AssertionError):  # the latter is how it says that it is at a loss
            pass


def told_by(page: WebPage) -> dict[str, str]:
    """`title`, `description` and `site` of a page, each as one short line, and the address of its
    `picture`; what it does not tell is left out."""
    parser = HeadParser()
    parser.read(text_of(page))
    told: dict[str, str] = {}
    for name, part in WANTED.items():
        told[part] = told.get(part) or line(parser.told.get(name, ""), part)
    told["title"] = told["title"] or line(parser.title, "title")
    told["picture"] = picture_address(page.address, parser.told.get(PICTURE_PROPERTY, ""))
    return {part: words for part, words in told.items() if words}


def picture_address(page: str, named: str) -> str:
    """Where the picture is that a page names; empty where that is no address."""
    try:
        return urljoin(page, named.strip()) if named.strip() else ""
    except ValueError:
        return ""


def line(text: str, part: str) -> str:
    """On one line, no longer than is shown."""
    words, most = " ".join(UNSHOWN.sub(" ", text).split()), MOST_CARD_LETTERS[part]
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def text_of(page: WebPage) -> str:
    """By the charset that the server or the page names; what that does not fit is lost."""
    named = CHARSET.search(page.content_type.encode("ascii", "replace"))
    named = named or CHARSET.search(page.data[:2048])
    charset = named[1].decode("ascii") if named else ""
    if page.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-16"
    try:
        return page.data.decode(charset if CHARSETS.fullmatch(charset) else "utf-8", "replace")
    except LookupError:
        return page.data.decode("utf-8", "replace")
