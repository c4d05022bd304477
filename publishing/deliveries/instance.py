"""Which instance ran last, and when: what was due while nobody ran, or what a copied or restored
database believes to be due, may be there already. It is verified before anything is sent."""

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from publishing.sql import beat_if_seen
from publishing.states import QUEUED
from social.timing import scaled, sleep, ticks

from . import doubts
from .delivery import Delivery
from .settle import release

SILENCE = timedelta(seconds=60)  # by the clock on the wall: no delay of ours
BEAT_EVERY_SECONDS = 20.0
JOIN_WITHIN_SECONDS = 25.0  # in which those that live have beaten once more
FORGOTTEN_AFTER = timedelta(days=30)
DOUBTS_PER_TRANSACTION = 500  # deliveries: about a second
StillHere = Callable[[], None]

logger = logging.getLogger(__name__)


def nothing() -> None:
    """Nobody watches."""


class InstanceManager(models.Manager["Instance"]):
    """The heartbeats of this instance and of others at the same database."""

    # When to beat again, by ticks(). The workers of one cluster share it: each is forked from the
    # process that made it.
    next_beat = RawValue("d", 0.0)

    def heartbeat(self, still_here: StillHere = nothing) -> None:
        """Beat when it is time. For a worker's loop, before it takes anything: cheap, but for a
        beat now and then. What may take long calls `still_here` every few seconds."""
        if ticks() < self.next_beat.value:
            return
        self.beat(still_here)
        self.next_beat.value = ticks() + scaled(BEAT_EVERY_SECONDS)

    def beat(self, still_here: StillHere = nothing) -> None:
        """We are here. What became due in a silence before that is in doubt from now on."""
        name, beats = read_identity()
        if newer := self.continue_beat(name, beats):
            write_identity(name, newer)
            return
        if not self.filter(pk=name).exists():
            self.wait_for_a_sign(name, still_here)
        while not (newer := self.detect_gap_or_rollback(name, beats)):
            still_here()
        write_identity(name, newer)

    def continue_beat(self, name: str, beats: int) -> int | None:
        """The usual beat: we ourselves were seen a moment ago, by a database that knows as much as
        we. How many beats it counts now; None when it is not so."""
        now = timezone.now()
        return beat_if_seen(name, beats, now - SILENCE, now + SILENCE)

    def detect_gap_or_rollback(self, name: str, beats: int) -> int | None:
        """The first beat after a silence, when nothing is left to doubt: how many it makes. None:
        there may be more. In parts, for others wait for each, and a worker that does not turn for
        long is taken for frozen."""
        with transaction.atomic():
            # One at a time: nobody takes anything before the first one has seen to it.
            rows = list(self.select_for_update().order_by("pk"))
            row = next((row for row in rows if row.pk == name), None)
            rolled_back = beats > (row.beats if row else 0)
            latest = max((row.seen_at for row in rows), default=None)
            was_silent = latest and timezone.now() - latest > SILENCE
            if (rolled_back or was_silent) and mark_overdue_unconfirmed(rolled_back, latest):
                return None
            if row is None:  # and it may be another worker's first turn, too
                row, _ = self.get_or_create(pk=name, defaults={"seen_at": timezone.now()})
            row.seen_at, row.beats = timezone.now(), max(beats, row.beats) + 1
            row.save()
            self.filter(seen_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()
        return row.beats

    def wait_for_a_sign(self, name: str, still_here: StillHere = nothing) -> None:
        """A machine that joins others finds them alive; in a copy nobody is. Another worker of this
        machine may have found it out meanwhile."""
        seen = self.order_by("-seen_at").values_list("seen_at", flat=True).first()
        until = ticks() + scaled(JOIN_WITHIN_SECONDS)
        while seen and timezone.now() - seen < SILENCE:
            if self.filter(Q(seen_at__gt=seen) | Q(pk=name)).exists():
                return
            if ticks() > until:
                # Whoever was here a moment ago is not here any more.
                self.update(seen_at=timezone.now() - 2 * SILENCE)
                return
            still_here()
            sleep(0.5)


class Instance(models.Model):
    """One installation that works on this database."""

    name = models.CharField(primary_key=True, max_length=200)
    seen_at = models.DateTimeField()
    beats = models.BigIntegerField(default=0)

    objects = InstanceManager()

    def __str__(self) -> str:
        return self.name


def mark_overdue_unconfirmed(rolled_back: bool, latest: datetime | None) -> int:
    """DOUBTS_PER_TRANSACTION of them; how many that were. `latest` is when somebody was seen last;
    `rolled_back` says that the database is an older copy."""
    deliveries = Delivery.objects.with_all()
    # What waited may have stopped waiting, and have been sent, in the time that is lost. Nobody
    # may remember that there is such a time.
    if not rolled_back:
        doubts.doubt_what_waits(deliveries)
    overdue = deliveries.overdue() if rolled_back else deliveries.due()
    some = (*left_behind(), *overdue.order_by("id")[:DOUBTS_PER_TRANSACTION])
    count = sum(doubts.doubt_after_silence(delivery) for delivery in some)
    since = f"since {latest:%Y-%m-%d %H:%M:%S}" if latest else "ever"
    if count:
        logger.warning(
            "%s; nobody was seen here %s; overdue deliveries that are looked up first: %d",
            "The database was put back" if rolled_back else "After a silence",
            since,
            count,
        )
    return count


def left_behind() -> list[Delivery]:
    """Whoever was sending these is gone. Also one without an attempt, which else would prove that
    nothing left, may have been sent in the time that is lost."""
    sending = list(Delivery.objects.with_all().sending().order_by("id"))
    return [delivery for delivery in sending if release(delivery) and delivery.state == QUEUED]


def read_identity() -> tuple[str, int]:
    """Our name, and how often we beat as this machine remembers: more often than the database
    knows means that the database is an older copy."""
    if settings.INSTANCE_ID:
        return settings.INSTANCE_ID, 0
    try:
        name, _, beats = identity_file().read_text().partition(" ")
        return name, int(beats)
    except (OSError, ValueError):
        name = uuid.uuid4().hex
        write_identity(name, 0)
        return name, 0


def write_identity(name: str, beats: int) -> None:
    """Remember it beside the database; a disk that is full is no reason to stop."""
    if settings.INSTANCE_ID:
        return
    try:
        identity_file().parent.mkdir(mode=0o700, exist_ok=True)
        new = identity_file().with_suffix(f".{uuid.uuid4().hex}")
        new.write_text(f"{name} {beats}")
        new.replace(identity_file())
    except OSError as error:
        logger.warning("cannot remember which instance this is (set INSTANCE_ID): %s", error)


def identity_file() -> Path:
    """Where this machine remembers who it is."""
    return Path(settings.VAR_DIR) / "instance"
