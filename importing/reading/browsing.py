"""A page of imported items, newest first. It begins where the one before ended, and what it looks
through is bounded, so that it takes as long for a million items as for a thousand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from importing.states import KIND_LABELS, TIMELINE_KINDS
from social.people import AnyUser
from social.words import Words

from .item import ImportedItem, ImportedItemQuerySet

ITEMS_PER_PAGE = 30
ITEMS_SEARCHED = 1_000  # at a time; then its person says whether to look further back
SEARCH_LENGTH = 100  # characters


@dataclass(frozen=True)
class ItemFilter:
    """What a person wants to see of their items."""

    text: str = ""
    kind: str = ""
    timeline: str = ""
    before: int | None = None  # the id of the last item of the page before

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        """Return what the query of an address says, without what is nonsense."""
        kind, before = query.get("kind", ""), query.get("before", "")
        return cls(
            text=query.get("q", "").replace("\x00", "").strip()[:SEARCH_LENGTH],
            kind=kind if kind in TIMELINE_KINDS else "",
            timeline=uuid_in(query.get("of", "")),
            before=int(before) if before.isdecimal() and len(before) < 19 else None,
        )

    @property
    def kinds(self) -> list[tuple[str, Words]]:
        return list(KIND_LABELS.items())

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.kind or self.timeline)

    @property
    def first(self) -> "ItemFilter":
        """The same from the newest item on."""
        return replace(self, before=None)

    @property
    def query(self) -> str:
        fields = {"q": self.text, "kind": self.kind, "of": self.timeline, "before": self.before}
        return urlencode({name: value for name, value in fields.items() if value})


@dataclass(frozen=True)
class ItemPage:
    """What one page shows."""

    items: Sequence[ImportedItem]
    further: ItemFilter | None = None  # where it goes on
    searched_back_to: datetime | None = None  # when a search stopped before the end


def browse(user: AnyUser, wanted: ItemFilter) -> ItemPage:
    """Return the page of this person's items that `wanted` describes."""
    rows = ImportedItem.objects.of(user)
    if wanted.timeline:
        rows = rows.filter(timeline__pk=wanted.timeline)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    last = wanted.before and ImportedItem.objects.of(user).filter(pk=wanted.before).first()
    rows = (rows.before(last) if last else rows).newest_first()
    return search(rows, wanted) if wanted.text else page_of(rows, wanted)


def page_of(rows: ImportedItemQuerySet, wanted: ItemFilter) -> ItemPage:
    items = list(rows.with_timeline()[: ITEMS_PER_PAGE + 1])
    further = None
    if len(items) > ITEMS_PER_PAGE:
        further = replace(wanted, before=items[ITEMS_PER_PAGE - 1].pk)
    return ItemPage(items[:ITEMS_PER_PAGE], further)


def search(rows: ImportedItemQuerySet, wanted: ItemFilter) -> ItemPage:
    """Search the next so many. An index of words would make every import slower, for a page that
    few open."""
    ids = list(rows.values_list("pk", flat=True)[:ITEMS_SEARCHED])
    matches = ImportedItem.objects.filter(pk__in=ids, text__icontains=wanted.text)
    page = page_of(matches.newest_first(), wanted)
    if page.further or len(ids) < ITEMS_SEARCHED:
        return page
    last = ImportedItem.objects.get(pk=ids[-1])
    return ItemPage(page.items, replace(wanted, before=last.pk), last.created_at)


def uuid_in(text: str) -> str:
    """Return `text` as an id; empty when it is none."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
