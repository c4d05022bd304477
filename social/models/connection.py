"""A connection: one person's grant at a network, and its sealed tokens."""

import logging
import uuid
from collections.abc import Iterable
from typing import Any, Self

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.errors import AuthorizationLost, NetworkError
from social.networks.messages import sentence
from social.networks.shapes import Grant, Person, Place
from social.timing import delay

from .channel import Channel, channel_changed
from .checking import CheckedQuerySet
from .looking_around import LookingAround
from .tokens import TOKEN_FIELDS

logger = logging.getLogger(__name__)

# What connecting decides anew. The rest of a row is that of whoever wrote it.
DESCRIBED = ["name", "handle", "picture_url", "longest"]
TAKEN = ["remote_id", *DESCRIBED, "trouble", "hitch", "checked_at"]
TAKEN += ["disconnected_at", "look_after", *TOKEN_FIELDS]
A_FEW = 5
MOST_ASKED = 50  # places that are asked for by their ids in one look around

# Asked before tokens are wiped (connection=…): receivers answer whether they are in use right now.
still_needed = Signal()


class ConnectionQuerySet(CheckedQuerySet):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def connected(self) -> Self:
        return self.filter(disconnected_at=None)

    def held_by_another(self, user: Any, network: str, remote_id: str) -> bool:
        """Whether somebody else here has connected this account of the network."""
        taken = self.connected().filter(network_name=network, remote_id=remote_id)
        return taken.exclude(user=user).exists()


class Connection(LookingAround):
    """One person's grant at a network. The row stays after disconnecting, without its tokens."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="connections"
    )
    network_name = models.CharField(max_length=20, db_column="network")
    remote_id = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    handle = models.CharField(max_length=100, blank=True)
    picture_url = models.URLField(max_length=1000, blank=True)
    # What a post may weigh, where the network gives this account more or less than others.
    longest = models.PositiveIntegerField(null=True, blank=True)
    missing = models.JSONField(default=list)
    trouble = models.CharField(max_length=40, blank=True)  # a key of messages.SENTENCES
    hitch = models.CharField(max_length=40, blank=True)  # why the last look around must be repeated
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    disconnected_at = models.DateTimeField(null=True, blank=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network_name", "remote_id"], name="connection_once_a_person"
            ),
            models.UniqueConstraint(
                fields=["network_name", "remote_id"],
                condition=Q(disconnected_at=None),
                name="connection_belongs_to_one_person",
            ),
        ]
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.network_name}:{self.handle or self.name}"

    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def is_connected(self) -> bool:
        return self.disconnected_at is None

    @property
    def is_new(self) -> bool:
        """Connected, and the job that looks around has not come back yet."""
        return self.is_connected and self.checked_at is None and not self.trouble

    @property
    def needs_reconnect(self) -> bool:
        return self.is_connected and bool(self.trouble)

    @property
    def chosen(self) -> list[Channel]:
        return [c for c in self.channels.all() if c.chosen_at and not c.disconnected_at]

    @property
    def offered(self) -> list[Channel]:
        """Those that may be chosen first."""
        offered = [c for c in self.channels.all() if not c.chosen_at and not c.disconnected_at]
        return sorted(offered, key=lambda channel: bool(channel.missing))

    @property
    def is_ticked(self) -> bool:
        """Whether what is offered is ticked already: a few at the first time, never a crowd."""
        return not self.chosen and len(self.offered) <= A_FEW

    @property
    def ask_again(self) -> str:
        """allauth's word for how to ask: anew for what was refused before, or as always."""
        return "rerequest" if self.missing else "authenticate"

    @property
    def trouble_sentence(self) -> str:
        return sentence(self.trouble or self.hitch, self.network.label)

    @property
    def missing_sentence(self) -> str:
        return self.network.missing_sentence(self.missing)

    def take(self, person: Person, grant: Grant) -> None:
        """Store who this is and the new grant, also after a disconnecting, and look around: at
        once where that takes no call to the network, else in a job. The caller holds the row."""
        self.remote_id = person.remote_id
        self.describe(person)
        self.disconnected_at = self.checked_at = None
        self.trouble = self.hitch = ""
        self.look_after = None  # what its person has just said there is new
        self.keep(grant)
        self.save(update_fields=None if self._state.adding else TAKEN)
        if self.network.offers_places:
            self.refresh_later()
        else:
            self._look_around()

    def describe(self, person: Person) -> None:
        """What the network says of it by now, besides its id."""
        self.name, self.handle, self.picture_url = person.name, person.handle, person.picture_url
        self.longest = person.longest or self.longest  # where it says nothing, it stays

    def note_person(self, person: Person) -> None:
        """Store that, and nothing else of the row; nothing once it is disconnected, as when whose
        it was has deleted their account and no name of theirs may stay."""
        self.describe(person)
        said = {name: getattr(self, name) for name in DESCRIBED}
        self._rows().filter(disconnected_at=None).update(**said)

    def refresh(self) -> None:
        """Look around at the network: what was granted, which places there are. Raises the five
        errors; a lost authorization is remembered first."""
        try:
            grant = self.fresh_grant()
            if self.network.grants_last:
                # Page tokens live as long as the user token that they are listed with.
                self.keep_renewed(self.network.renew(grant))
            while not self._look_around():
                self.refresh_from_db()
        except AuthorizationLost as error:
            self.mark_lost(error.reason)
            raise

    def _look_around(self) -> bool:
        grant = self.grant()
        missing, places = self.network.missing(grant), self.network.places(grant, self.person)
        self._ask_for_unlisted(places, grant)
        return self.settle(missing, places)

    def _ask_for_unlisted(self, places: list[Place], grant: Grant) -> None:
        """Those that are posted to and that the list leaves out are asked for by their ids, before
        they count as lost; where they are too many, nothing that is not listed does."""
        listed = {place.remote_id for place in places}
        unlisted = self.channels.chosen().exclude(remote_id__in=listed).order_by("pk")
        known = list(unlisted.values_list("remote_id", flat=True)[: MOST_ASKED + 1])
        if len(known) > MOST_ASKED:
            places.is_complete = False
            return
        found = [self.network.place(remote_id, grant) for remote_id in known]
        places.extend(place for place in found if place is not None)

    def settle(self, missing: Iterable[str], places: list[Place]) -> bool:
        """Store what a look around found, unless it was disconnected meanwhile. False when it was
        connected anew, or renewed: what an older grant saw does not count any more."""
        is_complete = getattr(places, "is_complete", True)
        with transaction.atomic():
            row = self.lock()
            if row is None or not row.is_connected:
                return True
            if row.access_sealed != self.access_sealed:
                return False
            is_anew = row.checked_at is None
            self.missing, self.checked_at = list(missing), timezone.now()
            self.trouble = self.hitch = ""
            self.save(update_fields=["missing", "checked_at", "trouble", "hitch"])
            self.offer(places, is_anew, is_complete)
            return True

    @property
    def person(self) -> Person:
        return Person(self.remote_id, self.name, self.handle, self.picture_url, self.longest)

    def offer(self, places: list[Place], is_anew: bool = False, is_complete: bool = True) -> None:
        """Store the places there are; where there is only ever one, it is chosen at once. `is_anew`
        says that its person connected it, or wished for this look. What a list that is not
        `is_complete` does not show stays as it was."""
        rows = self.channels.select_for_update(no_key=True)  # people choose and pause meanwhile
        for place in places:
            channel = rows.filter(remote_id=place.remote_id).first()
            channel = channel or Channel(connection=self, network_name=self.network_name)
            channel.take(place)
            if not self.network.offers_places:
                channel.choose()
            channel_changed.send(Channel, channel=channel, is_anew=is_anew)
        if not is_complete:
            return
        gone = rows.exclude(remote_id__in=[place.remote_id for place in places])
        for channel in gone.chosen():
            channel.mark_lost("page_role")
        for channel in gone.offered():
            channel.stop()

    def mark_lost(self, reason: str) -> None:
        """The network no longer accepts this grant; nothing is said of a newer one. The first true
        reason stays."""
        same = self._rows().filter(access_sealed=self.access_sealed)
        if same.filter(trouble="").update(trouble=reason):
            self.trouble = reason
            self._tell_channels()

    def disconnect(self) -> None:
        """Stop using this grant. Its channels stop now; a job ends it and wipes the tokens."""
        with transaction.atomic():
            self.disconnected_at = timezone.now()
            self.save(update_fields=["disconnected_at"])
            SocialAccount.objects.filter(
                user_id=self.user_id, provider=self.network.provider, uid=self.remote_id
            ).delete()
            for channel in self.channels.filter(disconnected_at=None):
                channel.stop()
            self.revoke_later()

    def revoke(self) -> None:
        """End the grant at the network, as far as it lets us, and wipe the tokens here."""
        if self.is_connected or not self.access_sealed:
            return
        if any(needed for _, needed in still_needed.send(Connection, connection=self)):
            self.revoke_later(after=timezone.now() + delay(10))
            return
        try:
            self.network.revoke(self.grant())
        except NetworkError as error:
            # Wiped all the same: without its tokens nothing here can use the grant.
            logger.warning("could not revoke %s at %s: %s", self.id, self.network.label, error)
        self.wipe()

    def wipe(self) -> None:
        # Only while it is still disconnected: it may have been connected again meanwhile. In one
        # step, or that comes between its own tokens and those of its channels.
        gone = self._rows().filter(disconnected_at__isnull=False)
        with transaction.atomic():
            if gone.update(access_sealed="", refresh_sealed="", access_expires_at=None):
                self.channels.update(token_sealed="")

    def _tell_channels(self) -> None:
        for channel in self.chosen:
            channel_changed.send(Channel, channel=channel)
