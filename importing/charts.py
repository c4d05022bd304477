"""Where the bars of a chart stand. What they look like is the style sheet's; what they mean is said
beside them, in words and in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

WIDTH, HEIGHT = 900.0, 180.0
FILLED = 0.72  # of the room that a column has
LEAST = 2.0  # what is there can be seen


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str = ""


@dataclass(frozen=True)
class Column:
    """A day, an hour: (kind, number) from the ground up, and what it is called."""

    label: str
    parts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(number for _, number in self.parts)


@dataclass(frozen=True)
class Chart:
    columns: Sequence[Column]
    bars: Sequence[Bar]
    top: int  # what the upper edge stands for
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def total(self) -> int:
        return sum(column.total for column in self.columns)

    @property
    def highest(self) -> Column | None:
        """The first of the highest, if there is anything at all."""
        best = max(self.columns, key=lambda column: column.total, default=None)
        return best if best and best.total else None

    @property
    def marks(self) -> list[str]:
        """What stands under it: the first, the middle and the last."""
        labels = [column.label for column in self.columns]
        return [labels[0], labels[len(labels) // 2], labels[-1]] if labels else []

    @property
    def middle(self) -> float:
        return self.height / 2

    @property
    def half(self) -> int:
        """What its middle stands for."""
        return self.top // 2


def columns(rows: Sequence[Column]) -> Chart:
    """Columns beside each other, each of its parts on the one before."""
    top = rounded_up(max((column.total for column in rows), default=0))
    room = WIDTH / max(1, len(rows))
    bars = []
    for number, column in enumerate(rows):
        ground = HEIGHT
        for kind, value in column.parts:
            if not value:
                continue
            height = max(LEAST, HEIGHT * value / top)
            ground = max(0.0, ground - height)
            left = room * (number + (1 - FILLED) / 2)
            bars.append(Bar(cut(left), cut(ground), cut(room * FILLED), cut(height), kind))
    return Chart(rows, bars, top)


def share(parts: Sequence[tuple[str, int]], width: float = WIDTH, height: float = 12.0) -> Chart:
    """One bar from left to right, divided as its parts are."""
    total = sum(number for _, number in parts)
    bars, left = [], 0.0
    for kind, number in parts:
        if number:
            long = width * number / total
            bars.append(Bar(cut(left), 0.0, cut(long), height, kind))
            left += long
    return Chart([Column("", tuple(parts))], bars, total, width, height)


def rounded_up(number: int) -> int:
    """To an even number of its size, so that the half of it is a number too."""
    if number <= 2:
        return 2
    size = 10 ** floor(log10(number))
    step = next(step for step in (1, 2, 4, 6, 8, 10) if step * size >= number)
    return int(step * size)


def cut(number: float) -> float:
    return round(number, 2)
