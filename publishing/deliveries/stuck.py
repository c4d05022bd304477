"""Deliveries that could move and do not. In a healthy instance there is none, so whatever is found
here is told: on the operators' page, in /healthz and in the log."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from social.timing import delay, scaled

from .delivery import Delivery

STUCK_AFTER = 50  # seconds, so that a page tells it within a minute
WATCH_EVERY = 30  # seconds: half as often as the sweep is too seldom for the log
LOGGED_AFTER = 25
MANY = 1_000  # a count goes no further
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stuck:
    """Deliveries that stand still for the same reason."""

    what: str
    many: int
    seconds: float
    first: UUID

    def __str__(self) -> str:
        many = f"{self.many:,}" if self.many < MANY else f"{MANY:,} or more"
        noun = "delivery" if self.many == 1 else "deliveries"
        return f"{many} {noun} {self.what}, the first for {self.seconds:.0f} s ({self.first})"


def stuck(after: float = STUCK_AFTER) -> list[Stuck]:
    """The longest first."""
    return sorted(_stuck(scaled(after)), key=lambda it: -it.seconds)


def _stuck(after: float) -> Iterator[Stuck]:
    now = timezone.now()
    for what, (rows, since) in standing_still().items():
        late = rows.filter(**{f"{since}__isnull": False}).order_by(since)
        first = late.values_list(since, "job_id").first()
        seconds = seconds_since(first, now)
        if first and seconds > after:
            many = late.filter(**{f"{since}__lt": now})[:MANY].count()
            if many:  # or the last of them has gone meanwhile
                yield Stuck(what, many, seconds, first[1])


def standing_still() -> dict[str, tuple[Any, str]]:
    """What is wrong → the rows that could be it, and the field that says since when."""
    return {
        DUE: (Delivery.objects.due().exclude(waiting_for="turn"), "next_attempt_at"),
        SENDING: (Delivery.objects.sending(), "lease_until"),
        LOOKING: (Delivery.objects.looking(), "next_look_at"),
    }


DUE = "due and not begun"
SENDING = "sending past the lease of their worker"
LOOKING = "in doubt and not looked up"


def seconds_since(first: tuple[datetime, UUID] | None, now: datetime) -> float:
    return (now - first[0]).total_seconds() if first else 0.0


def watch() -> None:
    """Between two sweeps: what was being sent is settled soon after its lease, and what does not
    move stands in the log."""
    Delivery.objects.release_expired()
    for it in stuck(LOGGED_AFTER):
        logger.error("Stuck: %s", it)


def watch_later() -> None:
    broker = get_broker("housekeeping")
    broker.run_after = timezone.now() + delay(WATCH_EVERY)
    async_task("publishing.tasks.watch", broker=broker)
