"""Counting what a person sent and imported. Runs in jobs only, and reads everything anew: what is
counted little by little goes wrong little by little."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.utils import timezone

from importing.models.item import ImportedItem
from publishing.models import Delivery
from publishing.posts.times import zone_of
from publishing.states import DONE, SENT

Numbers = dict[str, Any]

DAYS = 90  # that are kept one by one
BEST = 5
WAITS = 20_000  # of the latest deliveries, for their median
FIELDS = ("post_id", "post__text", "text", "network_name", "state", "due_at", "finished_at")


@dataclass
class Tally:
    """What is counted while deliveries pass by, post after post."""

    zone: ZoneInfo
    since: date  # the first day that is kept by itself
    posts: int = 0
    words: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # (network, state)
    days: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (day, network, state)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    waits: list[float] = field(default_factory=list)  # seconds, of the kept days
    last_post: int = 0  # the one that was counted as sent

    def see(self, row: tuple[Any, ...]) -> None:
        post, said, own, network, state, due_at, finished_at = row
        self.outcomes[network, state] += 1
        local = finished_at.astimezone(self.zone)
        if state == SENT and post != self.last_post:
            self.last_post = post
            self.posts += 1
            self.words += len((said or own).split())
            self.hours[local.hour] += 1
        if local.date() >= self.since:
            self.days[local.date().isoformat(), network, state] += 1
            if state == SENT and len(self.waits) < WAITS:
                self.waits.append(max(0.0, (finished_at - due_at).total_seconds()))


def count(user: Any, now: datetime | None = None) -> Numbers:
    """Everything that the page of numbers shows, as JSON."""
    zone = ZoneInfo(zone_of(user))
    today = (now or timezone.now()).astimezone(zone).date()
    tally = Tally(zone, since=today - timedelta(days=DAYS - 1))
    for row in ended(user):
        tally.see(row)
    return {
        "posts": tally.posts,
        "words": tally.words,
        "median": round(median(tally.waits), 1) if tally.waits else None,
        "outcomes": nested(tally.outcomes),
        "days": nested(tally.days),
        "hours": tally.hours,
        "items": items_of(user),
        "best": [shown(item) for item in best_of(user)],
    }


def ended(user: Any) -> Iterator[tuple[Any, ...]]:
    """A post's together, the latest post first, and of those what was sent first."""
    done = Delivery.objects.of(user).filter(state__in=DONE)
    return done.order_by("-post_id", "finished_at").values_list(*FIELDS).iterator()


def items_of(user: Any) -> dict[str, int]:
    """kind → how many are stored; by an index that holds nothing else."""
    kinds = ImportedItem.objects.of(user).order_by().values_list("kind")
    return dict(kinds.annotate(number=Count("pk")))


def best_of(user: Any) -> list[ImportedItem]:
    """What was heard best of all that they ever posted."""
    best = ImportedItem.objects.of(user).best().filter(reactions__gt=0, gone_at=None)
    return list(best.select_related("timeline__channel")[:BEST])


def shown(item: ImportedItem) -> dict[str, Any]:
    return {
        "text": item.text[:300],
        "url": item.url,
        "channel": str(item.timeline.channel.name),
        "network": item.network.label,
        "likes": item.likes or 0,
        "reposts": item.reposts or 0,
        "at": item.created_at.isoformat(),
    }


def nested(counter: Counter[Any]) -> dict[str, Any]:
    """{(a, b): n} as {a: {b: n}}, for JSON."""
    told: dict[str, Any] = {}
    for path, number in sorted(counter.items()):
        at = told
        for name in path[:-1]:
            at = at.setdefault(name, {})
        at[path[-1]] = number
    return told
