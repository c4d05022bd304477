"""How far a timeline was read: what is known, what is being read, and what was left out.

A timeline is read from its newest item down to what is known. Nothing here asks a network or writes
a row.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from social.networks.base import Known

ANCHORS = 20  # ids at the top of a list that has no since_id: the first of them may be gone later


@dataclass(frozen=True)
class Stretch:
    """A part of a timeline that is to be read, from `before` (empty: its newest) down to `after`
    (empty: its oldest); `mark` is the network's, of the page that comes next."""

    mark: str = ""
    after: Known | None = None
    before: Known | None = None
    top: Known | None = None  # the newest that this reading has seen
    seen: tuple[str, ...] = ()  # the ids at its top

    @classmethod
    def load(cls, said: dict[str, Any]) -> Self:
        ends = {name: load_known(said.get(name)) for name in ("after", "before", "top")}
        return cls(mark=said.get("mark", ""), seen=tuple(said.get("seen", ())), **ends)

    def dump(self) -> dict[str, Any]:
        ends = {name: dump_known(getattr(self, name)) for name in ("after", "before", "top")}
        said = {"mark": self.mark, "seen": list(self.seen), **ends}
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Cursor:
    newest: Known | None = None
    anchors: tuple[str, ...] = ()
    reading: Stretch | None = None  # from the top, and not at its end yet
    gaps: tuple[Stretch, ...] = ()  # left out when a limit of ours was reached

    @classmethod
    def load(cls, said: dict[str, Any]) -> Self:
        return cls(
            newest=load_known(said.get("newest")),
            anchors=tuple(said.get("anchors", ())),
            reading=Stretch.load(said["reading"]) if said.get("reading") else None,
            gaps=tuple(Stretch.load(gap) for gap in said.get("gaps", ())),
        )

    def dump(self) -> dict[str, Any]:
        said = {
            "newest": dump_known(self.newest),
            "anchors": list(self.anchors),
            "reading": self.reading.dump() if self.reading else None,
            "gaps": [gap.dump() for gap in self.gaps],
        }
        return {name: value for name, value in said.items() if value}


def load_known(said: list[str] | None) -> Known | None:
    return Known(said[0], datetime.fromisoformat(said[1])) if said else None


def dump_known(known: Known | None) -> list[str] | None:
    return [known.remote_id, known.at.isoformat()] if known else None
