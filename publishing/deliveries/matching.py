"""Whether what a timeline shows is what we sent: the same words, however they are written there."""

import re
import unicodedata
from itertools import pairwise
from urllib.parse import quote, unquote

from social.networks import NETWORKS

WEB_SCHEME = re.compile(r"https?://", re.IGNORECASE)
# Only from where a word begins; with the ports that every address has.
HOST = re.compile(r"(?<![\w-])([\w-]+(?:\.[\w-]+)+)(?::(?:80|443)(?!\d))?")
MANY_MARKS = re.compile(r"\W{100}")  # no mark counts as a letter
END_OF_ADDRESS = re.compile(r"/(?!\w)")
ENCODED = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
# Signs that nobody sees, which networks leave out: controls, soft hyphens, joiners, directions,
# and what says how to draw an emoji.
INVISIBLE = re.compile(
    "[\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
NETWORK_SETTINGS = NETWORKS.declared.values()
SAME_HOSTS = {host: name for it in NETWORK_SETTINGS for host, name in it.same_hosts.items()}
HIDDEN_LINKS = [
    re.compile(it.hidden_links, re.IGNORECASE) for it in NETWORK_SETTINGS if it.hidden_links
]


def composed(text: str) -> str:
    """In normal form C, which sorts the marks on a letter in quadratic time: where somebody put
    hundreds on one, each hundred is sorted by itself (Unicode's stream-safe format allows 30)."""
    if not MANY_MARKS.search(text):
        return unicodedata.normalize("NFC", text)
    cuts = [0, *(marks.end() for marks in MANY_MARKS.finditer(text)), len(text)]
    return "".join(unicodedata.normalize("NFC", text[a:b]) for a, b in pairwise(cuts))


def exact(text: str) -> str:
    """Equal for two texts that were the same, letter for letter."""
    return composed(text).strip()


def match_key(text: str) -> str:
    """Equal for two texts that differ in nothing but what networks change: composed characters,
    white space, signs that nobody sees, and how an address is written: its scheme, its usual port,
    a slash at its end, the case and the script of its host, and what is percent-encoded in it."""
    text = composed(text)
    for links in HIDDEN_LINKS:  # whosever they are
        text = links.sub("", text)
    text = ENCODED.sub(decoded, text)
    text = WEB_SCHEME.sub("", INVISIBLE.sub("", text))
    text = HOST.sub(plain_host, text)
    return composed(" ".join(END_OF_ADDRESS.sub("", text).split()))


def decoded(found: re.Match[str]) -> str:
    """As a person writes it; what would mean something else then stays as it is."""
    try:
        text = unquote(found[0], errors="strict")
    except UnicodeError:
        return found[0].upper()
    return "".join(c if c.isalnum() or c in "-._~" else quote(c, safe="") for c in text)


def plain_host(found: re.Match[str]) -> str:
    """`xn--mnchen-3ya.de` and `München.de:443` are one."""
    host = ".".join(own_script(label) for label in found[1].lower().split("."))
    return SAME_HOSTS.get(host, host)


def own_script(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").lower()
    except (UnicodeError, ValueError):
        return label
