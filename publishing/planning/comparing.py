"""Two states of a draft beside each other, for people: what was said then and now, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext

from publishing.posts.extras import PREFIX
from social.networks import NETWORKS

from .fields import OWN_TEXT, Fields, texts_of

WORDS_COMPARED = 300  # between what is the same at both ends; more are shown as a whole
CLOCK_SHOWN = {"when": "now", "at": "", "slot": ""}  # as a page begins
DIFF_WORDS = re.compile(r"\s*\S+|\s+")


@dataclass(frozen=True)
class DiffPart:
    """Some words in a row: `kind` is same, added or removed."""

    kind: str
    words: str


def word_diff(old: str, new: str) -> list[DiffPart]:
    """What became of the words of `old`."""
    before, after = DIFF_WORDS.findall(old), DIFF_WORDS.findall(new)
    start = same_at_start(before, after)
    end = same_at_start(before[start:][::-1], after[start:][::-1])
    middle = before[start : len(before) - end], after[start : len(after) - end]
    parts = [part_of("same", before[:start]), *changed(*middle)]
    parts.append(part_of("same", before[len(before) - end :]))
    return [part for part in parts if part.words]


def same_at_start(before: list[str], after: list[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(before, after, strict=False))
    shorter = min(len(before), len(after))
    return next((number for number, (one, other) in pairs if one != other), shorter)


def changed(before: list[str], after: list[str]) -> Iterator[DiffPart]:
    """The same for what is another thing at both ends. Comparing takes the square of its length."""
    if max(len(before), len(after)) > WORDS_COMPARED:
        yield from (part_of("removed", before), part_of("added", after))
        return
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield part_of("same", before[i:j])
        else:
            yield from (part_of("removed", before[i:j]), part_of("added", after[k:m]))


def part_of(kind: str, words: list[str]) -> DiffPart:
    return DiffPart(kind, "".join(words))


@dataclass(frozen=True)
class Compared:
    """One of the texts of a draft, then and now."""

    label: str  # of its network; empty for what all say
    old: str
    new: str

    @property
    def parts(self) -> list[DiffPart]:
        return word_diff(self.old, self.new)


def compared(old: Fields, new: Fields) -> list[Compared]:
    """Each text that either has."""
    before, after = texts_of(old), texts_of(new)
    names = [name for name in {**before, **after} if before.get(name) or after.get(name)]
    return [Compared(label_of(n), before.get(n, ""), after.get(n, "")) for n in names]


def label_of(name: str) -> str:
    own = OWN_TEXT.fullmatch(name)
    return NETWORKS[own[1]].label if own and own[1] in NETWORKS else ""


def other_differences(old: Fields, new: Fields) -> list[str]:
    """What else is another thing, in words."""
    return list(dict.fromkeys(others(old, new)))


def others(old: Fields, new: Fields) -> Iterator[str]:
    if old.get("media", []) != new.get("media", []) or alts(old) != alts(new):
        yield gettext("the pictures")
    if old.get("channels", []) != new.get("channels", []):
        yield gettext("where it goes")
    if old.get("tags", []) != new.get("tags", []):
        yield gettext("the tags")
    if any(old.get(name, [now]) != new.get(name, [now]) for name, now in CLOCK_SHOWN.items()):
        yield gettext("the time")
    extras = {name for name in (*old, *new) if name.startswith(PREFIX)}
    if any(old.get(name, [""]) != new.get(name, [""]) for name in extras):
        yield gettext("what is chosen for a network")


def alts(fields: Fields) -> dict[str, list[str]]:
    return {name: fields[name] for name in fields if name.startswith("alt_")}
