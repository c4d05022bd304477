"""How X counts a text: X's own rules by twitter-text-parser, kept from running for minutes.

Its pattern for addresses takes cubic time on `a.a.a.a…`: a thousand characters are seconds, and a
page counts while a person types.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

LONGEST_ADDRESS = 4096  # what X takes for one address
EXACT = 2000  # characters counted by the rules, up to the end of a word
NAMELIKE = re.compile(r"[^\s/]{60,}")
MOST_DOTS = 10


def weighted_length(text: str) -> int:
    """The weight of `text`; whatever comes after the first EXACT characters counts one each.
    Where nothing can be an address or a wide character the library need not look."""
    if text.isascii() and "." not in text and "\r" not in text:
        return len(text)
    head, rest = split(text)
    return rules()(NAMELIKE.sub(without_dots, head)).weightedLength + len(rest)


@cache
def rules() -> Callable[[str], Any]:
    """X's own. Only once a text needs them: they are a third of all that a start loads."""
    return import_module("twitter_text").parse_tweet


def split(text: str) -> tuple[str, str]:
    if len(text) <= EXACT:
        return text, ""
    space = re.compile(r"\s").search(text, EXACT, EXACT + LONGEST_ADDRESS)
    end = space.start() if space else min(len(text), EXACT + LONGEST_ADDRESS)
    return text[:end], text[end:]


def without_dots(run: re.Match[str]) -> str:
    """No host name is like that, so nothing in it is an address; a hyphen weighs the same."""
    return run[0].replace(".", "-") if run[0].count(".") > MOST_DOTS else run[0]
