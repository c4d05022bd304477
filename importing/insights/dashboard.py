"""The numbers of a person as a page shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from publishing.states import CANCELED, FAILED, SENT
from social.networks import NETWORKS

from ..charts import Chart, Column, columns, share
from ..models import Statistics

SPANS = (30, 90)
ENDS = {SENT: "Sent", FAILED: "Failed", CANCELED: "Canceled"}
KIND_WORDS = {
    "post": "Your own posts",
    "like": "What you liked",
    "friend": "Whom you follow, and friends",
    "home": "Your home timeline",
}


@dataclass(frozen=True)
class Outcome:
    """What became of all that went to one network."""

    label: str
    name: str
    numbers: dict[str, int]
    chart: Chart

    @property
    def total(self) -> int:
        return sum(self.numbers.values())

    @property
    def told(self) -> list[tuple[str, str, int]]:
        return [(end, ENDS[end], number) for end, number in self.numbers.items() if number]


@dataclass(frozen=True)
class Dashboard:
    row: Statistics
    today: date
    span: int
    spans: tuple[int, ...] = SPANS
    numbers: dict[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.numbers.get("outcomes") and not self.numbers.get("items")

    @property
    def networks(self) -> list[Any]:
        """Those that something went to."""
        seen = self.numbers.get("outcomes", {})
        return [network for name, network in NETWORKS.items() if name in seen]

    @property
    def median(self) -> str:
        return in_words(self.numbers.get("median"))

    @property
    def items(self) -> int:
        return sum(self.numbers.get("items", {}).values())

    @property
    def days(self) -> Chart:
        """Sent a day, by network, and what failed on top of it."""
        return columns(list(self._days()))

    @property
    def day_kinds(self) -> list[tuple[str, str]]:
        return [*((name, network.label) for name, network in NETWORKS.items()), (FAILED, "Failed")]

    @property
    def days_said(self) -> str:
        chart = self.days
        sent = sum(number for c in chart.columns for kind, number in c.parts if kind != FAILED)
        busiest = f"; most of it on {chart.highest.label}" if chart.highest else ""
        return (
            f"Columns for {self.span} days: {sent:,} sent, {chart.total - sent:,} failed{busiest}."
        )

    def _days(self) -> Iterator[Column]:
        kept = self.numbers.get("days", {})
        for back in range(self.span - 1, -1, -1):
            day = self.today - timedelta(days=back)
            said = kept.get(day.isoformat(), {})
            parts = [(name, said.get(name, {}).get(SENT, 0)) for name in NETWORKS]
            failed = sum(ends.get(FAILED, 0) for ends in said.values())
            yield Column(f"{day.day} {day:%b}", (*parts, (FAILED, failed)))

    @property
    def hours(self) -> Chart:
        said = self.numbers.get("hours") or [0] * 24
        return columns(
            [Column(f"{hour:02}:00", (("hour", number),)) for hour, number in enumerate(said)]
        )

    hour_kinds = (("hour", "Posts"),)

    @property
    def hours_said(self) -> str:
        best = self.hours.highest
        most = f"most of them after {best.label}" if best else "none yet"
        return f"Columns for the 24 hours of the day: {self.hours.total:,} posts, {most}."

    @property
    def outcomes(self) -> list[Outcome]:
        told = []
        for network in self.networks:
            said = self.numbers["outcomes"][network.name]
            numbers = {end: said.get(end, 0) for end in ENDS}
            told.append(Outcome(network.label, network.name, numbers, share(list(numbers.items()))))
        return told

    @property
    def imported(self) -> list[tuple[str, int]]:
        said = self.numbers.get("items", {})
        return [(word, said[kind]) for kind, word in KIND_WORDS.items() if said.get(kind)]

    @property
    def best(self) -> list[dict[str, Any]]:
        """With its time as a time."""
        said = self.numbers.get("best", [])
        return [post | {"at": datetime.fromisoformat(post["at"])} for post in said]


def in_words(seconds: float | None) -> str:
    """A short time as a person says it."""
    if seconds is None:
        return "none yet"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
