"""What one delivery's error says of all the others: a limit, no credits, a network that is away."""

from datetime import datetime
from itertools import takewhile

from django.utils import timezone

from social.models import Closure
from social.models.closures import CREDITS, KINDS, OUTAGE, RATE_LIMIT
from social.networks.errors import Limit, NetworkError
from social.timing import delay

from .attempt import Attempt

AWAY = ("unreachable", "no_answer", "cut_off", "server_error")
# Ended here, before the network was asked: they say nothing of it.
SILENT = ("worker_gone", "too_slow_here", "interrupted", "too_long", "empty", "token_unreadable")
ENOUGH = 5  # outcomes of that kind, one after the other …
DELIVERIES = 3  # … of so many deliveries at least …
WINDOW = 120  # … within so many seconds: the network is away
LOOK_BACK = 200  # attempts


def close_for(error: NetworkError, network: str, account: str, delivery_id: int) -> Closure | None:
    """Close what this error says is closed, for everybody; what keeps this delivery longest."""
    found = [close(limit, network, account) for limit in error.limits]
    if error.reason in AWAY and is_away(network, delivery_id):
        found.append(Closure.objects.close(network, OUTAGE, "unreachable"))
    return min(found, key=lambda it: (KINDS.index(it.kind), -it.until.timestamp()), default=None)


def close(limit: Limit, network: str, account: str) -> Closure:
    kind = CREDITS if limit.needs_an_operator else RATE_LIMIT
    account = "" if limit.of_all else account
    return Closure.objects.close(network, kind, limit.reason, limit.until, account)


def is_away(network: str, delivery_id: int) -> bool:
    """Whether this is one more in a row of failures to hear from this network at all."""
    if Closure.objects.standing().filter(bucket=network, kind=OUTAGE).exists():
        return True
    row = [*takewhile(lambda it: it[1] in AWAY, latest(network))]
    deliveries = {delivery_id, *(pk for _, _, pk in row)}
    return len(row) + 1 >= ENOUGH and len(deliveries) >= DELIVERIES


def latest(network: str) -> list[tuple[datetime, str, int]]:
    """(when it ended, reason, delivery) of the last attempts there that say anything, latest first.
    By id, which is an index, and only so many: this is asked after each failure."""
    since = timezone.now() - delay(WINDOW)
    rows = Attempt.objects.order_by("-id").values_list(
        "finished_at", "reason", "delivery_id", "delivery__network_name"
    )[:LOOK_BACK]
    ended = [row[:3] for row in rows if row[3] == network and row[0] and row[0] > since]
    return sorted((row for row in ended if row[1] not in SILENT), reverse=True)
