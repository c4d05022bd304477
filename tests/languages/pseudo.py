"""The language, and what stands outside of it in a page."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from gettext import NullTranslations
from html.parser import HTMLParser
from unittest.mock import patch

from django.utils.translation import activate, override, trans_real

OPENS, CLOSES = "⟦", "⟧"
CONTEXT_ENDS = "\x04"  # of a message, in Django's keys
READ_OUT = ("title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-label")
NOT_SHOWN = ("script", "style", "textarea")  # what people wrote is in the last
LETTER = re.compile(r"[^\W\d_]")


class PseudoLanguage(NullTranslations):
    """Takes the place of the catalog of a language."""

    domain = "django"

    def gettext(self, message: str) -> str:
        return f"{OPENS}{message.rpartition(CONTEXT_ENDS)[2]}{CLOSES}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def language(self) -> str:
        return "en"

    to_language = language


@contextmanager
def pseudo_language() -> Iterator[None]:
    """All of this process speaks it, its live server too."""
    pseudo = PseudoLanguage()
    with (
        override("en"),  # the last that ends: what was spoken before comes from its own catalog
        patch.object(trans_real, "_default", pseudo),
        patch.dict(trans_real._translations, {"en": pseudo}),
    ):
        activate("en")
        yield


class Texts(HTMLParser):
    """Collects what a page shows and what it has read out. `running` is its text from the first to
    the last word, `attributes` stand by themselves."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.running: list[str] = []
        self.attributes: list[str] = []
        self.hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in NOT_SHOWN
        values = dict(attrs)
        names = [name for name in READ_OUT if name in values]
        if tag == "input" and values.get("type") in ("submit", "button", "reset"):
            names.append("value")
        self.attributes += [values[name] or "" for name in names]

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in NOT_SHOWN

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.running.append(data)


def outside(texts: Iterable[str]) -> list[str]:
    """What of these stands outside of brackets, where one text's may end in another. Raises
    AssertionError where they do not end at all: something cut a message."""
    depth, left = 0, []
    for text in texts:
        kept = ""
        for letter in text:
            depth += (letter == OPENS) - (letter == CLOSES)
            kept += letter if not depth and letter != CLOSES else "\n" if letter == CLOSES else ""
        left += [" ".join(part.split()) for part in kept.split("\n")]
    assert not depth, f"A message is cut in {texts}"
    return [text for text in left if text]


def unmarked(page: str, data: Iterable[str]) -> list[str]:
    """What a page shows that is neither marked for translation nor `data`: what people wrote,
    names, numbers and times."""
    texts = Texts(page)
    left = outside(texts.running)
    for attribute in texts.attributes:
        left += outside([attribute])
    known = {" ".join(text.split()) for text in data} - {""}
    return sorted({text for text in left if not is_data(text, known)})


def is_data(text: str, known: Collection[str]) -> bool:
    """Whether nothing but data is in it; the end of a known one may be cut off."""
    if text.endswith("…") and any(whole.startswith(text[:-1].rstrip()) for whole in known):
        return True
    return not LETTER.search(pattern_of(frozenset(known)).sub(" ", text))


@lru_cache(maxsize=8)
def pattern_of(known: frozenset[str]) -> re.Pattern[str]:
    """Any of these as whole words, the longest that fits."""
    wholes = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{wholes})(?!\w)")
