"""A timeline: one list at a network that is read again and again, and how far it was read."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from importing.cursor import Cursor
from importing.states import KINDS, OF_CHANNELS, POST
from social.models import Channel, Connection
from social.networks import NETWORKS, Network
from social.networks.messages import sentence, visibility_sentence
from social.timing import delay

from .reading import Reading

ASKED_EVERY = 60  # seconds between two readings that a person asks for, at least
EVERY = 3600  # seconds between two readings, at first


class TimelineQuerySet(models.QuerySet["Timeline"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def with_all(self) -> Self:
        return self.select_related("channel", "channel__connection", "connection")

    def of_connection(self, connection: Connection) -> Self:
        """By indexes: with a join in the middle of the OR every timeline there is would be read."""
        channels = list(connection.channels.values_list("pk", flat=True))
        return self.filter(Q(connection=connection) | Q(channel__in=channels))

    def connected(self) -> Self:
        """By a grant that is good."""
        channel = Q(channel__chosen_at__isnull=False, channel__disconnected_at=None)
        channel &= Q(channel__blocked_reason="", channel__connection__blocked_reason="")
        channel &= Q(channel__connection__disconnected_at=None)
        connection = Q(connection__disconnected_at=None, connection__blocked_reason="")
        return self.filter(
            (Q(channel__isnull=False) & channel) | (Q(connection__isnull=False) & connection)
        )

    def read_posts(self) -> models.QuerySet:
        """The ids of the channels whose own posts were read to their end."""
        read = self.filter(kind=POST, channel__isnull=False, read_at__isnull=False)
        return read.values("channel")

    def due(self) -> Self:
        """In nobody's way: what its person has paused is not."""
        return self.connected().filter(next_import_at__lte=timezone.now(), paused_at=None)

    def follow(self, channel: Channel, is_anew: bool = False) -> None:
        """A channel was connected, or has changed: what is read of itself begins once. `is_anew`
        says that its person was at the network just now."""
        if channel.state not in ("works", "incomplete"):
            return
        for kind in settings.IMPORT_AT_ONCE:
            if kind in channel.network.kinds:
                owner = channel if kind in OF_CHANNELS else channel.connection
                row, is_new = self.of_owner(owner, kind)
                if is_new:
                    row.start_import()
                elif row.failures:  # what kept us away may be settled
                    row.set(next_import_at=timezone.now())
        wanted = Q(next_import_at=None)  # its person was at the network to allow it
        if is_anew:  # and may have allowed what an earlier run was refused
            wanted |= Q(failures__gt=0)
        allowed = {"kind__in": channel.network.kind_permissions, "paused_at": None}
        for row in self.filter(wanted, connection=channel.connection, **allowed):
            row.start_import(asked=True)

    def of_owner(self, owner: Channel | Connection, kind: str) -> tuple["Timeline", bool]:
        """That one kind of its things, and whether it was never asked for until now."""
        whose = {"channel" if kind in OF_CHANNELS else "connection": owner}
        connection = owner.connection if kind in OF_CHANNELS else owner
        more = {"user": connection.user, "network_name": owner.network_name}
        return self.get_or_create(kind=kind, **whose, defaults=more)

    def wipe(self) -> None:
        """With all that they hold: nobody needs it once its person is gone."""
        ids = list(self.values_list("pk", flat=True))
        runs, items = (self.model._meta.get_field(it).related_model for it in ("runs", "items"))
        suggestions = items._meta.get_field("suggestions").related_model.objects
        suggestions.filter(item__timeline__in=ids).delete()
        for rows in (runs, items):  # a worker that is at it stops when its run is gone
            here = rows.objects.filter(timeline__in=ids)
            here._raw_delete(here.db)
        self.model.objects.filter(pk__in=ids).delete()


class Timeline(Reading):
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
    cursor = models.JSONField(default=dict)  # importing.cursor.Cursor
    # What it holds, and what is known of what there is.
    stored = models.PositiveIntegerField(default=0)  # items
    expected = models.PositiveIntegerField(null=True, blank=True)  # by the network's own count
    withheld = models.CharField(max_length=40, blank=True)  # a key of messages.VISIBILITY_NOTES
    read_at = models.DateTimeField(null=True, blank=True)  # when it was last read to its end
    # Posts that were asked for by their id: how many, on which day (UTC).
    checks = models.PositiveIntegerField(default=0)
    checked_on = models.DateField(null=True, blank=True)
    # Its rhythm.
    next_import_at = models.DateTimeField(null=True, blank=True)  # None: until it is asked for
    interval = models.PositiveIntegerField(default=EVERY)  # seconds
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    paused_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = TimelineQuerySet.as_manager()

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
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="timeline_kind_is_a_word"),
            models.CheckConstraint(
                condition=Q(kind__in=OF_CHANNELS, channel__isnull=False, connection=None)
                | (~Q(kind__in=OF_CHANNELS) & Q(channel=None, connection__isnull=False)),
                name="timeline_has_one_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.channel or self.connection}"

    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def grantor(self) -> Connection:
        """The connection that it is read by."""
        return self.channel.connection if self.channel else self.connection

    @property
    def owner(self) -> Channel | Connection:
        return self.channel or self.connection

    @property
    def where(self) -> Cursor:
        return Cursor.load(self.cursor)

    @property
    def newest_id(self) -> str:
        newest = self.where.newest
        return newest.remote_id if newest else ""

    @property
    def page_mark(self) -> str:
        """Of the page that an unfinished reading goes on with."""
        reading = self.where.reading
        return reading.mark if reading else ""

    @property
    def gaps(self) -> int:
        return len(self.where.gaps)

    @property
    def is_first(self) -> bool:
        """Whether it was never read to its end."""
        return self.read_at is None

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def progress(self) -> float | None:
        """Of the first reading, 0 to 1; None where nobody knows."""
        if not self.is_first:
            return 1.0
        return min(1.0, self.stored / self.expected) if self.expected else None

    @property
    def visibility_sentence(self) -> str:
        if self.withheld == "friends_hidden" and self.expected and self.stored >= self.expected:
            return ""  # each page shows a part of them; together they are all
        return visibility_sentence(self.withheld, self.network.label, self.expected)

    def start_import(self, asked: bool = False) -> Any:
        """Read it now, by a worker; the run that does. One that is on its way will do."""
        return self.runs.start(self, asked)

    def ask_import(self) -> bool:
        """Its person wants it read now. False within `ASKED_EVERY` of the last reading: what
        somebody pays for, and what counts for everybody's limit, does not go by clicks."""
        if self.may_import_at:
            return False
        self.start_import(asked=True)
        return True

    @property
    def may_import_at(self) -> datetime | None:
        """From when on its person may ask for it; None: now."""
        latest = self.runs.order_by("-created_at").values_list("created_at", flat=True).first()
        at = latest and latest + delay(ASKED_EVERY)
        return at if at and at > timezone.now() else None

    def wait_for_permission(self) -> None:
        """Its person is asked at the network; it is read when they have come back from there."""
        self.set(next_import_at=None, failures=0)

    def pause(self) -> None:
        self.set(paused_at=timezone.now())

    def resume(self) -> None:
        if self.is_paused:
            self.set(paused_at=None, next_import_at=timezone.now())

    @property
    def permission(self) -> str:
        """What must be allowed for it besides what is asked for when connecting."""
        return self.network.kind_permissions.get(self.kind, "")

    @property
    def blocked_sentence(self) -> str:
        return sentence(self.blocked_reason, self.network.label)
