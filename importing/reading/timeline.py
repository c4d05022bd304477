"""A timeline: one list at a network that is read again and again, and how far it was read."""

import uuid
from datetime import UTC
from math import inf
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from importing.states import CHANNEL_KINDS, KIND_WORDS, POST, TIMELINE_KINDS
from social.exporting import ExportPart
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.messages import sentence, visibility_sentence
from social.networks.shapes import Page
from social.people import AnyUser
from social.reasons import Reason

from .cursor import TimelineCursor
from .import_interval import FIRST_INTERVAL_SECONDS


class TimelineQuerySet(models.QuerySet["Timeline"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def with_all(self) -> Self:
        return self.select_related("channel", "channel__connection", "connection")

    def of_connection(self, connection: Connection) -> Self:
        """Select what is read by `connection`. By indexes: with a join in the middle of the OR
        every timeline there is would be read."""
        channels = list(connection.channels.values_list("pk", flat=True))
        return self.filter(Q(connection=connection) | Q(channel__in=channels))

    def connected(self) -> Self:
        """Select what can be read: by a grant that is good."""
        channel = Q(channel__chosen_at__isnull=False, channel__disconnected_at=None)
        channel &= Q(channel__blocked_reason="", channel__connection__blocked_reason="")
        channel &= Q(channel__connection__disconnected_at=None)
        connection = Q(connection__disconnected_at=None, connection__blocked_reason="")
        return self.filter(
            (Q(channel__isnull=False) & channel) | (Q(connection__isnull=False) & connection)
        )

    def channels_read(self) -> models.QuerySet:
        """Return the ids of the channels whose own posts were read to their end."""
        read = self.filter(kind=POST, channel__isnull=False, read_at__isnull=False)
        return read.values("channel")

    def due(self) -> Self:
        """Select what is to be read now; not what its person has paused."""
        return self.connected().filter(next_import_at__lte=timezone.now(), paused_at=None)

    def of_owner(self, owner: Channel | Connection, kind: str) -> tuple["Timeline", bool]:
        """Return the timeline of one kind of things of `owner`, and whether it was made just
        now."""
        connection = owner.connection if isinstance(owner, Channel) else owner
        return self.get_or_create(
            kind=kind,
            **{"channel" if kind in CHANNEL_KINDS else "connection": owner},
            defaults={"user": connection.user, "network_name": owner.network_name},
        )


class Timeline(models.Model):
    """One kind of thing of one owner: a channel's posts; a connection's likes, friends, home."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="timelines"
    )
    kind = models.CharField(max_length=10)
    network_name = models.CharField(max_length=20, db_column="network")
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, blank=True, related_name="timelines"
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, blank=True, related_name="timelines"
    )
    cursor = models.JSONField(default=dict)  # what TimelineCursor.dump wrote
    # What it holds, and what is known of what there is.
    stored = models.PositiveIntegerField(default=0)  # items
    expected = models.PositiveIntegerField(null=True, blank=True)  # by the network's own count
    visibility_note = models.CharField(
        max_length=40, blank=True
    )  # a key of messages.VISIBILITY_NOTES
    read_at = models.DateTimeField(null=True, blank=True)  # when it was last read to its end
    # Posts that were asked for by their id: how many, on which day (UTC).
    checks = models.PositiveIntegerField(default=0)
    checked_on = models.DateField(null=True, blank=True)
    # When it is read again.
    next_import_at = models.DateTimeField(null=True, blank=True)  # None: until it is asked for
    import_interval_seconds = models.PositiveIntegerField(default=FIRST_INTERVAL_SECONDS)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    paused_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TimelineQuerySet.as_manager()
    export = ExportPart(
        "timelines",
        "id kind network_name channel_id connection_id stored expected read_at "
        "next_import_at paused_at created_at",
    )

    class Meta:
        ordering = ["created_at"]
        indexes = [
            models.Index(
                fields=["next_import_at"], condition=Q(paused_at=None), name="timeline_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind"],
                condition=Q(channel__isnull=False),
                name="timeline_once_a_channel",
            ),
            models.UniqueConstraint(
                fields=["connection", "kind"],
                condition=Q(connection__isnull=False),
                name="timeline_once_a_connection",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TIMELINE_KINDS), name="timeline_kind_is_a_word"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=CHANNEL_KINDS, channel__isnull=False, connection=None)
                | (~Q(kind__in=CHANNEL_KINDS) & Q(channel=None, connection__isnull=False)),
                name="timeline_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.channel or self.connection}"

    # ── whose it is ───────────────────────────────────────────────────────────────────────────
    @property
    def kind_word(self) -> str:
        """What one item of its kind is called."""
        return str(KIND_WORDS[self.kind])

    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def grantor(self) -> Connection:
        """The connection that it is read by."""
        return self.owner.connection if isinstance(self.owner, Channel) else self.owner

    @property
    def owner(self) -> Channel | Connection:
        owner = self.channel or self.connection
        assert owner is not None  # a constraint of the table
        return owner

    @property
    def permission(self) -> str:
        """What must be allowed for it besides what is asked for when connecting."""
        return self.network.kind_permissions.get(self.kind, "")

    @property
    def is_connected(self) -> bool:
        return Timeline.objects.connected().filter(pk=self.pk).exists()

    @property
    def blocked_reason(self) -> str:
        """Why it cannot be read at all: a Reason, or empty."""
        is_gone = self.channel and (self.channel.disconnected_at or not self.channel.chosen_at)
        if is_gone or not self.grantor.is_connected:
            return Reason.CHANNEL_GONE
        return (self.channel and self.channel.blocked_reason) or self.grantor.blocked_reason

    @property
    def blocked_sentence(self) -> str:
        return sentence(self.blocked_reason, self.network.label)

    # ── how far it was read ───────────────────────────────────────────────────────────────────
    @property
    def position(self) -> TimelineCursor:
        return TimelineCursor.load(self.cursor)

    @property
    def is_by_id(self) -> bool:
        """Whether its network can be asked for what is newer or older than an item."""
        return self.kind in self.network.by_id

    @property
    def is_first(self) -> bool:
        """Whether it was never read to its end."""
        return self.read_at is None

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def progress(self) -> float | None:
        """How much of the first reading is done, 0 to 1; None where nobody knows."""
        if not self.is_first:
            return 1.0
        return min(1.0, self.stored / self.expected) if self.expected else None

    @property
    def visibility_sentence(self) -> str:
        """What its network does not show, in a sentence; empty when it shows all."""
        note = self.visibility_note
        if note == "friends_hidden" and self.expected and self.stored >= self.expected:
            return ""  # each page shows a part of them; together they are all
        return visibility_sentence(note, self.network.label, self.expected)

    # ── what the first reading may cost ───────────────────────────────────────────────────────
    @property
    def first_items(self) -> int:
        """How many items the first reading takes at most on its first day."""
        return min([settings.IMPORT_DAILY_ITEMS, *self._known_extents()])

    @property
    def takes_days(self) -> bool:
        """Whether there may be more than is read on one day."""
        return settings.IMPORT_DAILY_ITEMS < min(self._known_extents(), default=inf)

    @property
    def first_cost(self) -> float:
        """US dollars that it may cost at most on such a day; an item is billed once a day."""
        return self.first_items * self.network.price(self.kind)

    def _known_extents(self) -> list[int]:
        extents = [self.network.reach.get(self.kind), self.expected]
        return [number for number in extents if number is not None]

    # ── what is written ───────────────────────────────────────────────────────────────────────
    def set(self, **fields: Any) -> None:
        """Write these columns, here and in the database."""
        Timeline.objects.filter(pk=self.pk).update(**fields)
        for name, value in fields.items():
            setattr(self, name, value)

    def save_position(
        self, cursor: TimelineCursor, page: Page | None = None, added: int = 0
    ) -> None:
        """Write down how far it was read. The caller holds the run. How many are stored is counted
        by the database alone: this may be tried twice."""
        fields: dict[str, Any] = {"cursor": cursor.dump()}
        if page is not None:
            if page.total is not None:
                fields["expected"] = page.total
            if page.visibility_note or page.total is not None:
                fields["visibility_note"] = page.visibility_note
        counted = {"stored": F("stored") + added} if added else {}
        Timeline.objects.filter(pk=self.pk).update(**fields, **counted)
        for name, value in fields.items():
            setattr(self, name, value)

    def save_extent(self, count: int | None) -> None:
        """Write down how many there are by the network's own count (None: it does not say); it may
        not show all of them."""
        reach = self.network.reach.get(self.kind)
        if count is not None and reach is not None and count > reach:
            self.set(expected=reach, visibility_note="history_ends")
        elif count is not None:
            self.set(expected=count)

    def count_check(self) -> None:
        """Count a post that is asked for by its id: it is billed like any other reading."""
        today = timezone.now().astimezone(UTC).date()
        checks = Case(When(checked_on=today, then=F("checks") + 1), default=1)
        Timeline.objects.filter(pk=self.pk).update(checks=checks, checked_on=today)

    def wait_for_permission(self) -> None:
        """Read it once its person, who is asked at the network now, has come back from there."""
        self.set(next_import_at=None, failures=0)

    def pause(self) -> None:
        self.set(paused_at=timezone.now())

    def resume(self) -> None:
        if self.is_paused:
            self.set(paused_at=None, next_import_at=timezone.now())
