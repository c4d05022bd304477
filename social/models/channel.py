"""A channel: a place to post to."""

import uuid
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Self

from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone

from social.exporting import ExportPart
from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.messages import sentence
from social.networks.shapes import Limits, Place
from social.people import AnyUser
from social.reasons import Reason
from social.sealing import seal

# What the network says of a place. The rest of a channel is its person's.
PLACE_FIELDS = [
    *("remote_id", "name", "handle", "picture_url"),
    *("missing_permissions", "token_sealed", "blocked_reason"),
]
# Columns that are called otherwise where somebody takes their data along.
EXPORTED_AS = {"missing_permissions": "missing", "blocked_reason": "trouble"}

# It was chosen, paused, resumed, lost, reconnected or disconnected (channel=…), or only refreshed;
# `is_anew` when its person made the connection anew. What that means for what waits is other rooms'
# business: they listen.
channel_changed = Signal()


class ChannelState(StrEnum):
    """Whether posts go there, and else what keeps them."""

    DISCONNECTED = "disconnected"
    OFFERED = "offered"
    PAUSED = "paused"
    RECONNECT = "reconnect"
    INCOMPLETE = "incomplete"
    WORKS = "works"


class ChannelQuerySet(models.QuerySet["Channel"]):
    def of(self, user: AnyUser) -> Self:
        """The channels that `user` posts to."""
        return self.chosen().filter(connection__user=user).select_related("connection")

    def chosen(self) -> Self:
        return self.filter(chosen_at__isnull=False, disconnected_at=None)

    def offered(self) -> Self:
        """Places that could be chosen, and are not."""
        return self.filter(chosen_at=None, disconnected_at=None)

    def named(self, names: Iterable[str]) -> list["Channel"]:
        """The channels that `names` mean: network names, `network:handle`, or ids.

        Raises ValueError with one sentence.
        """
        channels, chosen = list(self), {}
        for name in names:
            matching = [channel for channel in channels if channel.answers_to(name)]
            if not matching:
                raise ValueError(f"There is no channel {name!r}.")
            if len(matching) > 1 and name not in NETWORKS:
                ids = ", ".join(str(channel.id) for channel in matching)
                raise ValueError(f"{name!r} could be several channels; use an id: {ids}.")
            chosen.update({channel.id: channel for channel in matching})
        return list(chosen.values())


class Channel(models.Model):
    """A place to post to: the account itself, or a Page with its own token."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        "social.Connection", on_delete=models.PROTECT, related_name="channels"
    )
    network_name = models.CharField(max_length=20, db_column="network")
    remote_id = models.CharField(max_length=320)
    name = models.CharField(max_length=200)
    handle = models.CharField(max_length=320, blank=True)
    picture_url = models.URLField(max_length=1000, blank=True)
    token_sealed = models.TextField(blank=True)
    missing_permissions = models.JSONField(default=list)
    # Why the network does not take posts there: a Reason.
    blocked_reason = models.CharField(max_length=40, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    disconnected_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)  # the latest time, by its person
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChannelQuerySet.as_manager()
    export = ExportPart(
        "channels",
        "id connection_id network_name remote_id name handle picture_url missing_permissions "
        "blocked_reason created_at chosen_at paused_at disconnected_at",
        owner="connection__user",
        renamed=EXPORTED_AS,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "remote_id"], name="channel_once_a_connection"
            ),
        ]
        ordering = ["network_name", "name"]

    def __str__(self) -> str:
        return self.label

    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def label(self) -> str:
        return f"{self.network_name}:{self.handle or self.remote_id}"

    @property
    def url(self) -> str:
        """Where a person looks at it."""
        return self.network.place_url(self.remote_id, self.handle)

    @property
    def home(self) -> str:
        """The server it lives on; empty where its network has one home."""
        return self.connection.home

    @property
    def account(self) -> str:
        """The account at the network; two people may post to one Page."""
        return f"{self.network_name}:{self.remote_id}"

    @property
    def state(self) -> str:
        """One of ChannelState."""
        if self.disconnected_at or not self.connection.is_connected:
            return ChannelState.DISCONNECTED
        if self.chosen_at is None:
            return ChannelState.OFFERED
        if self.paused_at:
            return ChannelState.PAUSED
        if self.blocked_reason or self.connection.blocked_reason:
            return ChannelState.RECONNECT
        lacks = self.missing_permissions or self.connection.missing_permissions
        return ChannelState.INCOMPLETE if lacks else ChannelState.WORKS

    @property
    def state_sentence(self) -> str:
        """What keeps it from working and what to do; empty when nothing does."""
        reason = self.blocked_reason or self.connection.blocked_reason
        if self.state == ChannelState.RECONNECT:
            return sentence(reason, self.network.label)
        return self.network.missing_sentence(
            [*self.connection.missing_permissions, *self.missing_permissions]
        )

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()

    @property
    def may_be_chosen(self) -> bool:
        return not self.missing_permissions

    @property
    def limits(self) -> Limits | None:
        """What a post there may have, where the account says so; None: what it may have
        anywhere."""
        longest, more = self.connection.longest, self.connection.limits
        return Limits(longest or 0, **more) if longest or more else None

    def answers_to(self, name: str) -> bool:
        return name in (self.network_name, self.label, str(self.id))

    def read_grant_again(self) -> bool:
        """After a refusal: whether there is by now another grant, or token, than was refused."""
        connection = self.connection
        known = self.token_sealed, connection.renewed_at
        connection.refresh_from_db()
        self.refresh_from_db(fields=["token_sealed"])
        return known != (self.token_sealed, connection.renewed_at)

    @property
    def awaits_its_token(self) -> bool:
        """Connected anew; the refresh that brings the token of each place is still to come."""
        return self.network.places_have_tokens and self.connection.is_new

    def take(self, place: Place) -> None:
        """Store what the network says of this place now, and nothing else: a person may choose or
        pause it in the same moment. The caller holds the row."""
        self.remote_id, self.name, self.handle = place.remote_id, place.name, place.handle
        self.picture_url = place.picture_url
        self.missing_permissions = list(place.missing_permissions)
        fields = list(PLACE_FIELDS)
        self.token_sealed = seal(place.token, f"channel:{self.id}")
        if self.disconnected_at:  # offered anew
            self.disconnected_at = self.chosen_at = None
            fields += ["disconnected_at", "chosen_at"]
        # Without its own token a post there fails, and would take the whole connection for dead.
        self.blocked_reason = blocked_reason_of(place) if self.chosen_at else ""
        self.save(update_fields=None if self._state.adding else fields)

    def choose(self) -> None:
        """Post here from now on, unless it was disconnected a moment ago."""
        now = timezone.now()
        if Channel.objects.offered().filter(pk=self.pk).update(chosen_at=now):
            self.chosen_at = now
            channel_changed.send(Channel, channel=self)

    def pause(self) -> None:
        self._change(paused_at=timezone.now())

    def resume(self) -> None:
        self._change(paused_at=None)

    def mark_lost(self, reason: str) -> None:
        """Note that this one place no longer accepts us, or not with this token; the grant itself
        may be as good as before. The first true reason stays."""
        known = Channel.objects.filter(pk=self.pk, token_sealed=self.token_sealed)
        if known.filter(blocked_reason="").update(blocked_reason=reason):
            self.blocked_reason = reason
            channel_changed.send(Channel, channel=self)

    def disconnect(self) -> None:
        """Stop posting here; with its last channel the connection goes too."""
        with transaction.atomic():
            self.connection.lock()  # whoever needs both takes it first, or they wait for each other
            self.stop()
            if not self.connection.channels.chosen().exists():
                self.connection.disconnect()

    def stop(self) -> None:
        now = timezone.now()
        stopped = {"stopped_at": now} if self.chosen_at else {}
        self._change(disconnected_at=now, token_sealed="", **stopped)

    def take_back(self) -> None:
        """Post here again after all, as far as its connection still stands. Its token comes with
        the next refresh."""
        with transaction.atomic():
            connection = self.connection.lock()
            if connection is None or not connection.is_connected:
                return
            gone = Channel.objects.filter(pk=self.pk, disconnected_at__isnull=False)
            gone.update(disconnected_at=None, chosen_at=None)
            self.refresh_from_db()
            if not self.token_sealed and self.network.places_have_tokens:
                self.connection.refresh_soon()
            self.choose()

    def _change(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=list(fields))
        channel_changed.send(Channel, channel=self)


def blocked_reason_of(place: Place) -> str:
    if not place.missing_permissions:
        return ""
    return Reason.NOT_TICKED if Reason.NOT_TICKED in place.missing_permissions else Reason.PAGE_ROLE
