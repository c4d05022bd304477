"""A page of imported items, newest first. It begins where the one before ended, and what it looks
through is bounded, so that it takes as long for a million items as for a thousand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

from ..insights.dashboard import KIND_WORDS
from ..models import ImportedItem
from ..states import KINDS

PAGE = 30
LOOKED_THROUGH = 1_000  # items by one search; then its person says whether to look further back
LONGEST = 100  # characters to search for


@dataclass(frozen=True)
class Wanted:
    """What a person wants to see of theirs."""

    text: str = ""
    kind: str = ""
    timeline: str = ""
    before: int | None = None  # the id of the last item of the page before

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Self:
        kind, before = said.get("kind", ""), said.get("before", "")
        return cls(
            text=said.get("q", "").replace("\x00", "").strip()[:LONGEST],
            kind=kind if kind in KINDS else "",
            timeline=id_in(said.get("of", "")),
            before=int(before) if before.isdecimal() and len(before) < 19 else None,
        )

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return list(KIND_WORDS.items())

    @property
    def is_narrow(self) -> bool:
        return bool(self.text or self.kind or self.timeline)

    @property
    def first(self) -> "Wanted":
        return replace(self, before=None)

    @property
    def query(self) -> str:
        said = {"q": self.text, "kind": self.kind, "of": self.timeline, "before": self.before}
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True)
class Shown:
    items: Sequence[ImportedItem]
    further: Wanted | None = None  # where it goes on
    looked_back_to: datetime | None = None  # when a search stopped before the end


def browse(user: Any, wanted: Wanted) -> Shown:
    rows = ImportedItem.objects.of(user)
    if wanted.timeline:
        rows = rows.filter(timeline=wanted.timeline)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    last = wanted.before and ImportedItem.objects.of(user).filter(pk=wanted.before).first()
    rows = (rows.before(last) if last else rows).newest_first()
    return search(rows, wanted) if wanted.text else page_of(rows, wanted)


def page_of(rows: Any, wanted: Wanted) -> Shown:
    found = list(with_place(rows)[: PAGE + 1])
    further = replace(wanted, before=found[PAGE - 1].pk) if len(found) > PAGE else None
    return Shown(found[:PAGE], further)


def search(rows: Any, wanted: Wanted) -> Shown:
    """Among the next so many. An index of words would make every import slower, for a page that
    few open."""
    ids = list(rows.values_list("pk", flat=True)[:LOOKED_THROUGH])
    among = ImportedItem.objects.filter(pk__in=ids, text__icontains=wanted.text)
    shown = page_of(among.newest_first(), wanted)
    if shown.further or len(ids) < LOOKED_THROUGH:
        return shown
    last = ImportedItem.objects.get(pk=ids[-1])
    return Shown(shown.items, replace(wanted, before=last.pk), last.created_at)


def with_place(rows: Any) -> Any:
    return rows.select_related("timeline__channel", "timeline__connection")


def id_in(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""
