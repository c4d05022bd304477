"""Would a post go through? Found out ahead of time, by reading, while its person can still act."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost, NetworkError, Rejected
from social.timing import delay

from .tokens import Tokens

AHEAD = timedelta(minutes=15)  # before its end a token is renewed, so that no send has to
LONG_AHEAD = timedelta(days=14)  # the same where a token lasts for months
WEEKLY = 7 * 86400  # seconds between two looks at what is seldom posted to
DAILY = 86400  # seconds between two looks around for that
HOURLY = 3000  # seconds that a look around is good enough for a post that goes out soon
FORGOTTEN = 300  # seconds after which a job that has not come counts as lost
FOR_THE_PERSON = ("suspended",)  # refusals that no other post would escape
logger = logging.getLogger(__name__)


class CheckedQuerySet(models.QuerySet):
    def working(self) -> Self:
        return self.filter(disconnected_at=None, trouble="").exclude(access_sealed="")

    def ending(self) -> Self:
        """Can be renewed, and should be by now."""
        soon = self.working().exclude(refresh_sealed="")
        return soon.filter(access_expires_at__lt=timezone.now() + AHEAD)

    def ending_in_days(self) -> Self:
        """Is renewed by looking around."""
        lasting = [network.name for network in NETWORKS.values() if network.grants_last]
        ends = {"access_expires_at__lt": timezone.now() + LONG_AHEAD}
        return self.working().filter(network_name__in=lasting, **ends).unchecked(DAILY)

    def unchecked(self, seconds: float) -> Self:
        """Not looked at for so long."""
        return self.filter(checked_at__lt=timezone.now() - delay(seconds))

    def renew_ending_later(self) -> None:
        for connection in self.ending():
            connection.renew_later()
        for connection in self.ending_in_days():
            connection.refresh_later()

    def take_up_forgotten(self) -> None:
        """Looking around, or wiping the tokens, whose job should have come long ago."""
        long_ago = timezone.now() - delay(FORGOTTEN)
        forgotten = self.exclude(wanted_at__gte=long_ago)
        for connection in forgotten.working().filter(checked_at=None, renewed_at__lt=long_ago):
            connection.refresh_later()
        gone = forgotten.filter(disconnected_at__lt=long_ago)
        for connection in gone.exclude(access_sealed=""):
            connection.revoke_later()

    def renew_one(self, pk: str) -> None:
        self._ahead(pk, lambda connection: connection.renew_ahead())

    def check_one(self, pk: str) -> None:
        self._ahead(pk, lambda connection: connection.check_ahead())

    def _ahead(self, pk: str, act: Callable[["Checked"], None]) -> None:
        """The timetable comes again: what fails for now is only noted."""
        connection = self.filter(pk=pk).first()
        if connection is None:
            return
        try:
            act(connection)
        except AuthorizationLost:
            return  # remembered on the row
        except NetworkError as error:
            logger.warning("ahead of time, nothing came of connection %s: %s", pk, error)

    def check_later(self) -> None:
        for connection in self.working().unchecked(HOURLY):
            connection.check_later()


class Checked(Tokens):
    """Its other half has `refresh`, `missing`, `wanted_at`, `take_look`, `leave_look`, `_queue`."""

    class Meta:
        abstract = True

    def renew_later(self) -> None:
        self._queue("social.tasks.renew_connection")

    def check_later(self) -> None:
        self._queue("social.tasks.check_connection")

    def renew_ahead(self) -> None:
        """Raises the five errors; a lost authorization is remembered first. Who this is there
        by now is asked once a week: a subscription changes how long posts may be."""
        self.fresh_grant(AHEAD)
        if not self.network.offers_places and self._rows().unchecked(WEEKLY).exists():
            self.check_ahead()

    def check_ahead(self) -> None:
        """Read what a post will need: the token, the role on each Page, the permissions. Raises the
        five errors; what its person must know is remembered first. Where somebody is looking around
        or has just looked, that will do."""
        if not self.take_look():
            return
        try:
            if not self.network.offers_places:
                self._ask_who()
            self.refresh()
        except AuthorizationLost as error:
            self.mark_lost(error.reason)
            raise
        except Rejected as error:
            if error.reason in FOR_THE_PERSON:
                self.mark_lost(error.reason)
            raise
        finally:
            self.leave_look()
        if self.network.to_post in self.missing:
            self.mark_lost("permission_missing")

    def _ask_who(self) -> None:
        """A refused access token may only have ended early, as when posting."""
        begun = timezone.now()
        try:
            person = self.network.person(self.fresh_grant())
        except AuthorizationLost as error:
            if error.reason != "token_dead" or not self.may_be_renewed(since=begun):
                raise
            person = self.network.person(self.fresh_grant())
        self.note_person(person)
