"""Whether what a timeline shows is what we sent: the same words, however they are written there."""

import re
import unicodedata

SCHEME = re.compile(r"https?://", re.IGNORECASE)
HOST = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")  # only from where a word begins
END_OF_ADDRESS = re.compile(r"/(?!\w)")


def match_key(text: str) -> str:
    """Equal for two texts that differ in nothing but what networks change: composed characters,
    white space, and of an address its scheme, the case of its host and a slash at its end."""
    text = SCHEME.sub("", unicodedata.normalize("NFC", text))
    text = HOST.sub(lambda host: host[0].lower(), text)
    return " ".join(END_OF_ADDRESS.sub("", text).split())
