"""What one delivery's error says of all the others: a limit, no credits, a network that is away."""

from datetime import datetime
from itertools import takewhile
from math import inf

from social.models import CircuitBreaker
from social.models.circuit_breaker import (
    BREAKER_KINDS,
    CREDITS,
    OUTAGE,
    RATE_LIMIT,
    scope_of,
)
from social.networks.errors import Limit, NetworkError
from social.reasons import Reason
from social.timing import ago

from .attempt import Attempt

# The network did not answer.
UNHEARD = (Reason.UNREACHABLE, Reason.NO_ANSWER, Reason.CUT_OFF, Reason.SERVER_ERROR)
# Ended here, before the network was asked: they say nothing of it.
SILENT = (
    Reason.WORKER_GONE,
    Reason.TOO_SLOW_HERE,
    Reason.INTERRUPTED,
    Reason.TOO_LONG,
    Reason.EMPTY,
    Reason.TOKEN_UNREADABLE,
)
FAILURES_OF_AN_OUTAGE = 5  # one after the other …
DELIVERIES_OF_AN_OUTAGE = 3  # … of so many deliveries at least …
OUTAGE_WINDOW_SECONDS = 120  # … within so many seconds: the network is away
LATEST_ATTEMPTS = 200  # that are looked at


def close_for(
    error: NetworkError, network: str, home: str, account: str, delivery_id: int
) -> CircuitBreaker | None:
    """Close what this error says is closed, for everybody; what keeps this delivery longest."""
    breakers = [close(limit, network, home, account) for limit in error.limits]
    if error.reason in UNHEARD and is_away(network, delivery_id, home):
        breakers.append(CircuitBreaker.objects.trip(network, OUTAGE, Reason.UNREACHABLE, home=home))
    return min(
        breakers,
        key=lambda breaker: (
            BREAKER_KINDS.index(breaker.kind),
            -(breaker.until.timestamp() if breaker.until else inf),
        ),
        default=None,
    )


def close(limit: Limit, network: str, home: str, account: str) -> CircuitBreaker:
    """Close what is used up: for the account, or for the whole app at its home."""
    kind = CREDITS if limit.needs_an_operator else RATE_LIMIT
    account = "" if limit.of_all else account
    return CircuitBreaker.objects.trip(network, kind, limit.reason, limit.until, account, home=home)


def is_away(network: str, delivery_id: int, home: str = "") -> bool:
    """Whether this is one more in a row of failures to hear from this home of a network at all."""
    tripped = CircuitBreaker.objects.tripped()
    if tripped.filter(scope=scope_of(network, home), kind=OUTAGE).exists():
        return True
    row = [*takewhile(lambda outcome: outcome[1] in UNHEARD, latest_outcomes(network, home))]
    deliveries = {delivery_id, *(pk for _, _, pk in row)}
    return len(row) + 1 >= FAILURES_OF_AN_OUTAGE and len(deliveries) >= DELIVERIES_OF_AN_OUTAGE


def latest_outcomes(network: str, home: str = "") -> list[tuple[datetime, str, int]]:
    """(when it ended, reason, delivery) of the last attempts there that say anything, latest first.
    By id, which is an index, and only so many: this is asked after each failure."""
    since = ago(OUTAGE_WINDOW_SECONDS)
    rows = Attempt.objects.order_by("-id").values_list(
        *("finished_at", "reason", "delivery_id"),
        *("delivery__network_name", "delivery__channel__connection__home"),
    )[:LATEST_ATTEMPTS]
    ended = [
        (ended_at, reason, delivery)
        for ended_at, reason, delivery, *where in rows
        if where == [network, home] and ended_at and ended_at > since and reason not in SILENT
    ]
    return sorted(ended, reverse=True)
