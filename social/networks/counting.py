"""How X counts a text: X's own rules by twitter-text-parser, kept from running for minutes.

Its pattern for addresses takes cubic time on `a.a.a.a…`: a thousand characters are seconds, and a
page counts while a person types. One endless name, or `(a)(a)(a)…` in an address, are as bad.
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
LONG_NAME = re.compile("[.][-0-9A-Za-z_\u00c0-\u024f\u0300-\u036f]{260,}")  # hosts have 253 at most
WORD = re.compile(r"\S{300,}")
MOST_BRACKETS = 20
MANY_MARKS = re.compile("[\u200d\u0300-\u036f]{30,}")  # on one letter; they weigh one each
# Two hundred signs without a space, where one follows that no address has in it and that belongs
# to no sign before it (marks, the parts of an emoji): a space there changes no address.
ENDLESS = re.compile(
    r"[^\s/]{200,260}?(?<!\u200d)(?=[^\s/!#-;=?-\[\]_a-z|~\u00c0-\u052f\u200d\ufe00-\ufe0f"
    r"\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f])"
)


def weighted_length(text: str) -> int:
    """The weight of `text`; whatever comes after the first EXACT characters counts one each.
    Where nothing can be an address or a wide character the library need not look."""
    if text.isascii() and "." not in text and "\r" not in text:
        return len(text)
    head, rest = split(text)
    head = NAMELIKE.sub(without_dots, head)
    head = LONG_NAME.sub(lambda name: "-" + name[0][1:], head)
    head = MANY_MARKS.sub(lambda marks: "-" * len(marks[0]), head)
    head, spaces = ENDLESS.subn(r"\g<0> ", WORD.sub(without_brackets, head))
    return rules()(head).weightedLength + len(rest) - spaces


@cache
def rules() -> Callable[[str], Any]:
    """X's own. Only once a text needs them: they are a third of all that a start loads."""
    return import_module("twitter_text").parse_tweet


def split(text: str) -> tuple[str, str]:
    if len(text) <= EXACT:
        return text, ""
    space = re.compile(r"\s").search(text, EXACT, EXACT + LONGEST_ADDRESS)
    end = space.start() if space else min(len(text), EXACT + LONGEST_ADDRESS)
    if not text[EXACT:end].isascii():  # the pattern takes quadratic time there
        end = EXACT
    return text[:end], text[end:]


def without_dots(run: re.Match[str]) -> str:
    """No host name is like that, so nothing in it is an address; a hyphen weighs the same."""
    return run[0].replace(".", "-") if run[0].count(".") > MOST_DOTS else run[0]


def without_brackets(run: re.Match[str]) -> str:
    """An address has a pair or two. A space weighs the same, and ends an address."""
    return run[0].replace("(", " ") if run[0].count("(") > MOST_BRACKETS else run[0]
