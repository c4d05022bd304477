"""How far a timeline was read: what is known, what is being read, and what was left out.

A timeline is read from its newest item down to what is known. Nothing here asks a network or writes
a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from django.utils import timezone

from social.networks.shapes import Item, Known, Page

KEPT_ANCHORS = 20  # ids at the top of a list without since_id: the first may be gone later
KEPT_GAPS = 10
EMPTY_PAGES_IN_A_ROW = 40  # networks show 32 of what they hide at most
LARGEST_PAGE = 1000  # items; more than any network gives
PLAIN_FIELDS = ("page_token", "page_size", "pages", "cycle_guard", "empty_pages", "token_lost")


@dataclass(frozen=True)
class Gap:
    """A part of a timeline that is still to be read, from `before` (None: its newest item) down to
    `after` (None: its oldest), or to one of the ids in `stops`."""

    page_token: str = ""  # the network's, of the page that comes next
    after: Known | None = None
    before: Known | None = None
    stops: tuple[str, ...] = ()
    top: Known | None = None  # the newest item that this reading has seen
    top_ids: tuple[str, ...] = ()  # the first ids that it has seen
    page_size: int = 0  # items a page, where longer answers were too long; 0: as many as usual
    pages: int = 0  # that were read of it
    cycle_guard: str = ""  # the token of one of them: tokens that lead back to it go in a circle
    empty_pages: int = 0  # in a row
    token_lost: bool = False  # its page token was refused before

    @classmethod
    def load(cls, stored: dict[str, Any]) -> Self:
        """Return the gap that `dump` wrote."""
        plain = {name: stored[name] for name in PLAIN_FIELDS if name in stored}
        return cls(
            after=load_known(stored.get("after")),
            before=load_known(stored.get("before")),
            top=load_known(stored.get("top")),
            stops=tuple(stored.get("stops", ())),
            top_ids=tuple(stored.get("top_ids", ())),
            **plain,
        )

    def dump(self) -> dict[str, Any]:
        """Return it as JSON, without what is empty."""
        ends = {name: dump_known(getattr(self, name)) for name in ("after", "before", "top")}
        lists = {"stops": list(self.stops), "top_ids": list(self.top_ids)}
        fields = {name: getattr(self, name) for name in PLAIN_FIELDS} | ends | lists
        return {name: value for name, value in fields.items() if value}

    def below(self, page: Page) -> Self:
        """Return what is left of it below `page`."""
        items, pages = page.items, self.pages + 1
        is_power_of_two = not pages & (pages - 1)  # so a circle of any length comes round to one
        return replace(
            self,
            page_token=page.mark,
            pages=pages,
            cycle_guard=page.mark if is_power_of_two else self.cycle_guard,
            empty_pages=0 if page.read else self.empty_pages + 1,
            before=known(items[-1]) if items else self.before,
            top=self.top or (known(items[0]) if items else None),
            top_ids=(*self.top_ids, *(item.remote_id for item in items))[:KEPT_ANCHORS],
            # The next page may be shorter.
            page_size=self.page_size * 2 if self.page_size < LARGEST_PAGE else 0,
        )

    def ends_with(self, page: Page) -> bool:
        """Return whether `page` is the last one, has reached what is known, or leads nowhere."""
        ids = {name for item in page.items for name in (item.remote_id, *item.former_ids)}
        repeats = len(ids) > 1 and self.before and page.items[-1].remote_id == self.before.remote_id
        cycles = page.mark in (self.page_token, self.cycle_guard) or repeats
        leads_nowhere = cycles or self.empty_pages >= EMPTY_PAGES_IN_A_ROW
        return not page.mark or bool(leads_nowhere) or not ids.isdisjoint(self.stops)


@dataclass(frozen=True)
class TimelineCursor:
    """How far one timeline was read."""

    newest: Known | None = None
    anchors: tuple[str, ...] = ()
    reading: Gap | None = None  # from the top, and not at its end yet
    gaps: tuple[Gap, ...] = ()  # left out when a limit of ours was reached; the newest first

    @classmethod
    def load(cls, stored: dict[str, Any]) -> Self:
        """Return the cursor that `dump` wrote."""
        return cls(
            newest=load_known(stored.get("newest")),
            anchors=tuple(stored.get("anchors", ())),
            reading=Gap.load(stored["reading"]) if "reading" in stored else None,
            gaps=tuple(Gap.load(gap) for gap in stored.get("gaps", ())),
        )

    def dump(self) -> dict[str, Any]:
        """Return it as JSON, without what is empty."""
        fields: dict[str, Any] = {
            "gaps": [gap.dump() for gap in self.gaps],
            "newest": dump_known(self.newest),
            "anchors": list(self.anchors),
        }
        fields = {name: value for name, value in fields.items() if value}
        return fields | ({"reading": self.reading.dump()} if self.reading else {})

    @property
    def next_gap(self) -> Gap | None:
        """What is to be read next: what is new goes before what was left out."""
        return self.reading or (self.gaps[0] if self.gaps else None)

    def begin(self, after: Known | None, by_id: bool) -> Self:
        """Read from the top, unless an unfinished reading goes on. `after` lies a little below the
        newest that is known: what was there may have changed."""
        if self.reading:
            return self
        return replace(self, reading=Gap(after=after) if by_id else Gap(stops=self.anchors))

    def after_page(self, page: Page) -> Self:
        """Return it with `page` stored. The newest id moves only when what is new was read to its
        end."""
        gap = self._gap()
        rest = gap.below(page)
        if not gap.ends_with(page):
            return self._with(rest)
        return self._closed(rest) if self.reading else replace(self, gaps=self.gaps[1:])

    def without_token(self, by_id: bool) -> Self:
        """Go on although the network does not know our page token any more: below the last item
        that is known, or from the top again where a list has no such ends."""
        if by_id:
            gap = self._gap()
            return self._with(replace(gap, page_token="", token_lost=not gap.before))
        if self.reading:
            return replace(self, reading=Gap(stops=self.reading.stops, token_lost=True))
        return replace(self, newest=None, anchors=(), gaps=())

    def narrowed(self, page_size: int) -> Self:
        """Ask for at most so many items a page from now on."""
        return self._with(replace(self._gap(), page_size=page_size))

    def postponed(self) -> Self:
        """A limit of ours is reached: the rest of what is being read is a gap from now on."""
        if not self.reading or not self.reading.top:
            return self
        rest = replace(self.reading, top=None, top_ids=())
        return replace(self._closed(self.reading), gaps=merged([rest, *self.gaps]))

    def _gap(self) -> Gap:
        gap = self.next_gap
        if gap is None:
            raise ValueError("nothing is being read")
        return gap

    def _with(self, rest: Gap) -> Self:
        if self.reading:
            return replace(self, reading=rest)
        return replace(self, gaps=(rest, *self.gaps[1:]))

    def _closed(self, done: Gap) -> Self:
        anchors = tuple(dict.fromkeys((*done.top_ids, *self.anchors)))[:KEPT_ANCHORS]
        return replace(self, newest=done.top or self.newest, anchors=anchors, reading=None)


def merged(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Make one of the two oldest gaps when there are too many, with what lies between them: nothing
    is lost."""
    if len(gaps) <= KEPT_GAPS:
        return tuple(gaps)
    *others, upper, lower = gaps
    return (*others, replace(upper, after=lower.after, stops=lower.stops))


def known(item: Item) -> Known:
    """Return where `item` stands in its timeline."""
    return Known(item.remote_id, item.created_at or timezone.now())


def load_known(stored: list[str] | None) -> Known | None:
    """Return the place that `dump_known` wrote."""
    return Known(stored[0], datetime.fromisoformat(stored[1])) if stored else None


def dump_known(known: Known | None) -> list[str] | None:
    """Return a place in a timeline as JSON."""
    return [known.remote_id, known.at.isoformat()] if known else None
