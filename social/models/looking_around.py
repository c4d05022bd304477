"""Looking around at a network, in turn: one at a time and one a minute for each connection, whoever
asks for it and however often. The calls of one person count for everybody's limit."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from social.jobs import enqueue
from social.networks.errors import NetworkError, RateLimited
from social.timing import delay

from .checking import Checked

LOOK_LEASE = 120  # seconds after which a look whose worker is gone is over
REST = 60  # seconds from the beginning of one look to that of the next
BUSY = 5  # seconds until it is asked for again when another look is under way
HITCH_DELAY = 30  # seconds until a failed look around is repeated
LIMITED_DELAY = 900  # the same when the network is limiting us and does not say until when


class LookingAround(Checked):
    """Its other half has `refresh`, `checked_at`, `hitch` and `disconnected_at`."""

    wanted_at = models.DateTimeField(null=True, blank=True)  # when its job was to come
    looking_until = models.DateTimeField(null=True, blank=True)  # while one is under way
    look_after = models.DateTimeField(null=True, blank=True)  # not before

    class Meta:
        abstract = True

    # ── what a person does ────────────────────────────────────────────────────────────────────
    def look_again(self) -> bool:
        """Look around now, by a worker. False before `may_look_at`: then nothing happens."""
        now = timezone.now()
        asked_long_ago = Q(wanted_at=None) | Q(wanted_at__lte=now - delay(REST))
        free = self._rows().filter(free_at(now), asked_long_ago, disconnected_at=None)
        with transaction.atomic():
            if not free.update(checked_at=None, wanted_at=now):
                return False
            self.checked_at, self.wanted_at = None, now
            self._queue("social.tasks.refresh_connection")
        return True

    def look_soon(self) -> None:
        """The same as soon as it may be; what goes there waits until then."""
        if not self.look_again():
            self._rows().update(checked_at=None)
            self.refresh_from_db()
            self.refresh_later(after=self.may_look_at)

    @property
    def may_look_at(self) -> datetime | None:
        """From when on its person may ask for a look around; None: now."""
        wanted = self.wanted_at and self.wanted_at + delay(REST)
        latest = max(filter(None, (wanted, self.looking_until, self.look_after)), default=None)
        return latest if latest and latest > timezone.now() else None

    # ── what jobs do ──────────────────────────────────────────────────────────────────────────
    def refresh_in_turn(self) -> None:
        """`refresh`, unless somebody else is at it or has just been: then later, if still wanted.
        Raises the five errors."""
        if not self.take_look():
            self._put_off()
            return
        try:
            self.refresh()
        finally:
            self.leave_look()

    def take_look(self) -> bool:
        """Whether it is this one's turn to look around."""
        now = timezone.now()
        until, after = now + delay(LOOK_LEASE), now + delay(REST)
        taken = {"looking_until": until, "look_after": after}
        if not self._rows().filter(free_at(now)).update(**taken):
            return False
        self.looking_until, self.look_after = until, after
        return True

    def leave_look(self) -> None:
        self._rows().filter(looking_until=self.looking_until).update(looking_until=None)

    def _put_off(self) -> None:
        """One job more, for all that came too early; none where the other look will do."""
        now = timezone.now()
        self.refresh_from_db()
        if self.checked_at and not self.hitch:
            return
        at = max(filter(None, (self.look_after, now + delay(BUSY))))
        unwanted = Q(wanted_at=None) | Q(wanted_at__lte=now)
        with transaction.atomic():
            if self._rows().filter(unwanted, disconnected_at=None).update(wanted_at=at):
                self._queue("social.tasks.refresh_connection", at)

    def note_hitch(self, error: NetworkError) -> None:
        """The look around failed for now; it is tried again."""
        limited = isinstance(error, RateLimited)
        pause = delay(LIMITED_DELAY if limited else HITCH_DELAY)
        at = (limited and error.until) or timezone.now() + pause
        self.hitch, self.look_after = error.reason, at
        self.save(update_fields=["hitch", "look_after"])
        self.refresh_later(after=at)

    def refresh_later(self, after: datetime | None = None) -> None:
        self._want("social.tasks.refresh_connection", after)

    def revoke_later(self, after: datetime | None = None) -> None:
        self._want("social.tasks.revoke_connection", after)

    def _want(self, job: str, after: datetime | None) -> None:
        """Written down as well: what gets lost is asked for again, by the timetable."""
        self.wanted_at = after or timezone.now()
        self._rows().update(wanted_at=self.wanted_at)
        self._queue(job, after)

    def _queue(self, job: str, after: datetime | None = None) -> None:
        enqueue(job, str(self.id), queue="publish", owner=self.user_id, run_after=after)


def free_at(now: datetime) -> Q:
    """Nobody is looking around, and the last look was long enough ago."""
    over = Q(looking_until=None) | Q(looking_until__lt=now)
    return over & (Q(look_after=None) | Q(look_after__lte=now))
