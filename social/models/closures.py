"""What is closed for a while, so that nobody goes on asking there: one account, or a network."""

import logging
import random
import time
from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone

from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.messages import sentence
from social.timing import delay

PAUSED, CREDITS, OUTAGE, RATE_LIMIT = "paused", "credits", "outage", "rate_limit"
KINDS = (PAUSED, CREDITS, OUTAGE, RATE_LIMIT)  # what lasts longest, or needs a person, comes first
FIRST = {CREDITS: 900, OUTAGE: 30, RATE_LIMIT: 60}  # seconds, when nobody says until when; doubled
LAST = {CREDITS: 4 * 3600, OUTAGE: 900, RATE_LIMIT: 3600}  # … up to these
LOOK_EVERY = 60  # seconds between two looks of the timetable
SPREAD = 30  # seconds over which what waited for a network comes back
STEP_ASIDE = 10  # the same for one account: many are limited by the same quarter of an hour
SOON = 3600  # seconds: closed again so soon, it stays closed for longer
REMEMBERED = (
    0.4  # seconds that a process goes by what it read: claims are too many to ask each time
)
logger = logging.getLogger(__name__)

# A network was closed, or is open again (closure=…); not sent for a single account.
network_closed = Signal()
network_opened = Signal()


class ClosureQuerySet(models.QuerySet["Closure"]):
    def standing(self) -> Self:
        """Closed at this moment. A limit ends by itself; the others when somebody says so."""
        lasts = ~Q(kind=RATE_LIMIT) | Q(until__gt=timezone.now())
        return self.filter(lasts, ended_at=None)

    def of_networks(self) -> Self:
        return self.filter(bucket__in=NETWORKS)

    def to_look_at(self) -> Self:
        """Closed until a harmless question is answered, and it is time to ask one."""
        return self.standing().filter(kind__in=(OUTAGE, CREDITS), until__lte=timezone.now())

    def over(self, account: str, network: str, kinds: Collection[str] = KINDS) -> "Closure | None":
        """What keeps this account from being asked now, as known to this process."""
        known = known_closures()
        found = [*known.get(network, ()), *known.get(account, ())]
        now = timezone.now()
        standing = [it for it in found if it.kind != RATE_LIMIT or it.until > now]
        named = [it for it in standing if it.kind in kinds]
        return min(named, key=lambda it: KINDS.index(it.kind), default=None)

    def over_reading(self, account: str, network: str) -> "Closure | None":
        """The same for a question that changes nothing. An operator's pause is about posting, and
        that there are no credits is best heard from the network itself."""
        kinds = (OUTAGE, RATE_LIMIT) if NETWORKS[network].limits_are_shared else (OUTAGE,)
        return self.over(account, network, kinds)

    def close(
        self,
        network: str,
        kind: str,
        reason: str,
        until: datetime | None = None,
        account: str = "",
        by: Any = None,
    ) -> "Closure":
        """Close the account, or the whole network. Said again, it is the later end that counts."""
        with transaction.atomic():
            row, _ = self.select_for_update().get_or_create(
                bucket=account or network, kind=kind, defaults={"network_name": network}
            )
            is_new = row.begin(reason, until, by)
        forget_closures()
        if is_new:
            logger.warning("%s is closed: %s (%s)", row.bucket, row.sentence, row.lasts)
            if not account:
                network_closed.send_robust(Closure, closure=row)  # a send is on its way
        return row

    def pause(self, network: str, by: Any) -> bool:
        """By an operator, until an operator resumes it. Whether it was open before."""
        if self.standing().filter(bucket=network, kind=PAUSED).exists():
            return False
        self.close(network, PAUSED, "network_paused", by=by)
        return True

    def open(self, network: str, kind: str) -> bool:
        """Whether it was closed until now. What waited for it comes back."""
        rows = self.standing().filter(bucket=network, kind=kind)
        if not rows.update(ended_at=timezone.now()):
            return False
        forget_closures()
        logger.warning("%s is open again (%s)", network, kind)
        network_opened.send(Closure, closure=self.get(bucket=network, kind=kind))
        return True


class Closure(models.Model):
    """One reason why a bucket is closed. The row stays, because what closes again and again is
    closed for longer each time."""

    bucket = models.CharField(max_length=90)  # a network's name, or a channel's `account`
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in KINDS])
    network_name = models.CharField(max_length=20, db_column="network")
    reason = models.CharField(max_length=40, blank=True)  # a key of messages.SENTENCES
    since = models.DateTimeField(null=True, blank=True)
    # When a limit ends, or when an outage is looked at again; None while a person decides.
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    times = models.PositiveSmallIntegerField(default=0)  # closed, or looked at in vain, in a row
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["bucket", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["bucket", "kind"], name="closed_once_for_each_kind"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="closed_for_a_known_kind"),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(ended_at=None), name="closed_until")]

    def __str__(self) -> str:
        return f"{self.bucket}: {self.kind}"

    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def sentence(self) -> str:
        return sentence(self.reason, self.network.label)

    @property
    def lasts(self) -> str:
        if self.until is None:
            return "until somebody resumes it"
        word = "until" if self.kind == RATE_LIMIT else "looking again at"
        return f"{word} {self.until:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def is_standing(self) -> bool:
        lasts = self.kind != RATE_LIMIT or (self.until and self.until > timezone.now())
        return self.since is not None and self.ended_at is None and bool(lasts)

    def begin(self, reason: str, until: datetime | None, by: Any) -> bool:
        """Whether it was open until now. The caller holds the row."""
        now, was_standing = timezone.now(), self.is_standing
        if until is not None and until <= now:
            until = None  # a clock that is wrong, here or there
        if was_standing and until is None:
            return False  # what was said first stands
        if not was_standing:
            ended = self.ended_at or self.until
            again = ended is not None and now - ended < delay(SOON)
            self.times = self.times + 1 if again else 0
            self.since, self.ended_at, self.by = now, None, by
            self.until = None
        self.reason = reason
        self.until = max(filter(None, (self.until, until or self.later())), default=None)
        self.save()
        return not was_standing

    def later(self) -> datetime | None:
        """When to come back where nobody said when: each time twice as late, within bounds."""
        if self.kind == PAUSED:
            return None
        seconds = min(LAST[self.kind], FIRST[self.kind] * 2 ** min(self.times, 10))
        return timezone.now() + delay(seconds * random.uniform(0.5, 1))  # noqa: S311  jitter

    def look_later(self) -> bool:
        """Set the next look; only one of several workers that are about to look may go on."""
        mine = Closure.objects.to_look_at().filter(pk=self.pk, until=self.until)
        self.times = min(self.times + 1, 30)
        self.until = self.later()
        return bool(mine.update(times=self.times, until=self.until))

    def again_at(self, account: str) -> datetime | None:
        """When something of `account` may come again: all of one account at once, because they
        have an order, and the accounts one after the other."""
        if self.until is None:
            return None
        now = timezone.now()
        at = self.until if self.until > now else now + delay(LOOK_EVERY)
        jitter = random.Random(f"{account} {self.until}")  # noqa: S311
        is_all = self.bucket == self.network_name
        return at + delay(jitter.uniform(0, SPREAD if is_all else STEP_ASIDE))


# ── What this process knows ───────────────────────────────────────────────────────────────────
_known: tuple[float, dict[str, list[Closure]]] = (float("-inf"), {})


def known_closures() -> dict[str, list[Closure]]:
    """bucket → what closes it, read at most REMEMBERED seconds ago."""
    global _known
    read_at, found = _known
    if time.monotonic() - read_at > REMEMBERED:
        now, found = time.monotonic(), {}
        for closure in Closure.objects.standing():
            found.setdefault(closure.bucket, []).append(closure)
        _known = now, found
    return found


def forget_closures() -> None:
    global _known
    _known = (float("-inf"), {})
