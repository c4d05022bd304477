"""Whether what a timeline shows is what we sent: the same words, however they are written there."""

import re
import unicodedata

from social.networks.reading import PICTURE

SCHEME = re.compile(r"https?://", re.IGNORECASE)
HOST = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")  # only from where a word begins
END_OF_ADDRESS = re.compile(r"/(?!\w)")


def exact(text: str) -> str:
    """Equal for two texts that were the same, letter for letter."""
    return unicodedata.normalize("NFC", text).strip()


def match_key(text: str) -> str:
    """Equal for two texts that differ in nothing but what networks change: composed characters,
    white space, and of an address its scheme, the case of its host and a slash at its end."""
    text = PICTURE.sub("", unicodedata.normalize("NFC", text))  # X hides them, whosever they are
    text = SCHEME.sub("", text)
    text = HOST.sub(lambda host: host[0].lower(), text)
    return " ".join(END_OF_ADDRESS.sub("", text).split())
