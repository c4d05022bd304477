"""What a person posted before, wherever we know it from: imported posts, and what was sent here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F

from importing.reading.item import ImportedItem
from publishing.deliveries.matching import match_key
from publishing.models import Delivery
from publishing.states import SENT
from social.people import AnyUser

POSTS_READ = 3_000  # of the imported ones, and of those that were sent here


@dataclass(frozen=True)
class PastPost:
    """A post that was at one network at some moment."""

    text: str
    at: datetime
    network_name: str
    reactions: int = 0
    item: ImportedItem | None = None
    post_id: int | None = None  # of ours; elsewhere it may have had other words

    @classmethod
    def of_item(cls, item: ImportedItem, post_id: int | None = None) -> "PastPost":
        return cls(item.text, item.created_at, item.network_name, item.reactions, item, post_id)

    @cached_property
    def key(self) -> str:
        """The same for the same words, whatever networks make of them."""
        return match_key(self.text)

    @property
    def is_own(self) -> bool:
        """Words of their own that can be said again: not an answer, nor somebody else's."""
        return bool(self.text.strip()) and not self.text.lstrip().startswith(("@", "RT @"))


def past_posts(user: AnyUser, since: datetime) -> list[PastPost]:
    """Return what they posted since that moment and is still there, as far as we know."""
    items = ImportedItem.objects.of(user).posts().filter(created_at__gte=since, gone_at=None)
    items = items.annotate(post_id=F("delivery__post_id")).newest_first()[:POSTS_READ]
    imported = [PastPost.of_item(item, item.post_id) for item in items]
    return imported + [
        PastPost(own_text or text, at, network_name, post_id=post_id)
        for own_text, text, at, network_name, post_id in sent_since(user, since)
    ]


def keys_before(user: AnyUser, before: datetime) -> Iterator[tuple[str, str]]:
    """Yield (network name, key) of what is older; also of what is gone by now."""
    older = ImportedItem.objects.of(user).posts().filter(created_at__lt=before).newest_first()
    for network_name, text in older.values_list("network_name", "text")[:POSTS_READ]:
        yield network_name, match_key(text)


def sent_since(user: AnyUser, since: datetime) -> Iterable[tuple[Any, ...]]:
    """Return what was sent here and no import has seen yet."""
    sent = Delivery.objects.of(user).filter(state=SENT, finished_at__gte=since, imported=None)
    latest = sent.order_by("-finished_at")[:POSTS_READ]
    return latest.values_list("text", "post__text", "finished_at", "network_name", "post_id")
