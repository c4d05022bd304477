"""How a post looks at a network, before it is there: its words cut into spans.

What a network's `preview.py` finds in a text (links, hashtags) comes in as marks; everything else
is the same for all of them. Only the beginning of a long text is shown, so that none takes long.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from social.words import Words

PREVIEWED_CHARACTERS = 2_000  # of a text; the rest is only counted
WORD_CHARACTERS = 100  # by which that may be less, so that no word is cut
LINK_MARK, HASHTAG_MARK, MENTION_MARK, CASHTAG_MARK = "link", "hashtag", "mention", "cashtag"
SHOWN_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']", re.IGNORECASE)
SHOWN_HASHTAG = re.compile(r"(?<![\w&/#])#(?=\w*[^\W\d_])\w+")
# What belongs to the character before: marks, joiners, tones and flags' tags of emoji.
BELONGS_TO_THE_LAST = re.compile(
    "[\u0300-\u036f\u200d\u20e3\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
JOINER = "\u200d"


class Mark(NamedTuple):
    """A part of a text that a network shows in its own way; `shown` are other words for it."""

    start: int
    end: int
    kind: str
    shown: str = ""


class Span(NamedTuple):
    """Words that look alike. What `is_over` does not fit any more."""

    text: str
    kind: str = ""
    is_over: bool = False


@dataclass(frozen=True)
class Fold:
    """How many characters a network shows before a person asks for the rest, and its word for
    that. What nobody has said (`is_known` False) is only about there."""

    after: int
    word: Words
    is_known: bool = True


@dataclass(frozen=True)
class Preview:
    """`spans` are seen at once, `folded` after a click there; `unseen` characters are not shown
    here at all."""

    spans: tuple[Span, ...]
    folded: tuple[Span, ...] = ()
    fold: Fold | None = None
    unseen: int = 0

    @property
    def is_over(self) -> bool:
        return any(span.is_over for span in (*self.spans, *self.folded))


def preview_of(
    text: str,
    fits: Callable[[str], bool],
    marks: Callable[[str], Iterable[Mark]],
    fold: Fold | None = None,
) -> Preview:
    """`fits` says whether so many words are not too many; `marks` come in their order and do not
    overlap."""
    shown = beginning(text)
    parts = list(parts_of(shown, marks(shown)))
    over = len(shown) if fits(shown) else first_over(shown, fits)
    folds_at = fold.after if fold and len(text) > fold.after else len(shown)
    folds_at = whole_character(shown, folds_at)
    ends = (over, folds_at)
    pieces = [piece for part in parts for piece in cut(part, shown, ends)]
    seen = [Span(words, kind, start >= over) for start, words, kind in pieces if start < folds_at]
    rest = [Span(words, kind, start >= over) for start, words, kind in pieces if start >= folds_at]
    unseen = len(text) - len(shown)
    return Preview(tuple(seen), tuple(rest), fold if rest or unseen else None, unseen)


def beginning(text: str) -> str:
    """So much of it as is shown, with whole words where they are not too long."""
    if len(text) <= PREVIEWED_CHARACTERS:
        return text
    space = re.search(
        r"\s\S*\Z", text[PREVIEWED_CHARACTERS - WORD_CHARACTERS : PREVIEWED_CHARACTERS]
    )
    at = PREVIEWED_CHARACTERS - WORD_CHARACTERS + space.start() if space else PREVIEWED_CHARACTERS
    return text[: whole_character(text, at)]


def first_over(text: str, fits: Callable[[str], bool]) -> int:
    """Where that begins which is too much."""
    too_long = bisect_left(range(1, len(text) + 1), True, key=lambda end: not fits(text[:end]))
    return whole_character(text, too_long)


def whole_character(text: str, at: int) -> int:
    """Not within what is drawn as one: an emoji with its tone, a letter with its accent."""
    while 0 < at < len(text) and (BELONGS_TO_THE_LAST.match(text[at]) or text[at - 1] == JOINER):
        at -= 1
    return at


def parts_of(text: str, marks: Iterable[Mark]) -> Iterator[Mark]:
    """The marks, and what is between them."""
    end = 0
    for mark in marks:
        if mark.start > end:
            yield Mark(end, mark.start, "")
        yield mark
        end = mark.end
    if end < len(text):
        yield Mark(end, len(text), "")


def cut(part: Mark, text: str, ends: tuple[int, ...]) -> Iterator[tuple[int, str, str]]:
    """(start, words, kind) of each piece of `part` between `ends`. A mark stays whole, and counts
    as the piece in which it ends."""
    if part.kind:
        start = max([part.start, *(end for end in ends if end < part.end)])
        yield start, part.shown or text[part.start : part.end], part.kind
        return
    stops = sorted({part.start, part.end, *(end for end in ends if part.start < end < part.end)})
    for start, stop in pairwise(stops):
        yield start, text[start:stop], ""


def plain_marks(text: str) -> Iterator[Mark]:
    """Addresses with their scheme, and hashtags outside of these: as most networks do it."""
    found = [Mark(*match.span(), LINK_MARK) for match in SHOWN_LINK.finditer(text)]
    tags = [Mark(*match.span(), HASHTAG_MARK) for match in SHOWN_HASHTAG.finditer(text)]
    yield from without_overlaps([*found, *tags])


def without_overlaps(marks: Iterable[Mark]) -> Iterator[Mark]:
    """In their order; of two that overlap the one that begins first."""
    end = 0
    for mark in sorted(marks):
        if mark.start >= end:
            yield mark
            end = mark.end
