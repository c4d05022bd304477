"""A connection: one person's grant at a network, and its sealed tokens."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Self

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from social.exporting import ExportPart
from social.jobs import enqueue
from social.leases import is_free
from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.errors import AuthorizationLost, NetworkError, RateLimited
from social.networks.messages import sentence
from social.networks.shapes import Grant, Person
from social.people import AnyUser
from social.reasons import Reason
from social.sealing import UnreadableToken, seal, unseal
from social.timing import ago, delay, from_now

from .channel import EXPORTED_AS, Channel, channel_changed

TOKEN_FIELDS = [
    *("access_sealed", "refresh_sealed", "extra_sealed", "home"),
    *("access_expires_at", "scopes", "renewed_at"),
]
PROFILE_FIELDS = ["name", "handle", "picture_url", "longest", "limits"]
# What connecting decides anew. The rest of a row is that of whoever wrote it.
CONNECTED_FIELDS = [
    *("remote_id", *PROFILE_FIELDS, "blocked_reason", "last_error", "checked_at"),
    *("disconnected_at", "refresh_not_before", *TOKEN_FIELDS),
]
TICKED_AT_MOST = 5  # offered places that are ticked already when they are first shown

RENEW_AHEAD = timedelta(minutes=15)  # before its end a token is renewed, so that no send has to
RENEW_LONG_AHEAD = timedelta(days=14)  # the same where a token lasts for months
RENEWAL_LEASE_SECONDS = 60  # longer than the deadline of the call
REFRESH_LEASE_SECONDS = 120  # after which a refresh whose worker is gone is over
REFRESH_REST_SECONDS = 60  # from the beginning of one refresh to that of the next
BUSY_DELAY_SECONDS = 5  # until it is asked for again when another refresh is under way
ERROR_DELAY_SECONDS = 30  # until a refresh that failed for now is repeated
LIMITED_DELAY_SECONDS = 900  # the same when the network limits us and does not say until when
DAILY_SECONDS = 86400  # between two refreshes that renew a grant which lasts for months
HOURLY_SECONDS = 3000  # for which a refresh is good enough for a post that goes out soon
FORGOTTEN_SECONDS = 300  # after which a job that has not come counts as lost

# Asked before tokens are wiped (connection=…): receivers answer whether they are in use right now.
still_needed = Signal()
# A grant was lost, or works again (connection=…, was=the reason before, empty where it worked), in
# the transaction in which that was stored. What goes wrong there is logged, and undoes nothing.
grant_moved = Signal()


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def connected(self) -> Self:
        return self.filter(disconnected_at=None)

    def working(self) -> Self:
        """Connected, accepted by the network as far as we know, and with a token to ask with."""
        return self.connected().filter(blocked_reason="").exclude(access_sealed="")

    def held_by_another(self, user: AnyUser, network: str, remote_id: str) -> bool:
        """Whether somebody else here has connected this account of the network."""
        taken = self.connected().filter(network_name=network, remote_id=remote_id)
        return taken.exclude(user=user).exists()

    def ending(self) -> Self:
        """Those whose token can be renewed with a refresh token, and should be by now."""
        renewable = self.working().exclude(refresh_sealed="")
        return renewable.filter(access_expires_at__lt=timezone.now() + RENEW_AHEAD)

    def ending_in_days(self) -> Self:
        """Those whose token lasts for months, ends within days, and is renewed by a refresh."""
        lasting = [network.name for network in NETWORKS.values() if network.renews_on_refresh]
        ends = {"access_expires_at__lt": timezone.now() + RENEW_LONG_AHEAD}
        return self.working().filter(network_name__in=lasting, **ends).unchecked(DAILY_SECONDS)

    def unchecked(self, seconds: float) -> Self:
        """Those that were last refreshed more than `seconds` ago."""
        return self.filter(checked_at__lt=ago(seconds))

    def check_later(self) -> None:
        """Queue a check of each that no refresh has looked at within the hour."""
        for connection in self.working().unchecked(HOURLY_SECONDS):
            connection.check_later()

    def renew_ending_later(self) -> None:
        """Queue what renews the tokens that end soon."""
        for connection in self.ending():
            connection.renew_later()
        for connection in self.ending_in_days():
            connection.refresh_later()

    def take_up_forgotten(self) -> None:
        """Queue again the refreshes and revocations whose job should have come long ago."""
        long_ago = ago(FORGOTTEN_SECONDS)
        forgotten = self.exclude(wanted_at__gte=long_ago)
        for connection in forgotten.working().filter(checked_at=None, renewed_at__lt=long_ago):
            connection.refresh_later()
        gone = forgotten.filter(disconnected_at__lt=long_ago)
        for connection in gone.exclude(access_sealed=""):
            connection.revoke_later()


class Connection(models.Model):
    """One person's grant at a network. The row stays after disconnecting, without its tokens.

    Asking the network is not done here but in `social.connections`, whose functions are given a
    row. Whatever two workers could do at once is one conditional UPDATE of this class.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="connections"
    )
    network_name = models.CharField(max_length=20, db_column="network")
    remote_id = models.CharField(max_length=320)
    # The server it lives on, as `Home.address`; empty where the network has one home. No part of
    # who it is, because remote ids are global: so it needs no constraint, and no JOIN in a claim.
    home = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=200)
    handle = models.CharField(max_length=320, blank=True)
    picture_url = models.URLField(max_length=1000, blank=True)
    # What a post may weigh, where the network gives this account more or less than others.
    longest = models.PositiveIntegerField(null=True, blank=True)
    limits = models.JSONField(default=dict)  # what else it may have, as `Person.limits`
    missing_permissions = models.JSONField(default=list)
    # Why its person must connect it anew: a Reason.
    blocked_reason = models.CharField(max_length=40, blank=True)
    # Why the last refresh must be repeated: a Reason.
    last_error = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    disconnected_at = models.DateTimeField(null=True, blank=True)

    # The tokens, which nobody may see.
    access_sealed = models.TextField(blank=True)
    refresh_sealed = models.TextField(blank=True)
    extra_sealed = models.TextField(blank=True)  # JSON: what else a grant holds
    scopes = models.JSONField(default=list)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True)
    renewing_until = models.DateTimeField(null=True, blank=True)  # the lease of a renewal

    # Refreshing: one at a time and one a minute, whoever asks for it and however often, because
    # the calls of one person count for everybody's limit.
    checked_at = models.DateTimeField(null=True, blank=True)  # when a refresh last came to its end
    wanted_at = models.DateTimeField(null=True, blank=True)  # when its job was to come
    refreshing_until = models.DateTimeField(null=True, blank=True)  # the lease of a refresh
    refresh_not_before = models.DateTimeField(null=True, blank=True)

    objects = ConnectionQuerySet.as_manager()
    export = ExportPart(
        "connections",
        "id network_name remote_id name handle picture_url scopes missing_permissions "
        "blocked_reason created_at checked_at disconnected_at",
        renamed=EXPORTED_AS,
    )

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

    # ── state ─────────────────────────────────────────────────────────────────────────────────
    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def person(self) -> Person:
        profile = (self.name, self.handle, self.picture_url, self.longest, self.limits)
        return Person(self.remote_id, *profile)

    @property
    def is_connected(self) -> bool:
        return self.disconnected_at is None

    @property
    def is_new(self) -> bool:
        """Connected, and its first refresh has not come back yet."""
        return self.is_connected and self.checked_at is None and not self.blocked_reason

    @property
    def needs_reconnect(self) -> bool:
        return self.is_connected and bool(self.blocked_reason)

    @property
    def chosen(self) -> list[Channel]:
        return [c for c in self.channels.all() if c.chosen_at and not c.disconnected_at]

    @property
    def offered(self) -> list[Channel]:
        """The places that could be chosen, those that may be first."""
        offered = [c for c in self.channels.all() if not c.chosen_at and not c.disconnected_at]
        return sorted(offered, key=lambda channel: bool(channel.missing_permissions))

    @property
    def is_ticked(self) -> bool:
        """Whether what is offered is ticked already: a few at the first time, never a crowd."""
        return not self.chosen and len(self.offered) <= TICKED_AT_MOST

    @property
    def authorize_action(self) -> str:
        """allauth's word for how to ask: anew for what was refused before, or as always."""
        return "rerequest" if self.missing_permissions else "authenticate"

    @property
    def blocked_sentence(self) -> str:
        return sentence(self.blocked_reason or self.last_error, self.network.label)

    @property
    def missing_sentence(self) -> str:
        return self.network.missing_sentence(self.missing_permissions)

    def row(self) -> ConnectionQuerySet:
        """This row and no other, to be changed by a conditional UPDATE."""
        return Connection.objects.filter(pk=self.pk)

    def lock(self) -> "Connection | None":
        """This row as it is now, held until the transaction ends; None where it is gone."""
        return self.row().select_for_update(no_key=True).first()

    # ── who it is ─────────────────────────────────────────────────────────────────────────────
    def take(self, person: Person, grant: Grant) -> None:
        """Store who this is and the new grant, also after a disconnecting. The caller holds the
        row, and sees to it that it is refreshed."""
        self.remote_id, self.home = person.remote_id, grant.home
        self.describe(person)
        self.disconnected_at = self.checked_at = None
        was, self.blocked_reason, self.last_error = self.blocked_reason, "", ""
        self.refresh_not_before = None  # what its person has just said there is new
        self.keep(grant)
        self.save(update_fields=None if self._state.adding else CONNECTED_FIELDS)
        self.announce_return(was)

    def announce_return(self, was: str) -> None:
        """It works again, after `was` was the matter with it. In the caller's transaction."""
        if was:
            grant_moved.send_robust(Connection, connection=self, was=was)

    def describe(self, person: Person) -> None:
        """Put on this row what the network says of it by now, besides its id."""
        self.name, self.handle, self.picture_url = person.name, person.handle, person.picture_url
        self.longest = person.longest or self.longest  # where it says nothing, it stays
        self.limits = dict(person.limits) or self.limits

    def note_person(self, person: Person) -> None:
        """Store that, and nothing else of the row; nothing once it is disconnected, as when whose
        it was has deleted their account and no name of theirs may stay."""
        self.describe(person)
        profile = {name: getattr(self, name) for name in PROFILE_FIELDS}
        self.row().filter(disconnected_at=None).update(**profile)

    def mark_lost(self, reason: str) -> None:
        """Note that the network no longer accepts this grant; nothing is said of a newer one. The
        first true reason stays."""
        same = self.row().filter(access_sealed=self.access_sealed)
        with transaction.atomic():
            if not same.filter(blocked_reason="").update(blocked_reason=reason):
                return
            self.blocked_reason = reason
            grant_moved.send_robust(Connection, connection=self, was="")
        for channel in self.chosen:
            channel_changed.send(Channel, channel=channel)

    def disconnect(self) -> None:
        """Stop using this grant. Its channels stop now; a job ends it and wipes the tokens."""
        with transaction.atomic():
            self.disconnected_at = timezone.now()
            self.save(update_fields=["disconnected_at"])
            if provider := self.network.provider:
                SocialAccount.objects.filter(
                    user_id=self.user_id, provider=provider, uid=self.remote_id
                ).delete()
            for channel in self.channels.filter(disconnected_at=None):
                channel.stop()
            self.revoke_later()

    # ── tokens ────────────────────────────────────────────────────────────────────────────────
    def grant(self) -> Grant:
        """The tokens in the clear. Raises AuthorizationLost when there are none to read."""
        if not self.access_sealed:
            raise AuthorizationLost(Reason.TOKEN_DEAD, "it was disconnected")
        try:
            return Grant(
                access=unseal(self.access_sealed, f"connection:{self.id}:access"),
                refresh=unseal(self.refresh_sealed, f"connection:{self.id}:refresh"),
                expires_at=self.access_expires_at,
                scopes=tuple(self.scopes),
                home=self.home,
                extra=json.loads(unseal(self.extra_sealed, f"connection:{self.id}:extra") or "{}"),
            )
        except UnreadableToken as error:
            raise AuthorizationLost(Reason.TOKEN_UNREADABLE, str(error)) from error

    def keep(self, grant: Grant) -> None:
        """Put a new grant on this row; the caller saves. Tokens are of a server: where a renewal
        names another one, the account has moved there."""
        self.home = grant.home or self.home
        self.access_sealed = seal(grant.access, f"connection:{self.id}:access")
        if grant.refresh or not self.refresh_sealed:
            self.refresh_sealed = seal(grant.refresh, f"connection:{self.id}:refresh")
        if grant.extra:
            extra = json.dumps(dict(grant.extra))
            self.extra_sealed = seal(extra, f"connection:{self.id}:extra")
        self.access_expires_at, self.scopes = grant.expires_at, list(grant.scopes)
        self.renewed_at = timezone.now()

    def keep_renewed(self, grant: Grant) -> bool:
        """Save what a renewal gave before it is used: the old tokens may be dead from now on. False
        when this row was wiped, or connected anew, while the network was asked."""
        before = {"access_sealed": self.access_sealed, "refresh_sealed": self.refresh_sealed}
        self.keep(grant)
        renewed = {name: getattr(self, name) for name in TOKEN_FIELDS}
        return bool(self.row().filter(**before).update(**renewed))

    def ends_within(self, ahead: timedelta) -> bool:
        """Whether the token ends within `ahead`, or within half of a life that is shorter: each
        renewal is a risk."""
        ends, begun = self.access_expires_at, self.renewed_at
        if ends is None:
            return False
        half = (ends - begun) / 2 if begun and begun < ends else ahead
        return ends - timezone.now() < min(ahead, half)

    def claim_renewal(self) -> bool:
        """Whether it is the caller who may renew the token now."""
        free = self.row().filter(is_free("renewing_until", timezone.now()))
        return bool(free.update(renewing_until=from_now(RENEWAL_LEASE_SECONDS)))

    def release_renewal(self) -> None:
        self.row().update(renewing_until=None)

    def may_be_renewed(self, since: datetime) -> bool:
        """After the network refused the access token: is a renewal worth a try? Not when one
        happened after `since`; one in the future was before a clock was set back."""
        now = timezone.now()
        renewed = self.renewed_at is not None and since <= self.renewed_at <= now
        if renewed or self.blocked_reason or not self.refresh_sealed:
            return False
        self.access_expires_at = now
        # Not where there is a newer grant by now: it has not ended.
        refused = self.row().filter(access_sealed=self.access_sealed)
        refused.update(access_expires_at=self.access_expires_at)
        return True

    def wipe(self) -> None:
        """Forget the tokens, also those of the channels, of what is still disconnected: it may have
        been connected again meanwhile. In one step, or that comes between the two."""
        gone = self.row().filter(disconnected_at__isnull=False)
        with transaction.atomic():
            wiped = {"access_sealed": "", "refresh_sealed": "", "extra_sealed": ""}
            if gone.update(access_expires_at=None, **wiped):
                self.channels.update(token_sealed="")

    # ── refreshing, in turn ───────────────────────────────────────────────────────────────────
    def request_refresh(self) -> bool:
        """Refresh it now, by a worker. False before `refresh_allowed_at`: then nothing happens."""
        now = timezone.now()
        asked_long_ago = Q(wanted_at=None) | Q(wanted_at__lte=now - delay(REFRESH_REST_SECONDS))
        free = self.row().filter(may_be_refreshed(now), asked_long_ago, disconnected_at=None)
        with transaction.atomic():
            if not free.update(checked_at=None, wanted_at=now):
                return False
            self.checked_at, self.wanted_at = None, now
            self._queue("social.tasks.refresh_connection")
        return True

    def refresh_soon(self) -> None:
        """Refresh it as soon as it may be; what goes there waits until then."""
        if not self.request_refresh():
            self.row().update(checked_at=None)
            self.refresh_from_db()
            self.refresh_later(after=self.refresh_allowed_at)

    @property
    def refresh_allowed_at(self) -> datetime | None:
        """From when on its person may ask for a refresh; None: now."""
        rested = self.wanted_at and self.wanted_at + delay(REFRESH_REST_SECONDS)
        times = (rested, self.refreshing_until, self.refresh_not_before)
        latest = max(filter(None, times), default=None)
        return latest if latest and latest > timezone.now() else None

    def claim_refresh(self) -> bool:
        """Whether it is the caller who may refresh it now."""
        now = timezone.now()
        until, after = now + delay(REFRESH_LEASE_SECONDS), now + delay(REFRESH_REST_SECONDS)
        claim = {"refreshing_until": until, "refresh_not_before": after}
        if not self.row().filter(may_be_refreshed(now)).update(**claim):
            return False
        self.refreshing_until, self.refresh_not_before = until, after
        return True

    def release_refresh(self) -> None:
        mine = self.row().filter(refreshing_until=self.refreshing_until)
        mine.update(refreshing_until=None)

    def postpone_refresh_later(self) -> None:
        """Queue one job more for all that came too early; none where the other refresh will do."""
        now = timezone.now()
        self.refresh_from_db()
        if self.checked_at and not self.last_error:
            return
        at = max(filter(None, (self.refresh_not_before, now + delay(BUSY_DELAY_SECONDS))))
        unwanted = Q(wanted_at=None) | Q(wanted_at__lte=now)
        with transaction.atomic():
            if self.row().filter(unwanted, disconnected_at=None).update(wanted_at=at):
                self._queue("social.tasks.refresh_connection", at)

    def note_error(self, error: NetworkError) -> None:
        """Note that the refresh failed for now; it is tried again."""
        if isinstance(error, RateLimited):
            at = error.until or from_now(LIMITED_DELAY_SECONDS)
        else:
            at = from_now(ERROR_DELAY_SECONDS)
        self.last_error, self.refresh_not_before = error.reason, at
        self.save(update_fields=["last_error", "refresh_not_before"])
        self.refresh_later(after=at)

    # ── jobs ──────────────────────────────────────────────────────────────────────────────────
    def renew_later(self) -> None:
        self._queue("social.tasks.renew_connection")

    def check_later(self) -> None:
        self._queue("social.tasks.check_connection")

    def refresh_later(self, after: datetime | None = None) -> None:
        self._want_later("social.tasks.refresh_connection", after)

    def revoke_later(self, after: datetime | None = None) -> None:
        self._want_later("social.tasks.revoke_connection", after)

    def _want_later(self, job: str, after: datetime | None) -> None:
        """Written down as well: what gets lost is asked for again, by the timetable."""
        self.wanted_at = after or timezone.now()
        self.row().update(wanted_at=self.wanted_at)
        self._queue(job, after)

    def _queue(self, job: str, after: datetime | None = None) -> None:
        enqueue(job, str(self.id), queue="publish", owner=self.user_id, run_after=after)


def may_be_refreshed(now: datetime) -> Q:
    """Nobody is refreshing it, and the last refresh was long enough ago."""
    is_time = Q(refresh_not_before=None) | Q(refresh_not_before__lte=now)
    return is_free("refreshing_until", now) & is_time
