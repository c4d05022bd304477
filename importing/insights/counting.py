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

from importing.reading.item import ImportedItem
from publishing.models import Delivery
from publishing.posts.times import zone_of
from publishing.states import DONE, SENT
from social.people import AnyUser

DAYS_KEPT = 90  # that are counted one by one
BEST_POSTS = 5
WAITS_KEPT = 20_000  # of the latest deliveries, for their median
DELIVERY_COLUMNS = (
    "post_id", "post__text", "text", "network_name", "state", "due_at", "finished_at",
)  # fmt: skip


@dataclass
class DeliveryCounts:
    """What is counted while ended deliveries pass by, post after post."""

    zone: ZoneInfo
    since: date  # the first day that is counted by itself
    posts: int = 0
    words: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)  # (network, state)
    days: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (day, network, state)
    hours: list[int] = field(default_factory=lambda: [0] * 24)
    waits: list[float] = field(default_factory=list)  # seconds, of the kept days
    last_post: int = 0  # the one that was counted as sent

    def add(self, row: tuple[Any, ...]) -> None:
        """Count one delivery: the values of DELIVERY_COLUMNS."""
        post, post_text, own_text, network, state, due_at, finished_at = row
        self.outcomes[network, state] += 1
        local = finished_at.astimezone(self.zone)
        if state == SENT and post != self.last_post:
            self.last_post = post
            self.posts += 1
            self.words += len((post_text or own_text).split())
            self.hours[local.hour] += 1
        if local.date() >= self.since:
            self.days[local.date().isoformat(), network, state] += 1
            if state == SENT and len(self.waits) < WAITS_KEPT:
                self.waits.append(max(0.0, (finished_at - due_at).total_seconds()))


def count(user: AnyUser, now: datetime | None = None) -> dict[str, Any]:
    """Return everything that the page of numbers shows, as JSON."""
    zone = ZoneInfo(zone_of(user))
    today = (now or timezone.now()).astimezone(zone).date()
    counts = DeliveryCounts(zone, since=today - timedelta(days=DAYS_KEPT - 1))
    for row in ended_deliveries(user):
        counts.add(row)
    return {
        "posts": counts.posts,
        "words": counts.words,
        "median": round(median(counts.waits), 1) if counts.waits else None,
        "outcomes": nested(counts.outcomes),
        "days": nested(counts.days),
        "hours": counts.hours,
        "items": items_by_kind(user),
        "best": [item_as_json(item) for item in best_items(user)],
    }


def ended_deliveries(user: AnyUser) -> Iterator[tuple[Any, ...]]:
    """Yield a post's deliveries together, the latest post first, and of those what was sent
    first."""
    done = Delivery.objects.of(user).filter(state__in=DONE)
    return done.order_by("-post_id", "finished_at").values_list(*DELIVERY_COLUMNS).iterator()


def items_by_kind(user: AnyUser) -> dict[str, int]:
    """Return for each kind how many items are stored; by an index that holds nothing else."""
    kinds = ImportedItem.objects.of(user).order_by().values_list("kind")
    return dict(kinds.annotate(number=Count("pk")))


def best_items(user: AnyUser) -> list[ImportedItem]:
    """Return what was heard best of all that they ever posted."""
    best = ImportedItem.objects.of(user).best().filter(reactions__gt=0, gone_at=None)
    return list(best.select_related("timeline__channel")[:BEST_POSTS])


def item_as_json(item: ImportedItem) -> dict[str, Any]:
    return {
        "text": item.text[:300],
        "url": item.url,
        "channel": item.timeline.owner.name,
        "network": item.network.label,
        "likes": item.likes or 0,
        "reposts": item.reposts or 0,
        "at": item.created_at.isoformat(),
    }


def nested(counter: Counter[Any]) -> dict[str, Any]:
    """Return {(a, b): n} as {a: {b: n}}, for JSON."""
    tree: dict[str, Any] = {}
    for path, number in sorted(counter.items()):
        branch = tree
        for name in path[:-1]:
            branch = branch.setdefault(name, {})
        branch[path[-1]] = number
    return tree
