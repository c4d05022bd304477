"""How X reads a text: what is a link, what it weighs, and how it is stored and shown."""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

GENERIC_TLDS = (
    "com org net edu gov mil int info biz name pro aero coop museum jobs mobi travel tel cat asia "
    "app dev page blog shop store site online tech xyz top club live news world today space cloud "
    "email link agency design digital media social network studio art community garden"
)
COUNTRY_TLDS = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs "
    "bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee "
    "eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm "
    "hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb "
    "lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz "
    "na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs "
    "ru rw sa sb sc sd se sg sh si sk sl sm sn so sr st su sv sx sy sz tc td tf tg th tj tk tl tm "
    "tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
TLD = "(?:" + "|".join(sorted(f"{GENERIC_TLDS} {COUNTRY_TLDS}".split(), key=len)[::-1]) + ")"
LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
ANY_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"  # only behind a scheme may a domain be in any script
REST = r"a-z0-9!*';:=+,.$/%#\[\]\-_~@|&?()\u00c0-\u024f\u0400-\u04ff\u2013"
URL = re.compile(
    rf"(?<![a-z0-9_@$#./-])(?:https?://(?:{ANY_LABEL}\.)+|(?:{LABEL}\.)+){TLD}(?![\w@-]|\.\w)"
    rf"(?::\d+)?(?P<rest>[/?#][{REST}]*)?",
    re.IGNORECASE,
)
MENTION = re.compile(r"(?<![\w&/])@(\w{1,15})\b")
HASHTAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d_]\w*)")
CASHTAG = re.compile(r"(?<![\w$&/])\$([A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)\b")

URL_WEIGHT, EMOJI_WEIGHT = 23, 2
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
FORBIDDEN = "\ufffe\ufeff\uffff"
PICTURE = (
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|[\U0001f000-\U0001faff\u2190-\u2bff\u3030\u303d\u3297\u3299\u00a9\u00ae\u203c\u2049]"
    "(?:\ufe0f|[\U0001f3fb-\U0001f3ff]|[\U000e0020-\U000e007f]+)?)"
)
EMOJI = re.compile(f"{PICTURE}(?:\u200d{PICTURE})*")


@dataclass
class Stored:
    text: str
    entities: dict
    plain: str  # trimmed and NFC, links as written
    weight: int


def links_in(text: str) -> list[tuple[int, int]]:
    found = []
    for match in URL.finditer(text):
        end = match.end()
        while match["rest"] and is_trailing(text[match.start() : end]):
            end -= 1
        found.append((match.start(), end))
    return found


def is_trailing(link: str) -> bool:
    """Punctuation after a link is not of it, except a bracket that closes one inside."""
    if link[-1] == ")":
        return link.count("(") < link.count(")")
    return not (link[-1].isalnum() or link[-1] in "=_#/+-&")


def weigh(text: str) -> int:
    """twitter-text, configuration version 3; `text` is NFC already."""
    total, position = 0, 0
    for start, end in links_in(text):
        total += weigh_words(text[position:start]) + URL_WEIGHT
        position = end
    return total + weigh_words(text[position:])


def weigh_words(text: str) -> int:
    pictures = EMOJI.findall(text)
    rest = text
    for picture in pictures:
        rest = rest.replace(picture, "", 1)
    light = sum(any(low <= ord(c) <= high for low, high in LIGHT) for c in rest)
    return len(pictures) * EMOJI_WEIGHT + light + 2 * (len(rest) - light)


def trimmed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def store(sent: str, shorten: Callable[[str], str], media: dict | None = None) -> Stored:
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
