"""A suggestion: something a person could say next, and why just now. Jobs find them and ask the
networks whether what they speak of is still there; a page only chooses one."""

import logging
import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.brokers import get_broker

from importing.prompts import PLAIN
from importing.suggestions import Candidate, candidates
from social.networks.errors import NetworkError

from .item import ImportedItem

logger = logging.getLogger(__name__)

RESTED = timedelta(days=60)  # after it was used
TRUSTED = timedelta(days=3)  # after its post was seen at the network
CHECKED = 10  # that are asked for at a time
MOST = 60  # that a person has at a time
SHOWN = 20  # that a page lists
KINDS = ("best", "anniversary", "elsewhere", "rising", "liked", "interest", "hour", "plain")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def with_all(self) -> Self:
        return self.select_related(
            "item__timeline__channel__connection", "item__timeline__connection"
        )

    def alive(self) -> Self:
        """Nobody has dismissed it for good, or used it lately."""
        unused = Q(used_at=None) | Q(used_at__lt=timezone.now() - RESTED)
        return self.filter(unused, dismissed_at=None)

    def ready(self) -> Self:
        """May be shown: it is the time for it, and what it speaks of was there lately."""
        now = timezone.now()
        timely = Q(fresh_until=None) | Q(fresh_until__gt=now)
        return self.alive().filter(timely, Q(item=None) | Q(checked_at__gte=now - TRUSTED))

    def unchecked(self) -> Self:
        """Of something that its network has to be asked for first."""
        old = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - TRUSTED / 2)
        return self.alive().filter(old, item__isnull=False)

    def named(self, public_id: str) -> "Suggestion | None":
        """By what an address says; None for whatever is none of these."""
        try:
            return self.filter(public_id=uuid.UUID(public_id)).first()
        except ValueError:
            return None

    # ── what a page does ──────────────────────────────────────────────────────────────────────
    def choose(self, user: Any) -> "Suggestion | None":
        """One at random, and never the same twice in a row. Plain ones only when there is nothing
        better. Two statements, of a few rows."""
        rows = list(self.of(user).alive().order_by("pk")[:MOST])
        if not rows:
            self.begin(user)
            rows = list(self.of(user).alive()[:MOST])
        latest = max((row.shown_at for row in rows if row.shown_at), default=None)
        last = [row for row in rows if latest and row.shown_at == latest]
        fresh = [row for row in rows if row.is_ready and not any(map(row.is_like, last))]
        kinds = sorted({row.kind for row in fresh} - {"plain"}) or ["plain"]
        kind = random.choice(kinds)  # noqa: S311  of every kind as often, however many it has
        some = [row for row in fresh if row.kind == kind]
        chosen = random.choice(some) if some else None  # noqa: S311
        if chosen:
            chosen.mark_shown()
        return chosen

    def begin(self, user: Any) -> None:
        """Nothing was found yet: plain ones are there at once."""
        rows = [
            Suggestion(user=user, kind="plain", key=f"plain:{name}", prompt=said)
            for name, said in PLAIN.items()
        ]
        self.bulk_create(rows, ignore_conflicts=True)

    # ── what jobs do ──────────────────────────────────────────────────────────────────────────
    def refill(self, user: Any, now: datetime | None = None) -> None:
        """Find them anew. What a person did with one stays."""
        now = now or timezone.now()
        dismissed = self.of(user).exclude(dismissed_at=None).exclude(item=None)
        gone = set(dismissed.values_list("item_id", flat=True))
        found = [one for one in candidates(user, now) if not one.item or one.item.pk not in gone]
        found = found[:MOST]
        rows = [Suggestion.of_candidate(user, one) for one in found]
        fields = ["reason", "prompt", "text", "channels", "at", "item", "fresh_until"]
        with transaction.atomic():
            self.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["user", "key"],
                update_fields=fields,
            )
            over = self.of(user).alive().exclude(key__in=[row.key for row in rows])
            over.delete()
        self.of(user).unchecked().check_later()

    def check_later(self) -> None:
        """A few: each costs what a network asks for one post."""
        broker = get_broker("import")
        few = self.order_by("checked_at", "pk").values_list("pk", "user_id")[:CHECKED]
        for pk, user_id in list(few):
            broker.queue("importing.tasks.check_suggestion", pk, group=f"user:{user_id}")


class Suggestion(models.Model):
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="suggestions"
    )
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=160)  # names it among its person's, today and next year
    reason = models.CharField(max_length=300, blank=True)  # one sentence: why this, why now
    prompt = models.CharField(max_length=300, blank=True)  # what to think about
    text = models.TextField(blank=True)  # what the composer begins with
    channels = models.JSONField(default=list)  # ids: where to, when not as always
    at = models.DateTimeField(null=True, blank=True)  # for when, when not for now
    item = models.ForeignKey(
        ImportedItem, on_delete=models.CASCADE, null=True, blank=True, related_name="suggestions"
    )
    fresh_until = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # when its item was seen there
    shown_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="suggestion_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="suggestion_kind_is_a_word"),
        ]

    def __str__(self) -> str:
        return f"{self.key} for {self.user}"

    @classmethod
    def of_candidate(cls, user: Any, one: Candidate) -> Self:
        return cls(user=user, **{name: getattr(one, name) for name in CANDIDATE})

    @property
    def is_ready(self) -> bool:
        """As `ready()`, of a row that was read already."""
        now = timezone.now()
        is_used = self.used_at and self.used_at >= now - RESTED
        is_late = self.fresh_until and self.fresh_until <= now
        is_seen = not self.item_id or (self.checked_at and self.checked_at >= now - TRUSTED)
        return bool(is_seen and not (self.dismissed_at or is_used or is_late))

    def is_like(self, other: "Suggestion") -> bool:
        """The same, or the same post for another reason."""
        return self.pk == other.pk or (self.item_id is not None and self.item_id == other.item_id)

    def mark_shown(self) -> None:
        self._mark(shown_at=timezone.now())

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def dismiss(self) -> None:
        """Not to be shown ever again, nor its post for another reason."""
        alike = Q(pk=self.pk) | Q(item=self.item_id, item__isnull=False)
        Suggestion.objects.of(self.user_id).filter(alike).update(dismissed_at=timezone.now())

    def use(self) -> None:
        self._mark(used_at=timezone.now())

    def _mark(self, **fields: Any) -> None:
        Suggestion.objects.filter(pk=self.pk).update(**fields)

    def as_start(self) -> dict[str, Any]:
        """What a composer begins with."""
        start: dict[str, Any] = {"text": self.text, "prompt": self.prompt}
        if self.channels:
            start["channels"] = self.channels
        if self.at and self.at > timezone.now():
            start |= {"when": "later", "at": timezone.localtime(self.at)}
        return start

    # ── what a job does ───────────────────────────────────────────────────────────────────────
    def look_up(self) -> None:
        """Ask the network whether its post is still there. While nobody can say, it is not
        shown."""
        item, now = self.item, timezone.now()
        is_known = self.checked_at and self.checked_at >= now - TRUSTED / 2
        if (
            item is None
            or is_known
            or item.timeline.blocked_reason
            or item.timeline.left_today() <= 0
        ):
            return
        try:
            there = item.timeline.ask_there(item.remote_id)
        except NetworkError as error:
            logger.info("suggestion %s could not be checked: %s", self.pk, error)
            return
        ImportedItem.objects.filter(pk=item.pk).update(
            checked_at=now, gone_at=None if there else now
        )
        if there:
            self._mark(checked_at=now)
        else:
            Suggestion.objects.filter(pk=self.pk).delete()


CANDIDATE: Sequence[str] = (
    "kind", "key", "reason", "prompt", "text", "channels", "at", "item", "fresh_until",
)  # fmt: skip
