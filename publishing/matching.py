"""Whether what a timeline shows is what we sent: the same words, however they are written there."""

import re
import unicodedata
from itertools import pairwise

from social.networks.reading import PICTURE

SCHEME = re.compile(r"https?://", re.IGNORECASE)
HOST = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")  # only from where a word begins
MANY_MARKS = re.compile(r"\W{100}")  # no mark counts as a letter
END_OF_ADDRESS = re.compile(r"/(?!\w)")


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
    white space, and of an address its scheme, the case of its host and a slash at its end."""
    text = PICTURE.sub("", composed(text))  # X hides them, whosever they are
    text = SCHEME.sub("", text)
    text = HOST.sub(lambda host: host[0].lower(), text)
    return " ".join(END_OF_ADDRESS.sub("", text).split())
