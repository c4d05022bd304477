"""What a person said lately, wherever we know it from: imported posts, and what was sent here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F

from importing.models.item import ImportedItem
from publishing.deliveries.matching import match_key
from publishing.models import Delivery
from publishing.states import SENT

MOST = 3_000  # posts, of each of the two


@dataclass(frozen=True)
class Said:
    text: str
    at: datetime
    network: str
    reactions: int = 0
    item: ImportedItem | None = None
    post: int | None = None  # of ours; it may have been said in other words elsewhere

    @cached_property
    def key(self) -> str:
        return match_key(self.text)

    @property
    def is_own(self) -> bool:
        """Words of their own that can be said again: not an answer, nor somebody else's."""
        return bool(self.text.strip()) and not self.text.lstrip().startswith(("@", "RT @"))


def said_since(user: Any, since: datetime) -> list[Said]:
    items = ImportedItem.objects.of(user).posts().filter(created_at__gte=since, gone_at=None)
    imported = [
        Said(item.text, item.created_at, item.network_name, item.reactions, item, item.post)
        for item in items.annotate(post=F("delivery__post_id")).newest_first()[:MOST]
    ]
    return imported + [
        Said(own or text, at, network, post=post)
        for own, text, at, network, post in sent_since(user, since)
    ]


def keys_before(user: Any, before: datetime) -> Iterator[tuple[str, str]]:
    """(network, key) of what is older; also of what is gone by now."""
    older = ImportedItem.objects.of(user).posts().filter(created_at__lt=before).newest_first()
    for network, text in older.values_list("network_name", "text")[:MOST]:
        yield network, match_key(text)


def sent_since(user: Any, since: datetime) -> Iterable[tuple[Any, ...]]:
    """What no import has seen yet."""
    sent = Delivery.objects.of(user).filter(state=SENT, finished_at__gte=since, imported=None)
    latest = sent.order_by("-finished_at")[:MOST]
    return latest.values_list("text", "post__text", "finished_at", "network_name", "post_id")
