"""Where the bars of a chart stand. The style sheet says what they look like; what they mean stands
beside them, in words and in a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Self

CHART_WIDTH, CHART_HEIGHT = 900.0, 180.0
SHARE_HEIGHT = 12.0
WEEK_CELL = 20.0  # an hour of a week, as wide as it is high
WEEK_LEVELS = 4
BAR_SHARE = 0.72  # of the room that a column has
LEAST_BAR_HEIGHT = 2.0  # what is there can be seen


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str

    @classmethod
    def rounded(cls, x: float, y: float, width: float, height: float, kind: str) -> Self:
        """Return a bar whose numbers are short enough to be written down."""
        return cls(round(x, 2), round(y, 2), round(width, 2), round(height, 2), kind)


@dataclass(frozen=True)
class Column:
    """A day or an hour: its parts (kind, number) from the ground up, and its label."""

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

    @property
    def total(self) -> int:
        return sum(column.total for column in self.columns)

    @property
    def highest(self) -> Column | None:
        """The first of the highest, if there is anything at all."""
        best = max(self.columns, key=lambda column: column.total, default=None)
        return best if best and best.total else None

    @property
    def axis_labels(self) -> list[str]:
        """What stands under it: the first, the middle and the last."""
        labels = [column.label for column in self.columns]
        return [labels[0], labels[len(labels) // 2], labels[-1]] if labels else []

    @property
    def half(self) -> int:
        """What its middle stands for."""
        return self.top // 2


def column_chart(rows: Sequence[Column]) -> Chart:
    """Return a chart of columns beside each other, each of its parts on the one before."""
    top = rounded_up(max((column.total for column in rows), default=0))
    room = CHART_WIDTH / max(1, len(rows))
    bars = []
    for number, column in enumerate(rows):
        ground = CHART_HEIGHT
        for kind, value in column.parts:
            if not value:
                continue
            height = max(LEAST_BAR_HEIGHT, CHART_HEIGHT * value / top)
            ground = max(0.0, ground - height)
            left = room * (number + (1 - BAR_SHARE) / 2)
            bars.append(Bar.rounded(left, ground, room * BAR_SHARE, height, kind))
    return Chart(rows, bars, top)


def share_chart(parts: Sequence[tuple[str, int]]) -> Chart:
    """Return a chart of one bar from left to right, divided as its parts are."""
    total = sum(number for _, number in parts)
    bars, left = [], 0.0
    for kind, number in parts:
        if number:
            width = CHART_WIDTH * number / total
            bars.append(Bar.rounded(left, 0.0, width, SHARE_HEIGHT, kind))
            left += width
    return Chart([Column("", tuple(parts))], bars, total)


def week_chart(numbers: Sequence[int]) -> list[Bar]:
    """Return a bar for each hour of a week, days below each other: its kind says by its level, from
    0 to 4, how much of the highest number it has."""
    most = max(numbers, default=0)
    bars = []
    for hour, number in enumerate(numbers):
        row, column = divmod(hour, 24)
        level = ceil(WEEK_LEVELS * number / most) if number else 0
        side = WEEK_CELL - 2
        place = (column * WEEK_CELL, row * WEEK_CELL, side, side)
        bars.append(Bar.rounded(*place, f"level-{level}"))
    return bars


def rounded_up(number: int) -> int:
    """Return an even number of its size that is not below it, so that the half of it is a number
    too."""
    if number <= 2:
        return 2
    size = 10 ** floor(log10(number))
    step = next(step for step in (1, 2, 4, 6, 8, 10) if step * size >= number)
    return int(step * size)
