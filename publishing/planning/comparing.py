"""Two states of a draft beside each other, for people: what was said then and now, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext

from publishing.posts.extras import PREFIX
from social.networks import NETWORKS

from .fields import OWN_TEXT, Fields, texts_of

WORDS_COMPARED = 4_000  # of a text; a longer one is shown as a whole
PARTS = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Part:
    """Some words in a row: `kind` is same, added or removed."""

    kind: str
    words: str


def word_diff(old: str, new: str) -> list[Part]:
    """What became of the words of `old`."""
    before, after = PARTS.findall(old), PARTS.findall(new)
    if max(len(before), len(after)) > WORDS_COMPARED:
        return [Part("removed", old), Part("added", new)] if old != new else [Part("same", new)]
    parts = []
    for kind, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(Part("same", "".join(after[k:m])))
            continue
        parts += [Part("removed", "".join(before[i:j]))] if j > i else []
        parts += [Part("added", "".join(after[k:m]))] if m > k else []
    return parts


@dataclass(frozen=True)
class Compared:
    """One of the texts of a draft, then and now."""

    label: str  # of its network; empty for what all say
    old: str
    new: str

    @property
    def parts(self) -> list[Part]:
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
    if any(old.get(name) != new.get(name) for name in ("when", "at")):
        yield gettext("the time")
    extras = {name for name in (*old, *new) if name.startswith(PREFIX)}
    if any(old.get(name, [""]) != new.get(name, [""]) for name in extras):
        yield gettext("what is chosen for a network")


def alts(fields: Fields) -> dict[str, list[str]]:
    return {name: fields[name] for name in fields if name.startswith("alt_")}
