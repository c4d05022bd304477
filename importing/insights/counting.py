"""Counting what a person sent and imported. Runs in jobs only, and reads everything anew: what is
counted little by little goes wrong little by little."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.utils import timezone

from importing.reading.item import ImportedItem, ImportedItemQuerySet
from publishing.models import Delivery, PostTag, Tag
from publishing.posts.times import zone_of
from publishing.states import DONE, SENT
from social.people import AnyUser

DAYS_KEPT = 90  # that are counted one by one
BEST_POSTS = 5
WAITS_KEPT = 20_000  # of the latest deliveries, for their median
RESULTS_KEPT = 20_000  # of the latest posts whose likes are known, for the hours they went out at
BEST_HOURS = 3
POSTS_AN_HOUR = 3  # at least, before anything is said of that hour of the week
WEEK_HOURS = 7 * 24
COUNTED_REACTIONS = ("likes", "replies", "reposts", "views")  # of an item; None where nobody says
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
    week: list[int] = field(default_factory=lambda: [0] * WEEK_HOURS)
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
            self.week[hour_of_week(local)] += 1
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
        "week": counts.week,
        "best_hours": best_hours(user, zone),
        "likes_known": known_likes(user),
        "tags": results_by_tag(user),
        "items": items_by_kind(user),
        "best": [item_as_json(item) for item in best_items(user)],
    }


def hour_of_week(local: datetime) -> int:
    """Return which hour of its week that is; 0 is the first one of a Monday."""
    return local.weekday() * 24 + local.hour


def best_hours(user: AnyUser, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return the hours of the week whose posts were liked most, by their median: those with enough
    posts to say anything."""
    rows = posts_with_likes(user).order_by("-created_at", "-id")
    by_hour: dict[int, list[int]] = defaultdict(list)
    for finished_at, likes in rows.values_list("delivery__finished_at", "likes")[:RESULTS_KEPT]:
        if finished_at is not None and likes is not None:
            by_hour[hour_of_week(finished_at.astimezone(zone))].append(likes)
    enough = {hour: those for hour, those in by_hour.items() if len(those) >= POSTS_AN_HOUR}
    best = sorted(((-median(those), hour) for hour, those in enough.items()))[:BEST_HOURS]
    return [
        {"hour": hour, "likes": -likes, "posts": len(enough[hour])} for likes, hour in best if likes
    ]


def posts_with_likes(user: AnyUser) -> ImportedItemQuerySet:
    """Select what they sent and what is there, where its network says how often it is liked."""
    ours = ImportedItem.objects.of(user).posts().filter(delivery__isnull=False)
    return ours.filter(likes__isnull=False, gone_at=None)


def known_likes(user: AnyUser) -> int:
    return posts_with_likes(user).order_by().count()


def results_by_tag(user: AnyUser) -> dict[str, dict[str, Any]]:
    """Return for each tag how many of its posts were sent, and what these brought: a sum, and of
    how many it is known."""
    sent = PostTag.objects.filter(tag__in=Tag.objects.of(user), post__deliveries__state=SENT)
    items = "post__deliveries__imported__"
    numbers: dict[str, Any] = {"posts": Count("post", distinct=True)}
    for name in COUNTED_REACTIONS:
        numbers |= {name: Sum(f"{items}{name}"), f"{name}_known": Count(f"{items}{name}")}
    counted = sent.order_by().values("tag__public_id").annotate(**numbers)
    rows = counted.values_list("tag__public_id", *numbers)
    return {str(tag): dict(zip(numbers, row, strict=True)) for tag, *row in rows}


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
