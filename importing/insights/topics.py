"""What many texts speak of, and how much. Nothing here reads or writes a row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from importing.insights.words import hashtags_of, words_of
from importing.states import FRIEND, POST

WORD, HASHTAG, CATEGORY = "word", "hashtag", "category"
SORTS = (WORD, HASHTAG, CATEGORY)
HALF_LIFE = 90 * 86400  # seconds after which a thing says half as much
OWN, OTHERS = 3.0, 1.0  # what they wrote says more than what they liked
AT_LEAST = {WORD: 3, HASHTAG: 1, CATEGORY: 1}  # items that must speak of it
MOST = 50  # of each sort


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
    if kind != FRIEND and not category:  # those are names
        tags = {str(tag).lower() for tag in entities.get("hashtags") or ()} | hashtags_of(text)
        yield from ((HASHTAG, tag[:100]) for tag in tags)
        yield from ((WORD, word[:100]) for word in words_of(text))


def weight_of(kind: str, created_at: datetime, now: datetime) -> float:
    age = max(0.0, (now - created_at).total_seconds())
    return (OWN if kind == POST else OTHERS) * 0.5 ** (age / HALF_LIFE)
