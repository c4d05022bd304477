"""What many texts speak of, and how much. Nothing here reads or writes a row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from importing.states import FRIEND, POST

from .words import hashtags_of, words_of

WORD_TOPIC, HASHTAG_TOPIC, CATEGORY_TOPIC = "word", "hashtag", "category"
TOPIC_SORTS = (WORD_TOPIC, HASHTAG_TOPIC, CATEGORY_TOPIC)
HALF_LIFE_SECONDS = 90 * 86_400  # after which an item counts half as much
OWN_WEIGHT, OTHERS_WEIGHT = 3.0, 1.0  # what they wrote says more than what they liked
ITEMS_NEEDED = {WORD_TOPIC: 3, HASHTAG_TOPIC: 1, CATEGORY_TOPIC: 1}  # that must speak of a topic
TOPICS_OF_A_SORT = 50  # that are kept


@dataclass
class TopicWeights:
    """How much speaks of each topic; a topic is (sort, word)."""

    weights: dict[tuple[str, str], float] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, topics: Iterable[tuple[str, str]], weight: float) -> None:
        """Add one item that speaks of `topics`."""
        for topic in set(topics):
            self.weights[topic] = self.weights.get(topic, 0) + weight
            self.counts[topic] += 1

    def strongest(self) -> Iterator[tuple[str, str, float, int]]:
        """Yield (sort, word, weight, count); of each sort the strongest weighs 1."""
        for sort in TOPIC_SORTS:
            enough = [
                topic
                for topic in self.weights
                if topic[0] == sort and self.counts[topic] >= ITEMS_NEEDED[sort]
            ]
            enough.sort(key=lambda topic: (-self.weights[topic], topic))
            for topic in enough[:TOPICS_OF_A_SORT]:
                weight = self.weights[topic] / self.weights[enough[0]]
                yield *topic, weight, self.counts[topic]


def topics_of(kind: str, text: str, entities: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (sort, word) of everything that one item speaks of."""
    if category := str(entities.get("category") or ""):
        yield CATEGORY_TOPIC, category.lower()[:100]
    if kind != FRIEND and not category:  # those are names
        tags = {str(tag).lower() for tag in entities.get("hashtags") or ()} | hashtags_of(text)
        yield from ((HASHTAG_TOPIC, tag[:100]) for tag in tags)
        yield from ((WORD_TOPIC, word[:100]) for word in words_of(text))


def weight_of(kind: str, created_at: datetime, now: datetime) -> float:
    """Return how much an item counts: less the older it is."""
    age_seconds = max(0.0, (now - created_at).total_seconds())
    weight = OWN_WEIGHT if kind == POST else OTHERS_WEIGHT
    return weight * 0.5 ** (age_seconds / HALF_LIFE_SECONDS)
