"""How X reads a text: what is a link, what it weighs, and how it is stored and shown."""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from .emoji import emoji_at
from .links import links_in

MENTION = re.compile(r"(?<![\w&/])@(\w{1,15})\b")
HASHTAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
CASHTAG = re.compile(r"(?<![\w$&/])\$([A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)\b")

URL_WEIGHT = 23
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
FORBIDDEN = "\ufffe\ufeff\uffff"


@dataclass
class Stored:
    text: str
    entities: dict
    plain: str  # trimmed and NFC, links as written
    weight: int


def weigh(text: str) -> int:
    """twitter-text, configuration version 3; `text` is NFC already."""
    total = at = 0
    for start, end in [*links_in(text), (len(text), len(text))]:
        while at < start:
            emoji = emoji_at(text, at)
            light = not emoji and any(low <= ord(text[at]) <= high for low, high in LIGHT)
            total += 1 if light else 2
            at += emoji or 1
        if start < end:
            total += URL_WEIGHT
            at = end
    return total


def trimmed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def as_shown(sent: str, shorten: Callable[[str], str], media: dict | None = None) -> Stored:
    """`shorten` gives the t.co address of a link; `media` is the link of attached pictures."""
    plain = trimmed(sent)
    text, urls, position = "", [], 0
    for start, end in links_in(plain):
        text += escape(plain[position:start])
        entity = url_entity(plain[start:end], shorten)
        urls.append({"start": len(text), "end": len(text) + len(entity["url"])} | entity)
        text += entity["url"]
        position = end
    text += escape(plain[position:])
    if media:
        text += " " if text else ""
        urls.append({"start": len(text), "end": len(text) + len(media["url"])} | media)
        text += media["url"]
    entities = {"urls": urls} | words_in(text)
    return Stored(text, {k: v for k, v in entities.items() if v}, plain, weigh(plain))


def escape(text: str) -> str:
    return html.escape(text, quote=False)


def url_entity(written: str, shorten: Callable[[str], str]) -> dict:
    full = written if re.match(r"https?://", written, re.IGNORECASE) else f"http://{written}"
    shown = re.sub(r"^https?://(www\.)?", "", written, flags=re.IGNORECASE)
    shown = shown if len(shown) <= 30 else shown[:29] + "…"
    return {"url": shorten(full), "expanded_url": full, "display_url": shown}


def words_in(text: str) -> dict[str, list[dict]]:
    kinds = {"mentions": (MENTION, "username"), "hashtags": (HASHTAG, "tag")}
    kinds["cashtags"] = (CASHTAG, "tag")
    return {
        name: [{"start": m.start(), "end": m.end(), key: m[1]} for m in pattern.finditer(text)]
        for name, (pattern, key) in kinds.items()
    }


def duplicate_key(text: str) -> str:
    return " ".join(trimmed(text).split())


def expanded(text: str, entities: dict) -> str:
    """What a person reads: links as they were meant, nothing escaped."""
    for url in entities.get("urls", []):
        text = text.replace(url["url"], "" if "media_key" in url else url["expanded_url"])
    return html.unescape(text).strip()
