"""How X counts a text: twitter-text 3.1.0 with version 3 of its configuration.

A letter weighs one or two, an emoji two, an address 23, however long they are. Every step takes
linear time: a page counts while a person types, and anybody may send anything.
"""

import re
import unicodedata

from .addresses import addresses
from .emoji import SEQUENCE

ADDRESS_WEIGHT, EMOJI_WEIGHT = 23, 2
HEAVY = re.compile("[^\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


def weighted_length(text: str) -> int:
    """The weight of `text`, of which X takes 280. A line may end as browsers write it."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if text.isascii() and "." not in text:
        return len(text)
    weight, position = 0, 0
    for start, end in addresses(text):
        weight += weight_of_words(text[position:start]) + ADDRESS_WEIGHT
        position = end
    return weight + weight_of_words(text[position:])


def weight_of_words(text: str) -> int:
    text, emoji = SEQUENCE.subn("", text)
    return EMOJI_WEIGHT * emoji + len(text) + len(HEAVY.findall(text))
