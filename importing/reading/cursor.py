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

ANCHORS = 20  # ids at the top of a list that has no since_id: the first of them may be gone later
MOST_GAPS = 10
MOST_IDLE = 40  # pages; networks show 32 of what they hide at most
PLAIN = ("mark", "size", "pages", "landmark", "idle", "again")
MOST_A_PAGE = 1000  # items; more than any network gives


@dataclass(frozen=True)
class Stretch:
    """A part of a timeline that is to be read, from `before` (empty: its newest) down to `after`
    (empty: its oldest), or to one of `stops`. `mark` is the network's, of the page that comes
    next."""

    mark: str = ""
    after: Known | None = None
    before: Known | None = None
    stops: tuple[str, ...] = ()
    top: Known | None = None  # the newest that this reading has seen
    seen: tuple[str, ...] = ()  # the ids at its top
    size: int = 0  # items a page at most, where longer answers were too long; 0: as many as usual
    pages: int = 0  # of it that were read
    landmark: str = ""  # the mark of one of them: marks that come round to it lead nowhere
    idle: int = 0  # pages in a row that had nothing
    again: bool = False  # its mark was lost before

    @classmethod
    def load(cls, said: dict[str, Any]) -> Self:
        ends = {name: load_known(said.get(name)) for name in ("after", "before", "top")}
        lists = {name: tuple(said.get(name, ())) for name in ("stops", "seen")}
        rest = {name: said[name] for name in PLAIN if name in said}
        return cls(**rest, **ends, **lists)

    def dump(self) -> dict[str, Any]:
        ends = {name: dump_known(getattr(self, name)) for name in ("after", "before", "top")}
        lists = {"stops": list(self.stops), "seen": list(self.seen)}
        said = {name: getattr(self, name) for name in PLAIN} | ends | lists
        return {name: value for name, value in said.items() if value}

    def took(self, page: Page) -> Self:
        """What is left of it below `page`."""
        items, pages = page.items, self.pages + 1
        is_power = not pages & (pages - 1)  # so a circle of any length comes round to one
        return replace(
            self,
            mark=page.mark,
            pages=pages,
            landmark=page.mark if is_power else self.landmark,
            idle=0 if page.read else self.idle + 1,
            before=known(items[-1]) if items else self.before,
            top=self.top or (known(items[0]) if items else None),
            seen=(*self.seen, *(item.remote_id for item in items))[:ANCHORS],
            size=self.size * 2 if self.size < MOST_A_PAGE else 0,  # the next may be shorter
        )

    def ends_with(self, page: Page) -> bool:
        """The last page, or it has reached what is known; or pages that lead nowhere."""
        ids = {name for item in page.items for name in (item.remote_id, *item.former_ids)}
        same = len(ids) > 1 and self.before and page.items[-1].remote_id == self.before.remote_id
        astray = page.mark in (self.mark, self.landmark) or self.idle >= MOST_IDLE or same
        return not page.mark or bool(astray) or not ids.isdisjoint(self.stops)


@dataclass(frozen=True)
class Cursor:
    newest: Known | None = None
    anchors: tuple[str, ...] = ()
    reading: Stretch | None = None  # from the top, and not at its end yet
    gaps: tuple[Stretch, ...] = ()  # left out when a limit of ours was reached; the newest first

    @classmethod
    def load(cls, said: dict[str, Any]) -> Self:
        return cls(
            newest=load_known(said.get("newest")),
            anchors=tuple(said.get("anchors", ())),
            reading=Stretch.load(said["reading"]) if "reading" in said else None,
            gaps=tuple(Stretch.load(gap) for gap in said.get("gaps", ())),
        )

    def dump(self) -> dict[str, Any]:
        said: dict[str, Any] = {"gaps": [gap.dump() for gap in self.gaps]}
        said |= {"newest": dump_known(self.newest), "anchors": list(self.anchors)}
        said = {name: value for name, value in said.items() if value}
        return said | ({"reading": self.reading.dump()} if self.reading else {})

    @property
    def stretch(self) -> Stretch | None:
        """What is to be read next: what is new goes before what was left out."""
        return self.reading or (self.gaps[0] if self.gaps else None)

    def begin(self, after: Known | None, by_id: bool) -> Self:
        """Read from the top, unless an unfinished reading goes on. `after` lies a little below the
        newest that is known: what was there may have changed."""
        if self.reading:
            return self
        stretch = Stretch(after=after) if by_id else Stretch(stops=self.anchors)
        return replace(self, reading=stretch)

    def took(self, page: Page) -> Self:
        """With this page stored. The newest id moves only when what is new was read to its end."""
        stretch, rest = self.stretch, self.stretch.took(page)
        if not stretch.ends_with(page):
            return self._with(rest)
        return self._closed(rest) if self.reading else replace(self, gaps=self.gaps[1:])

    def lost(self, by_id: bool) -> Self:
        """The network does not know our mark any more. It is read on from the last item that is
        known; where a list has no such ends, from its top again."""
        if by_id:
            return self._with(replace(self.stretch, mark="", again=not self.stretch.before))
        if self.reading:
            return replace(self, reading=Stretch(stops=self.reading.stops, again=True))
        return Cursor(gaps=())

    def narrowed(self, size: int) -> Self:
        """Pages of this stretch have `size` items at most from now on."""
        return self._with(replace(self.stretch, size=size))

    def left(self) -> Self:
        """A limit of ours is reached: the rest of what is being read is a gap from now on."""
        if not self.reading or not self.reading.top:
            return self
        rest = replace(self.reading, top=None, seen=())
        return replace(self._closed(self.reading), gaps=merged([rest, *self.gaps]))

    def _with(self, rest: Stretch) -> Self:
        if self.reading:
            return replace(self, reading=rest)
        return replace(self, gaps=(rest, *self.gaps[1:]))

    def _closed(self, done: Stretch) -> Self:
        anchors = tuple(dict.fromkeys((*done.seen, *self.anchors)))[:ANCHORS]
        return replace(self, newest=done.top or self.newest, anchors=anchors, reading=None)


def merged(gaps: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """Of too many the two oldest become one, with what lies between them: nothing is lost."""
    if len(gaps) <= MOST_GAPS:
        return tuple(gaps)
    *others, upper, lower = gaps
    return (*others, replace(upper, after=lower.after, stops=lower.stops))


def known(item: Item) -> Known:
    return Known(item.remote_id, item.created_at or timezone.now())


def load_known(said: list[str] | None) -> Known | None:
    return Known(said[0], datetime.fromisoformat(said[1])) if said else None


def dump_known(known: Known | None) -> list[str] | None:
    return [known.remote_id, known.at.isoformat()] if known else None
