"""Which of the addresses in a post Facebook shows a card of. Knows no SDK.

Graph makes no card, and not even a link, of an address that stands in the words alone: it is named
beside them, one a post, and none where the post has pictures.
"""

import re
from urllib.parse import urlsplit

from . import sentences

LINK_IN_TEXT = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']", re.IGNORECASE)
# Graph takes none of its own addresses there: "Cannot post Facebook.com links" (R Postiz, 1609008).
OWN_HOSTS = re.compile(r"(.+\.)?(facebook\.com|fb\.com|fb\.me|fb\.watch|fb\.gg)\.?")
NO_CARD = "none"  # a choice
MOST_ADDRESSES = 20  # to choose from


def card_addresses(text: str) -> tuple[str, ...]:
    """Those of which it could show a card, each once, in their order."""
    found = dict.fromkeys(LINK_IN_TEXT.findall(text))
    return tuple(address for address in found if not is_own(address))[:MOST_ADDRESSES]


def card_choices(text: str) -> tuple[tuple[str, str], ...]:
    """(value, word) of what a person may choose for a post of these words, besides the first."""
    addresses = ((address, address) for address in card_addresses(text))
    return ((NO_CARD, str(sentences.NO_CARD_LABEL)), *addresses)


def card_address(text: str, chosen: str) -> str:
    """The one that it is to show: the first, unless another one or none was `chosen`; empty where
    there is none. What the words do not have any more is not chosen."""
    addresses = card_addresses(text)
    if chosen == NO_CARD or not addresses:
        return ""
    return chosen if chosen in addresses else addresses[0]


def is_own(address: str) -> bool:
    """Whether it leads to Facebook, or is none at all."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return True
    return not host or OWN_HOSTS.fullmatch(host.lower()) is not None
