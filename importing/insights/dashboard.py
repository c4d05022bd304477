"""The numbers of a person as a page shows them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from importing.charts import Bar, Chart, Column, column_chart, share_chart, week_chart
from importing.states import KIND_LABELS
from publishing.models import Tag
from publishing.states import CANCELED, FAILED, SENT
from social.networks import NETWORKS
from social.words import Words

from .counting import COUNTED_REACTIONS, WEEK_HOURS
from .statistics import Statistics

SPANS = (30, 90)  # days
END_LABELS = {SENT: _("Sent"), FAILED: _("Failed"), CANCELED: _("Canceled")}


@dataclass(frozen=True)
class NetworkOutcomes:
    """What became of all that went to one network."""

    label: str
    numbers: dict[str, int]  # of deliveries, by the state in which they ended
    chart: Chart

    @property
    def total(self) -> int:
        return sum(self.numbers.values())

    @property
    def legend(self) -> list[tuple[str, Words, int]]:
        """(state, label, number) of what there is."""
        return [(end, END_LABELS[end], number) for end, number in self.numbers.items() if number]


@dataclass(frozen=True)
class TagResults:
    """What the posts of one tag have brought."""

    tag: Tag
    posts: int  # that were sent
    averages: list[float | None]  # for each of COUNTED_REACTIONS; None where nobody tells
    share: int = 0  # of the likes of the tag that has most, in hundredths

    @property
    def likes(self) -> float | None:
        return self.averages[COUNTED_REACTIONS.index("likes")]


@dataclass(frozen=True)
class BestHour:
    """An hour of the week whose posts were liked much."""

    words: str
    likes: float  # their median
    posts: int


@dataclass(frozen=True)
class Dashboard:
    """The page of numbers, of `span` days until `today`."""

    row: Statistics
    today: date
    span: int
    spans = SPANS
    hour_kinds = (("hour", _("Posts")),)

    @property
    def numbers(self) -> dict[str, Any]:
        return self.row.numbers

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
        return duration_in_words(self.numbers.get("median"))

    @property
    def items(self) -> int:
        return sum(self.numbers.get("items", {}).values())

    @property
    def days(self) -> Chart:
        """What was sent a day, by network, and what failed on top of it."""
        return column_chart(list(self._day_columns()))

    @property
    def day_kinds(self) -> list[tuple[str, str]]:
        return [
            *((name, network.label) for name, network in NETWORKS.items()),
            (FAILED, gettext("Failed")),
        ]

    @property
    def days_summary(self) -> str:
        """What the chart of days shows, in a sentence."""
        chart = self.days
        sent = sum(number for c in chart.columns for kind, number in c.parts if kind != FAILED)
        sentence = gettext("Columns for {days} days: {sent:,} sent, {failed:,} failed.")
        if chart.highest:
            sentence = gettext(
                "Columns for {days} days: {sent:,} sent, {failed:,} failed; most of it on {day}."
            )
        return sentence.format(
            days=self.span,
            sent=sent,
            failed=chart.total - sent,
            day=chart.highest and chart.highest.label,
        )

    def _day_columns(self) -> Iterator[Column]:
        days = self.numbers.get("days", {})
        for days_ago in range(self.span - 1, -1, -1):
            day = self.today - timedelta(days=days_ago)
            by_network = days.get(day.isoformat(), {})
            parts = [(name, by_network.get(name, {}).get(SENT, 0)) for name in NETWORKS]
            failed = sum(ends.get(FAILED, 0) for ends in by_network.values())
            yield Column(date_format(day, "j M"), (*parts, (FAILED, failed)))

    @property
    def hours(self) -> Chart:
        """How many posts went out in each hour of the day."""
        numbers = self.numbers.get("hours") or [0] * 24
        return column_chart(
            [Column(f"{hour:02}:00", (("hour", number),)) for hour, number in enumerate(numbers)]
        )

    @property
    def hours_summary(self) -> str:
        """What the chart of hours shows, in a sentence."""
        highest, total = self.hours.highest, self.hours.total
        if not highest:
            sentence = gettext("Columns for the 24 hours of the day: {count:,} posts, none yet.")
            return sentence.format(count=total)
        sentence = ngettext(
            "Columns for the 24 hours of the day: {count:,} posts, most of them after {hour}.",
            "Columns for the 24 hours of the day: {count:,} posts, most of them after {hour}.",
            total,
        )
        return sentence.format(count=total, hour=highest.label)

    @property
    def week_bars(self) -> list[Bar]:
        """How many posts went out in each hour of the week; nothing where that was not counted."""
        return week_chart(self.numbers.get("week", []))

    @property
    def week_days(self) -> list[str]:
        return [str(WEEKDAYS_ABBR[day]) for day in range(7)]

    @property
    def week_kinds(self) -> list[tuple[int, str]]:
        return [(day, str(WEEKDAYS[day])) for day in range(7)]

    @property
    def week_columns(self) -> list[Column]:
        """The same as the rows of a table: an hour of the day, and how many on each weekday."""
        numbers = self.numbers.get("week", [0] * WEEK_HOURS)
        return [
            Column(f"{hour:02}:00", tuple((str(d), numbers[d * 24 + hour]) for d in range(7)))
            for hour in range(24)
        ]

    @property
    def week_summary(self) -> str:
        """What the chart of the week shows, in a sentence."""
        numbers = self.numbers.get("week", [])
        if not any(numbers):
            return gettext("The hours of a week: nothing was sent yet.")
        most = max(range(len(numbers)), key=lambda hour: numbers[hour])
        sentence = ngettext(
            "The hours of a week: most often {when}, {count:,} post.",
            "The hours of a week: most often {when}, {count:,} posts.",
            numbers[most],
        )
        return sentence.format(when=hour_in_words(most), count=numbers[most])

    @property
    def best_hours(self) -> list[BestHour]:
        """When what was liked most went out."""
        rows = self.numbers.get("best_hours", [])
        return [BestHour(hour_in_words(r["hour"]), r["likes"], r["posts"]) for r in rows]

    @property
    def likes_known(self) -> str:
        """Of how much of what was sent it is known how often it is liked, in a sentence."""
        sent = sum(ends.get(SENT, 0) for ends in self.numbers.get("outcomes", {}).values())
        sentence = gettext(
            "The likes of {known:,} of {sent:,} are known. What was not read back yet, or where the"
            " network does not tell, is left out."
        )
        return sentence.format(known=self.numbers.get("likes_known", 0), sent=sent)

    @property
    def tags(self) -> list[TagResults]:
        """The user's tags beside each other, what was liked most first."""
        counted = self.numbers.get("tags", {})
        tags = [tag for tag in Tag.objects.of(self.row.user_id) if str(tag.public_id) in counted]
        rows = [results_of(tag, counted[str(tag.public_id)]) for tag in tags]
        most = max((row.likes or 0 for row in rows), default=0)
        rows = [replace(row, share=round(100 * (row.likes or 0) / (most or 1))) for row in rows]
        return sorted(rows, key=lambda row: (-(row.likes or 0), row.tag.name))

    @property
    def outcomes(self) -> list[NetworkOutcomes]:
        outcomes = []
        for network in self.networks:
            counted = self.numbers["outcomes"][network.name]
            numbers = {end: counted.get(end, 0) for end in END_LABELS}
            chart = share_chart(list(numbers.items()))
            outcomes.append(NetworkOutcomes(network.label, numbers, chart))
        return outcomes

    @property
    def imported(self) -> list[tuple[Words, int]]:
        """(label, number) of each kind of items that there are."""
        items = self.numbers.get("items", {})
        return [(label, items[kind]) for kind, label in KIND_LABELS.items() if items.get(kind)]

    @property
    def best(self) -> list[dict[str, Any]]:
        """The posts that were heard best, with their time as a time."""
        posts = self.numbers.get("best", [])
        return [post | {"at": datetime.fromisoformat(post["at"])} for post in posts]


def results_of(tag: Tag, counted: dict[str, Any]) -> TagResults:
    """Return what each of its posts brought on average, where that is known of any."""
    averages = [
        counted[name] / counted[f"{name}_known"] if counted[f"{name}_known"] else None
        for name in COUNTED_REACTIONS
    ]
    return TagResults(tag, counted["posts"], averages)


def hour_in_words(hour: int) -> str:
    """Return an hour of the week as people name it."""
    day, clock = divmod(hour, 24)
    sentence = gettext("{day}, {start:02}:00 to {end:02}:00")
    return sentence.format(day=WEEKDAYS[day], start=clock, end=(clock + 1) % 24)


def duration_in_words(seconds: float | None) -> str:
    """Return a short time as a person says it."""
    if seconds is None:
        return gettext("none yet")
    if seconds < 60:
        number = f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"
        return gettext("{number} s").format(number=number)
    if seconds < 3600:
        return gettext("{number:.0f} min").format(number=seconds / 60)
    return gettext("{number:.1f} h").format(number=seconds / 3600)
