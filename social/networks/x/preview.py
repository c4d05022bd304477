"""How a post looks on X.

Sources: twitter-text 3.1.0 for what is a link, a hashtag, a mention and a cashtag; X's answers for
the words of a link (`display_url`: no scheme, no www, fifteen characters of what follows the host);
X's help, "About X Premium": of a longer post the first 280 characters are shown, then "Show more".
"""

import re
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from ..previews import (
    CASHTAG_MARK,
    HASHTAG_MARK,
    LINK_MARK,
    MENTION_MARK,
    SHOWN_HASHTAG,
    Fold,
    Mark,
    Preview,
    preview_of,
    without_overlaps,
)
from . import rules
from .addresses import addresses
from .text import weighted_length

SHOWN_OF_PATH = 15  # characters
HIDDEN_BEGINNING = re.compile(r"\Ahttps?://(?:www\.)?", re.IGNORECASE)
FOLD = Fold(rules.WEIGHT_LIMIT, _("Show more"))


def preview(text: str, limit: int) -> Preview:
    """`limit` is what a post of the account may weigh."""
    fold = FOLD if limit > rules.WEIGHT_LIMIT else None
    return preview_of(text, lambda words: weighted_length(words) <= limit, marks, fold)


def marks(text: str) -> Iterator[Mark]:
    links = [Mark(*where, LINK_MARK, shown(text[slice(*where)])) for where in addresses(text)]
    others = [
        Mark(*match.span(), kind)
        for kind, pattern in (
            (HASHTAG_MARK, SHOWN_HASHTAG),
            (MENTION_MARK, rules.MENTION),
            (CASHTAG_MARK, rules.CASHTAG),
        )
        for match in pattern.finditer(text)
    ]
    yield from without_overlaps([*links, *others])


def shown(address: str) -> str:
    """An address as X writes it into a post."""
    host, slash, path = HIDDEN_BEGINNING.sub("", address).partition("/")
    rest = slash + path
    return host + (rest if len(rest) <= SHOWN_OF_PATH else f"{rest[:SHOWN_OF_PATH]}…")
