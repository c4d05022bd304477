"""A suggestion: something a person could say next, and why just now. Jobs find them and ask the
networks whether what they speak of is still there; a page only chooses one, and writes nothing."""

import logging
import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from importing.reading.daily_limit import DailyLimit
from importing.reading.item import ImportedItem
from importing.reading.reader import TimelineReader
from social.jobs import enqueue
from social.networks.errors import NetworkError
from social.people import AnyUser

from .rules import Candidate, candidates, plain

logger = logging.getLogger(__name__)

USED_REST = timedelta(days=60)  # after it was used
CHECK_TRUSTED = timedelta(days=3)  # after its post was seen at the network
CHECKS_AT_A_TIME = 10
SUGGESTIONS_KEPT = 60  # of a person
SUGGESTION_KINDS = (
    "best", "anniversary", "elsewhere", "rising", "liked", "interest", "hour", "plain",
)  # fmt: skip
CANDIDATE_FIELDS: Sequence[str] = (
    "kind", "key", "reason", "prompt", "text", "channels", "at", "item", "fresh_until",
)  # fmt: skip
SHOWN_USERS_KEPT = 10_000  # whose last suggestion a process remembers
_shown_last: dict[int, str] = {}  # user → public id
REFILLED_FIELDS = [name for name in CANDIDATE_FIELDS if name not in ("kind", "key")]


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def with_all(self) -> Self:
        return self.select_related(
            "item__timeline__channel__connection", "item__timeline__connection"
        )

    def alive(self) -> Self:
        """Select what nobody has dismissed for good, or used lately."""
        unused = Q(used_at=None) | Q(used_at__lt=timezone.now() - USED_REST)
        return self.filter(unused, dismissed_at=None)

    def ready(self) -> Self:
        """Select what may be shown: it is the time for it, and what it speaks of was there
        lately."""
        now = timezone.now()
        timely = Q(fresh_until=None) | Q(fresh_until__gt=now)
        return self.alive().filter(timely, Q(item=None) | Q(checked_at__gte=now - CHECK_TRUSTED))

    def unchecked(self) -> Self:
        """Select what speaks of something that its network has to be asked for first."""
        old = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - CHECK_TRUSTED / 2)
        return self.alive().filter(old, item__isnull=False)

    def named(self, public_id: str) -> "Suggestion | None":
        """Return the one that an address names; None for whatever is none of these."""
        try:
            return self.filter(public_id=uuid.UUID(public_id)).first()
        except ValueError:
            return None

    # ── what a page does ──────────────────────────────────────────────────────────────────────
    def choose(self, user: User, last: str = "") -> "Suggestion | None":
        """Return one at random, but not the one that was shown last (its public id), nor one of
        the same post. Plain ones only when there is nothing better. It reads a few rows."""
        stored = Suggestion.objects.of(user).alive().order_by("pk")[:SUGGESTIONS_KEPT]
        rows = list(stored) or self.plain_for(user)
        shown = [row for row in rows if str(row.public_id) == last]
        fresh = [row for row in rows if row.is_ready and not any(map(row.is_like, shown))]
        kinds = sorted({row.kind for row in fresh} - {"plain"}) or ["plain"]
        kind = random.choice(kinds)  # noqa: S311  of every kind as often, however many it has
        of_kind = [row for row in fresh if row.kind == kind]
        return random.choice(of_kind) if of_kind else None  # noqa: S311

    def choose_next(self, user: User, shown: str = "") -> "Suggestion | None":
        """Return another one than `shown`, or than this process showed this person last. No row and
        no cookie remembers that: after a new cookie a browser that goes back to the composer would
        ask for it anew, with another submit key, and publish a second time."""
        chosen = self.choose(user, shown or _shown_last.get(user.pk, ""))
        if len(_shown_last) > SHOWN_USERS_KEPT:
            _shown_last.clear()
        _shown_last[user.pk] = str(chosen.public_id) if chosen else ""
        return chosen

    def plain_for(self, user: User) -> "list[Suggestion]":
        """Return the plain ones that this person has no rows of; they are not stored."""
        stored = set(self.of(user).values_list("key", flat=True))
        return [
            Suggestion.of_candidate(user, candidate)
            for candidate in plain()
            if candidate.key not in stored
        ]

    def store_plain(self, user: User, public_id: uuid.UUID) -> None:
        """Store the plain ones, when a page has shown the one of that id to this person."""
        rows = self.plain_for(user)
        if public_id in [row.public_id for row in rows]:
            Suggestion.objects.bulk_create(rows, ignore_conflicts=True)

    # ── what jobs do ──────────────────────────────────────────────────────────────────────────
    def refill(self, user: User, now: datetime | None = None) -> None:
        """Find them anew. What a person did with one stays."""
        now = now or timezone.now()
        dismissed = self.of(user).exclude(dismissed_at=None).exclude(item=None)
        gone = set(dismissed.values_list("item_id", flat=True))
        wanted = [
            candidate
            for candidate in candidates(user, now)
            if candidate.item is None or candidate.item.pk not in gone
        ]
        rows = [Suggestion.of_candidate(user, row) for row in wanted[:SUGGESTIONS_KEPT]]
        with transaction.atomic():
            Suggestion.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["user", "key"],
                update_fields=REFILLED_FIELDS,
            )
            self.of(user).alive().exclude(key__in=[row.key for row in rows]).delete()
        self.of(user).unchecked().check_later()

    def check_later(self) -> None:
        """Queue the check of a few of these: each costs what a network asks for one post."""
        few = self.order_by("checked_at", "pk").values_list("pk", "user_id")[:CHECKS_AT_A_TIME]
        for pk, user_id in list(few):  # singly: they stand far apart in line, and imports between
            enqueue("importing.tasks.check_suggestion", pk, queue="import", owner=user_id)


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
    used_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SuggestionQuerySet.as_manager()
    export = None  # found from what else is told

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="suggestion_once"),
            models.CheckConstraint(
                condition=Q(kind__in=SUGGESTION_KINDS), name="suggestion_kind_is_a_word"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} for {self.user}"

    @classmethod
    def of_candidate(cls, user: User, candidate: Candidate) -> Self:
        """Return what a rule suggests as a row. Its public id follows from whose it is and from its
        key: a page shows plain ones before they are stored."""
        public_id = uuid.uuid5(uuid.NAMESPACE_OID, f"fanfare:{user.pk}:{candidate.key}")
        fields = {name: getattr(candidate, name) for name in CANDIDATE_FIELDS}
        return cls(user=user, public_id=public_id, **fields)

    @property
    def is_ready(self) -> bool:
        """Whether it may be shown: as `ready()`, of a row that was read already."""
        now = timezone.now()
        is_used = self.used_at and self.used_at >= now - USED_REST
        is_late = self.fresh_until and self.fresh_until <= now
        is_seen = not self.item_id or (self.checked_at and self.checked_at >= now - CHECK_TRUSTED)
        return bool(is_seen and not (self.dismissed_at or is_used or is_late))

    def is_like(self, other: "Suggestion") -> bool:
        """Return whether it is the same, or the same post for another reason."""
        same_item = self.item_id is not None and self.item_id == other.item_id
        return same_item or self.public_id == other.public_id

    def as_start(self) -> dict[str, Any]:
        """Return what a composer begins with: fields of its form."""
        start: dict[str, Any] = {"text": self.text, "prompt": self.prompt}
        if self.channels:
            start["channels"] = self.channels
        if self.at and self.at > timezone.now():
            start |= {"when": "later", "at": timezone.localtime(self.at)}
        return start

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def dismiss(self) -> None:
        """Never show it again, nor its post for another reason."""
        alike = Q(pk=self.pk) | Q(item=self.item_id, item__isnull=False)
        Suggestion.objects.filter(alike, user=self.user_id).update(dismissed_at=timezone.now())

    def use(self) -> None:
        """Let it rest: it is being written about."""
        self._mark(used_at=timezone.now())

    # ── what a job does ───────────────────────────────────────────────────────────────────────
    def check_item(self) -> None:
        """Ask the network whether its post is still there; delete it when not. While nobody can
        say, it is not shown."""
        item, now = self.item, timezone.now()
        is_recent = self.checked_at and self.checked_at >= now - CHECK_TRUSTED / 2
        if item is None or is_recent or item.timeline.blocked_reason:
            return
        if DailyLimit(item.timeline).items_left() <= 0:
            return
        try:
            is_there = TimelineReader(item.timeline).is_there(item.remote_id)
        except NetworkError as error:
            logger.info("suggestion %s could not be checked: %s", self.pk, error)
            return
        gone_at = None if is_there else now
        ImportedItem.objects.filter(pk=item.pk).update(checked_at=now, gone_at=gone_at)
        if is_there:
            self._mark(checked_at=now)
        else:
            Suggestion.objects.filter(pk=self.pk).delete()

    def _mark(self, **fields: Any) -> None:
        Suggestion.objects.filter(pk=self.pk).update(**fields)
