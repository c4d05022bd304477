"""What a text speaks of: its hashtags and its words. Nothing here reads or writes a row."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from importing.states import FRIEND, POST

WORD, HASHTAG, CATEGORY = "word", "hashtag", "category"
SORTS = (WORD, HASHTAG, CATEGORY)
NOT_WORDS = re.compile(r"https?://\S+|\S+\.\S+/\S*|[@#]\w+")
WORDS = re.compile(r"[^\W\d_][^\W\d_'-]{3,29}")
HALF_LIFE = 90 * 86400  # seconds after which a thing says half as much
OWN, OTHERS = 3.0, 1.0  # what they wrote says more than what they liked
AT_LEAST = {WORD: 3, HASHTAG: 1, CATEGORY: 1}  # items that must speak of it
MOST = 50  # of each sort
COMMON = frozenset(
    "about after again against also always another around because been before being between both "
    "came cannot come could didn does doesn doing done down each even ever every first from gets "
    "going gone good great have haven having here hers into isn it's its itself just keep know "
    "last less like little look looking made make many maybe more most much must need never next "
    "nothing once only other ours over people please really right said same says since some "
    "something still such sure take than thank thanks that that's their them then there these they "
    "thing things think this those through time today tomorrow tonight took under until upon very "
    "want wants wasn week well went were what when where which while will with without won't "
    "would year years yesterday your yours aber alle auch dann dass dein denn dich dies diese "
    "doch eine einen einer eines habe haben hatte hier immer jetzt kann kein keine mehr mein "
    "meine nach nicht noch oder schon sehr sein seine sich sind über unser viel wann warum wenn "
    "werden wieder wird wurde zwischen".split()
)


@dataclass
class Tally:
    """How much speaks of each topic, of (sort, word)."""

    weights: dict[tuple[str, str], float] = field(default_factory=dict)
    counts: Counter = field(default_factory=Counter)

    def add(self, topics: Iterable[tuple[str, str]], weight: float) -> None:
        for topic in set(topics):
            self.weights[topic] = self.weights.get(topic, 0) + weight
            self.counts[topic] += 1

    def strongest(self) -> Iterator[tuple[str, str, float, int]]:
        """(sort, word, weight, count); of each sort the strongest weighs 1."""
        for sort in SORTS:
            enough = [it for it in self.weights if it[0] == sort]
            enough = [it for it in enough if self.counts[it] >= AT_LEAST[sort]]
            enough.sort(key=lambda it: (-self.weights[it], it))
            for topic in enough[:MOST]:
                weight = self.weights[topic] / self.weights[enough[0]]
                yield *topic, weight, self.counts[topic]


def topics_of(kind: str, text: str, entities: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(sort, word) of everything that one item speaks of."""
    if category := str(entities.get("category") or ""):
        yield CATEGORY, category.lower()[:100]
    for tag in entities.get("hashtags") or ():
        yield HASHTAG, str(tag).lower()[:100]
    if kind != FRIEND and not entities.get("category"):  # those are names
        yield from ((WORD, word) for word in words_of(text))


def words_of(text: str) -> list[str]:
    found = (
        word.lower().replace("\u2019", "'") for word in WORDS.findall(NOT_WORDS.sub(" ", text))
    )
    return [word for word in found if word not in COMMON]


def weight_of(kind: str, created_at: datetime, now: datetime) -> float:
    age = max(0.0, (now - created_at).total_seconds())
    return (OWN if kind == POST else OTHERS) * 0.5 ** (age / HALF_LIFE)
