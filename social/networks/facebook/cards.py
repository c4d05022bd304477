"""Which of the addresses in a post Facebook shows a card of. Knows no SDK.

Graph makes no card, and not even a link, of an address that stands in the words alone: it is named
beside them, one a post, and none where the post has pictures.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..link_cards import LinkCards

LINK_IN_TEXT = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']", re.IGNORECASE)
# Graph takes none of its own addresses there: "Cannot post Facebook.com links" (R Postiz, 1609008).
OWN_HOSTS = re.compile(r"(.+\.)?(facebook\.com|fb\.com|fb\.me|fb\.watch|fb\.gg)\.?")


def addresses_in(text: str) -> Iterator[str]:
    return (address for address in LINK_IN_TEXT.findall(text) if not is_own(address))


def is_own(address: str) -> bool:
    """Whether it leads to Facebook, or is none at all."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return True
    return not host or OWN_HOSTS.fullmatch(host.lower()) is not None


LINK_CARDS = LinkCards(addresses_in)
