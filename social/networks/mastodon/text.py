"""How Mastodon counts, and its HTML as words.

Source: StatusLengthValidator: graphemes of the warning and the words together, each address as 23
(or what the server says), and of `@alice@green.example` only `@alice`.
"""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

import regex

from ..previews import (
    HASHTAG_MARK,
    LINK_MARK,
    MENTION_MARK,
    SHOWN_HASHTAG,
    Mark,
    without_overlaps,
)

LINK_WEIGHT = 23
GRAPHEME = regex.compile(r"\X")
ADDRESS = re.compile(
    r"(?<![\w@/])https?://[^\s<>\"/?#.]+\.(?:[^\s<>\"]*[^\s<>\".,;:!?)\]'])?", re.IGNORECASE
)
MENTION_OF = re.compile(r"(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)(@[\w.-]+\w)?", re.I)
SCHEME = re.compile(r"\Ahttps?://(?:www\.)?", re.IGNORECASE)
SHOWN_OF_LINK = 30  # characters, after its scheme


def weight(text: str, link: int = 0) -> int:
    """`link`: what an address weighs there."""
    text = ADDRESS.sub("x" * (link or LINK_WEIGHT), text)
    text = MENTION_OF.sub(r"@\1", text)
    return len(text) if text.isascii() and "\r" not in text else len(GRAPHEME.findall(text))


def marks(text: str) -> Iterator[Mark]:
    """What a post there shows in its own way."""
    links = [Mark(*match.span(), LINK_MARK, shown(match[0])) for match in ADDRESS.finditer(text)]
    tags = [Mark(*match.span(), HASHTAG_MARK) for match in SHOWN_HASHTAG.finditer(text)]
    people = [Mark(*it.span(), MENTION_MARK, f"@{it[1]}") for it in MENTION_OF.finditer(text)]
    yield from without_overlaps([*links, *tags, *people])


def shown(address: str) -> str:
    """An address as a server writes it into a post; the rest of it is there, and unseen."""
    rest = SCHEME.sub("", address)
    return rest if len(rest) <= SHOWN_OF_LINK else f"{rest[:SHOWN_OF_LINK]}…"


def as_text(html: str, names: Mapping[str, str]) -> str:
    """The words of a post, its addresses whole; `names` has people's by the address of each."""
    reader = TextReader(names)
    reader.feed(html)
    reader.close()
    return "".join(reader.parts).strip()


class TextReader(HTMLParser):
    """Links of people and hashtags are their words; of the others the address counts, because what
    is shown of a long one is cut."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names, self.is_within = names, False
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.parts.append("\n")
        elif tag in ("p", "blockquote", "ul", "ol", "pre") and self.parts:
            self.parts.append("\n\n")
        elif tag == "li" and self.parts:
            self.parts.append("\n")
        elif tag == "a":
            address, kinds = told.get("href", ""), told.get("class", "").split()
            whole = self.names.get(address) or ("" if "mention" in kinds else address)
            if "hashtag" not in kinds and told.get("rel") != "tag" and whole:
                self.parts.append(whole)
                self.is_within = True

    def handle_endtag(self, tag: str) -> None:
        self.is_within = self.is_within and tag != "a"

    def handle_data(self, data: str) -> None:
        if not self.is_within:
            self.parts.append(data)
