"""How Bluesky counts, and what it makes links of.

Counted by `regex`, whose \\X is a grapheme of Unicode's Annex 29 as the servers count them: one
kept library, in C; the standard library has none, and `grapheme` has not moved since Unicode 13.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import regex

from ..shapes import Length

MOST_GRAPHEMES, MOST_BYTES = 300, 3_000  # app.bsky.feed.post, `text`
BYTES_OF_ONE = MOST_BYTES // MOST_GRAPHEMES
LONGEST_TAG = 64  # graphemes
MOST_MENTIONS = 10  # that are asked for
GRAPHEME = regex.compile(r"\X")
ADDRESS_PATTERN = re.compile(r"(?<![\w@/])https?://[^\s<>\"\u200b\u2060]+", re.IGNORECASE)
LINK_ENDS = ".,;:!?'\u2019\u201d\u2026*_~"
TAG_FACET = regex.compile(r"(?<!\S)[#\uff03](?!\ufe0f)([^\s\u00ad\u2060\u200a-\u200d\u20e2]+)")
TAG_ENDS = regex.compile(r"\p{P}+\Z")
MENTION_OF_HANDLE = re.compile(
    r"(?<![^\s(\[{])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9])(?![\w@-])",
    re.IGNORECASE,
)
FACET = "app.bsky.richtext.facet"
Feature = dict[str, Any]


def graphemes(text: str) -> int:
    return len(text) if text.isascii() and "\r" not in text else len(GRAPHEME.findall(text))


def length(text: str, limit: int = 0) -> Length:
    """In graphemes; where its bytes are nearer to their limit, as many as ten bytes each make."""
    in_bytes = -(-len(text.encode("utf-8", "replace")) // BYTES_OF_ONE)
    return Length(max(graphemes(text), in_bytes), limit or MOST_GRAPHEMES)


def facets(text: str, resolve: Callable[[str], str]) -> list[dict[str, Any]]:
    """What is a link, a hashtag or a mention in `text`, by where its bytes begin and end in UTF-8:
    nothing is one by itself. `resolve` makes a DID of a handle, or "" where it cannot."""
    found = [*links(text), *tags(text), *mentions(text, resolve)]
    rows, end_before = [], 0
    for start, end, feature in sorted(found, key=lambda row: row[:2]):
        if start < end_before:
            continue  # a hashtag within an address
        end_before = end
        index = {"byteStart": octets(text[:start]), "byteEnd": octets(text[:end])}
        rows.append({"index": index, "features": [feature]})
    return rows


def octets(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def links(text: str) -> Iterator[tuple[int, int, Feature]]:
    for match in ADDRESS_PATTERN.finditer(text):
        address = without_ends(match[0])
        if re.match(r"https?://[^/?#]+", address, re.IGNORECASE):
            yield (
                match.start(),
                match.start() + len(address),
                {"$type": f"{FACET}#link", "uri": address},
            )


def addresses_in(text: str) -> Iterator[str]:
    """What is a link in `text`."""
    return (feature["uri"] for _, _, feature in links(text))


def without_ends(address: str) -> str:
    """Without what ends the sentence, and a bracket that was opened before it."""
    while address:
        last = address[-1]
        opening = {")": "(", "]": "[", "}": "{"}.get(last)
        is_open = opening and address.count(last) > address.count(opening)
        if last not in LINK_ENDS and not is_open:
            break
        address = address[:-1]
    return address


def tags(text: str) -> Iterator[tuple[int, int, Feature]]:
    for match in TAG_FACET.finditer(text):
        tag = TAG_ENDS.sub("", match[1])
        if tag and not tag.isdigit() and graphemes(tag) <= LONGEST_TAG:
            yield match.start(), match.start(1) + len(tag), {"$type": f"{FACET}#tag", "tag": tag}


def mentions(text: str, resolve: Callable[[str], str]) -> Iterator[tuple[int, int, Feature]]:
    known: dict[str, str] = {}
    for match in MENTION_OF_HANDLE.finditer(text):
        handle = match[1].lower()
        if handle not in known and len(known) < MOST_MENTIONS:
            known[handle] = resolve(handle)
        if did := known.get(handle):
            yield match.start(), match.end(), {"$type": f"{FACET}#mention", "did": did}


def as_read(text: str, facets: list[dict[str, Any]]) -> str:
    """The text with every link as it was meant: apps show long ones cut."""
    data = text.encode("utf-8", "replace")
    for facet in sorted(facets, key=start_of, reverse=True):
        start, end = start_of(facet), end_of(facet)
        uri = next((it for it in uris(facet) if it), "")
        if (
            uri
            and 0 <= start < end <= len(data)
            and data[start:end].endswith(("…".encode(), b"..."))
        ):
            data = data[:start] + uri.encode("utf-8", "replace") + data[end:]
    return data.decode("utf-8", "replace")


def start_of(facet: dict[str, Any]) -> int:
    return number(facet, "byteStart")


def end_of(facet: dict[str, Any]) -> int:
    return number(facet, "byteEnd")


def number(facet: dict[str, Any], name: str) -> int:
    index = facet.get("index")
    value = index.get(name) if isinstance(index, dict) else None
    return value if type(value) is int else -1


def features(facet: dict[str, Any]) -> Iterator[Feature]:
    rows = facet.get("features")
    yield from (it for it in rows if isinstance(it, dict)) if isinstance(rows, list) else ()


def uris(facet: dict[str, Any]) -> Iterator[str]:
    yield from (str(it["uri"]) for it in features(facet) if isinstance(it.get("uri"), str))
