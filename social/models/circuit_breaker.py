"""Circuit breakers: what keeps everybody from asking one account, a home, or a network, for a
while. A home is a server, where a network lives on many; else it is the network."""

import logging
import random
import time
from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.dispatch import Signal
from django.utils import timezone

from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.messages import sentence
from social.reasons import Reason
from social.timing import backoff, delay

PAUSED, CREDITS, OUTAGE, RATE_LIMIT = "paused", "credits", "outage", "rate_limit"
# What lasts longest, or needs a person, comes first.
BREAKER_KINDS = (PAUSED, CREDITS, OUTAGE, RATE_LIMIT)
# How long it stays tripped when nobody says until when: at first, doubled each time, and at most.
FIRST_SECONDS = {CREDITS: 900, OUTAGE: 30, RATE_LIMIT: 60}
LONGEST_SECONDS = {CREDITS: 4 * 3600, OUTAGE: 900, RATE_LIMIT: 3600}
PROBE_INTERVAL_SECONDS = 60  # between two probes of the timetable
NETWORK_SPREAD_SECONDS = 30  # over which what waited for a network comes back
# The same for one account: many are limited by the same quarter of an hour.
ACCOUNT_SPREAD_SECONDS = 10
RETRIP_SECONDS = 3600  # tripped again so soon after its end, it stays tripped for longer
# That a process goes by what it read: claims are too many to ask each time.
KNOWN_FOR_SECONDS = 0.4
logger = logging.getLogger(__name__)

# A network or a home was tripped, or was reset (breaker=…); not sent for a single account.
network_tripped = Signal()
network_reset = Signal()


class CircuitBreakerQuerySet(models.QuerySet["CircuitBreaker"]):
    def tripped(self) -> Self:
        """Those that are tripped at this moment. A limit ends by itself; the others when somebody
        says so."""
        lasts = ~Q(kind=RATE_LIMIT) | Q(until__gt=timezone.now())
        return self.filter(lasts, reset_at=None)

    def of_accounts(self) -> Self:
        return self.filter(scope__startswith=Concat(F("network_name"), Value(":")))

    def of_networks(self) -> Self:
        """Those of all that are known here, or of a home of theirs."""
        known = self.filter(network_name__in=NETWORKS)
        return known.exclude(scope__startswith=Concat(F("network_name"), Value(":")))

    def to_probe(self) -> Self:
        """Tripped until a harmless question is answered, and it is time to ask one."""
        return self.tripped().filter(kind__in=(OUTAGE, CREDITS), until__lte=timezone.now())

    def blocking(
        self, account: str, network: str, kinds: Collection[str] = BREAKER_KINDS, home: str = ""
    ) -> "CircuitBreaker | None":
        """What keeps this account, which lives at `home`, from being asked now, as known to this
        process."""
        known, now = known_breakers(), timezone.now()
        scopes = dict.fromkeys((network, scope_of(network, home), account))
        breakers = [
            breaker
            for scope in scopes
            for breaker in known.get(scope, ())
            if breaker.kind in kinds
            and (breaker.kind != RATE_LIMIT or (breaker.until or now) > now)
        ]
        return min(breakers, key=lambda row: BREAKER_KINDS.index(row.kind), default=None)

    def blocking_reads(self, account: str, network: str, home: str = "") -> "CircuitBreaker | None":
        """The same for a question that changes nothing. An operator's pause is about posting, and
        that there are no credits is best heard from the network itself."""
        kinds = (OUTAGE, RATE_LIMIT) if NETWORKS[network].limits_are_shared else (OUTAGE,)
        return self.blocking(account, network, kinds, home)

    def trip(
        self,
        network: str,
        kind: str,
        reason: str,
        until: datetime | None = None,
        account: str = "",
        by: User | None = None,
        home: str = "",
    ) -> "CircuitBreaker":
        """Let nobody ask the account, or else the home, or else the whole network. Said again, it
        is the later end that counts."""
        with transaction.atomic():
            row, _ = self.select_for_update().get_or_create(
                scope=account or scope_of(network, home),
                kind=kind,
                defaults={"network_name": network},
            )
            is_new = row.begin(reason, until, by)
        forget_known_breakers()
        if is_new:
            logger.warning("%s is closed: %s (%s)", row.scope, row.sentence, row.lasts)
            if not account:
                network_tripped.send_robust(CircuitBreaker, breaker=row)  # a send is on its way
        return row

    def pause(self, network: str, by: User | None) -> bool:
        """Trip it for an operator, until one resumes it. Whether it was not paused before."""
        if self.tripped().filter(scope=network, kind=PAUSED).exists():
            return False
        self.trip(network, PAUSED, Reason.NETWORK_PAUSED, by=by)
        return True

    def reset(self, scope: str, kind: str) -> bool:
        """Let the network, or the home, be asked again; what waited for it comes back. Whether it
        was tripped until now."""
        rows = self.tripped().filter(scope=scope, kind=kind)
        if not rows.update(reset_at=timezone.now()):
            return False
        forget_known_breakers()
        logger.warning("%s is open again (%s)", scope, kind)
        network_reset.send(CircuitBreaker, breaker=self.get(scope=scope, kind=kind))
        return True


class CircuitBreaker(models.Model):
    """One kind of reason not to ask in one scope. The row stays after a reset, because what trips
    again and again stays tripped for longer each time."""

    # A network's name, a home's (`scope_of`), or a channel's `account`.
    scope = models.CharField(max_length=360)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in BREAKER_KINDS])
    network_name = models.CharField(max_length=20, db_column="network")
    reason = models.CharField(max_length=40, blank=True)  # a Reason
    tripped_at = models.DateTimeField(null=True, blank=True)
    # When a limit ends, or when an outage is probed next; None while a person decides.
    until = models.DateTimeField(null=True, blank=True)
    reset_at = models.DateTimeField(null=True, blank=True)
    # How often it tripped, or was probed in vain, in a row.
    times = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = CircuitBreakerQuerySet.as_manager()

    class Meta:
        ordering = ["scope", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "kind"], name="breaker_once_for_each_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=BREAKER_KINDS), name="breaker_of_a_known_kind"
            ),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(reset_at=None), name="breaker_until")]

    def __str__(self) -> str:
        return f"{self.scope}: {self.kind}"

    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def home(self) -> str:
        """The server that it is about; empty where it is about an account, or a whole network."""
        before = f"{self.network_name}@"
        return self.scope.removeprefix(before) if self.scope.startswith(before) else ""

    @property
    def label(self) -> str:
        """What it is about, for people: the network, with the home where it is one of many."""
        return self.network.label_at(self.home)

    @property
    def sentence(self) -> str:
        return sentence(self.reason, self.label)

    @property
    def lasts(self) -> str:
        if self.until is None:
            return "until somebody resumes it"
        word = "until" if self.kind == RATE_LIMIT else "looking again at"
        return f"{word} {self.until:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def is_tripped(self) -> bool:
        lasts = self.kind != RATE_LIMIT or (self.until and self.until > timezone.now())
        return self.tripped_at is not None and self.reset_at is None and bool(lasts)

    def begin(self, reason: str, until: datetime | None, by: User | None) -> bool:
        """Trip it. Whether it was not tripped until now. The caller holds the row."""
        now, was_tripped = timezone.now(), self.is_tripped
        if until is not None and until <= now:
            until = None  # a clock that is wrong, here or there
        if was_tripped and until is None:
            return False  # what was said first stands
        if not was_tripped:
            ended = self.reset_at or self.until
            again = ended is not None and now - ended < delay(RETRIP_SECONDS)
            self.times = self.times + 1 if again else 0
            self.tripped_at, self.reset_at, self.by = now, None, by
            self.until = None
        self.reason = reason
        self.until = max(filter(None, (self.until, until or self.later())), default=None)
        self.save()
        return not was_tripped

    def later(self) -> datetime | None:
        """When to come back where nobody said when: each time twice as late, within bounds."""
        if self.kind == PAUSED:
            return None
        wait = backoff(self.times, FIRST_SECONDS[self.kind], LONGEST_SECONDS[self.kind])
        return timezone.now() + wait

    def claim_probe(self) -> bool:
        """Set the next probe; only one of several workers that are about to probe may go on."""
        mine = CircuitBreaker.objects.to_probe().filter(pk=self.pk, until=self.until)
        self.times = min(self.times + 1, 30)
        self.until = self.later()
        return bool(mine.update(times=self.times, until=self.until))

    def again_at(self, account: str) -> datetime | None:
        """When something of `account` may come again: all of one account at once, because they
        have an order, and the accounts one after the other. None while a person decides."""
        if self.until is None:
            return None
        now = timezone.now()
        at = self.until if self.until > now else now + delay(PROBE_INTERVAL_SECONDS)
        jitter = random.Random(f"{account} {self.until}")  # noqa: S311
        is_one = self.scope.startswith(f"{self.network_name}:")
        spread = ACCOUNT_SPREAD_SECONDS if is_one else NETWORK_SPREAD_SECONDS
        return at + delay(jitter.uniform(0, spread))


def scope_of(network: str, home: str) -> str:
    """The scope that is all of this home's: the network's own name where it has only one."""
    return f"{network}@{home}" if home else network


# ── What this process knows ───────────────────────────────────────────────────────────────────
_known: tuple[float, dict[str, list[CircuitBreaker]]] = (float("-inf"), {})


def known_breakers() -> dict[str, list[CircuitBreaker]]:
    """scope → what is tripped there, read at most KNOWN_FOR_SECONDS ago."""
    global _known
    read_at, breakers = _known
    if time.monotonic() - read_at > KNOWN_FOR_SECONDS:
        now, breakers = time.monotonic(), {}
        for breaker in CircuitBreaker.objects.tripped():
            breakers.setdefault(breaker.scope, []).append(breaker)
        _known = now, breakers
    return breakers


def forget_known_breakers() -> None:
    global _known
    _known = (float("-inf"), {})
