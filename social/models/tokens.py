"""The tokens of a connection: sealed at rest, renewed by one worker at a time."""

import time
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from social.networks.errors import AuthorizationLost, TemporaryError
from social.networks.shapes import Grant
from social.sealing import Unreadable, seal, unseal
from social.timing import delay, scaled

RENEW_BEFORE = timedelta(minutes=5)
RENEWAL_LEASE = 60  # seconds; longer than the deadline of the call
RENEWAL_WAIT = 10  # seconds that one worker waits for another one's renewal
TOKEN_FIELDS = ["access_sealed", "refresh_sealed", "access_expires_at", "scopes", "renewed_at"]


class Tokens(models.Model):
    """The part of a connection that nobody may see. Its other half has `network`, `trouble` and
    `mark_lost`."""

    access_sealed = models.TextField(blank=True)
    refresh_sealed = models.TextField(blank=True)
    scopes = models.JSONField(default=list)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    renewed_at = models.DateTimeField(null=True, blank=True)
    renewing_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def grant(self) -> Grant:
        """The tokens in the clear. Raises AuthorizationLost when there are none to read."""
        if not self.access_sealed:
            raise AuthorizationLost("token_dead", "it was disconnected")
        try:
            return Grant(
                access=unseal(self.access_sealed, f"connection:{self.id}:access"),
                refresh=unseal(self.refresh_sealed, f"connection:{self.id}:refresh"),
                expires_at=self.access_expires_at,
                scopes=tuple(self.scopes),
            )
        except Unreadable as error:
            raise AuthorizationLost("token_unreadable", str(error)) from error

    def keep_renewed(self, grant: Grant) -> bool:
        """Save what a renewal gave before it is used: the old tokens may be dead from now on. False
        when this row was wiped, or connected anew, while the network was asked."""
        before = {"access_sealed": self.access_sealed, "refresh_sealed": self.refresh_sealed}
        self.keep(grant)
        return bool(
            self._rows()
            .filter(**before)
            .update(**{name: getattr(self, name) for name in TOKEN_FIELDS})
        )

    def keep(self, grant: Grant) -> None:
        """Put a new grant on this row; the caller saves."""
        self.access_sealed = seal(grant.access, f"connection:{self.id}:access")
        if grant.refresh or not self.refresh_sealed:
            self.refresh_sealed = seal(grant.refresh, f"connection:{self.id}:refresh")
        self.access_expires_at, self.scopes = grant.expires_at, list(grant.scopes)
        self.renewed_at = timezone.now()

    def fresh_grant(self, ahead: timedelta = RENEW_BEFORE) -> Grant:
        """A grant that lasts through a send, renewed first when it is about to end.

        Raises TemporaryError (somebody else is renewing, or the network is away) and
        AuthorizationLost (nothing to renew it with).
        """
        if not self._ends_soon(ahead) or not self.refresh_sealed:
            return self.grant()
        if not self._take_renewal():
            return self._await_renewal(ahead)
        try:
            self.refresh_from_db()
            if self._ends_soon(ahead) and not self.keep_renewed(self.network.renew(self.grant())):
                self.refresh_from_db()
        except AuthorizationLost as error:
            self.mark_lost(error.reason)
            raise
        finally:
            self._rows().update(renewing_until=None)
        return self.grant()

    def _await_renewal(self, ahead: timedelta) -> Grant:
        patience = time.monotonic() + scaled(RENEWAL_WAIT)
        while time.monotonic() < patience:
            time.sleep(scaled(0.2))
            self.refresh_from_db()
            if not self._ends_soon(ahead):
                return self.grant()
        raise TemporaryError("unreachable", "another worker's renewal of this grant takes long")

    def _ends_soon(self, ahead: timedelta) -> bool:
        """`ahead` of its end, or within half of a life that is shorter: each renewal is a risk."""
        ends, begun = self.access_expires_at, self.renewed_at
        if ends is None:
            return False
        half = (ends - begun) / 2 if begun and begun < ends else ahead
        return ends - timezone.now() < min(ahead, half)

    def _take_renewal(self) -> bool:
        now = timezone.now()
        free = Q(renewing_until=None) | Q(renewing_until__lt=now)
        return bool(self._rows().filter(free).update(renewing_until=now + delay(RENEWAL_LEASE)))

    def may_be_renewed(self, since: datetime) -> bool:
        """After the network refused the access token: is a renewal worth a try? Not when one
        happened after `since`; one in the future was before a clock was set back."""
        now = timezone.now()
        renewed = self.renewed_at is not None and since <= self.renewed_at <= now
        if renewed or self.trouble or not self.refresh_sealed:
            return False
        self.access_expires_at = now
        # Not where there is a newer grant by now: it has not ended.
        refused = self._rows().filter(access_sealed=self.access_sealed)
        refused.update(access_expires_at=self.access_expires_at)
        return True

    def lock(self) -> Self | None:
        """This row as it is now, held until the transaction ends."""
        return self._rows().select_for_update(no_key=True).first()

    def _rows(self) -> models.QuerySet[Any]:
        return type(self)._default_manager.filter(pk=self.pk)
