"""Deliveries that could move and do not. In a healthy instance there is none, so whatever is found
here is told: on the operators' page, in /healthz and in the log."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from publishing.states import ACCOUNT_BUSY
from social.jobs import enqueue
from social.timing import from_now, scaled

from .delivery import Delivery
from .settle import release_expired

STUCK_AFTER_SECONDS = 50  # so that a page tells it within a minute
WATCH_EVERY_SECONDS = 30  # half as often as the sweep is too seldom for the log
LOGGED_AFTER_SECONDS = 25
STUCK_COUNTED = 1_000  # a count goes no further
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stuck:
    """Deliveries that stand still for the same reason."""

    what: str
    count: int
    seconds: float
    first: UUID

    def __str__(self) -> str:
        noun = "delivery" if self.count == 1 else "deliveries"
        more = "" if self.count < STUCK_COUNTED else " or more"
        which = f"{self.count:,}{more} {noun} {self.what}"
        return f"{which}, the first for {self.seconds:.0f} s ({self.first})"

    @property
    def sentence(self) -> str:
        """The same for the page of the operators."""
        sentences = {
            NOT_BEGUN: ngettext(
                "{count} delivery due and not begun, the first for {seconds} s ({first})",
                "{count} deliveries due and not begun, the first for {seconds} s ({first})",
                self.count,
            ),
            PAST_LEASE: ngettext(
                "{count} delivery sending past the lease of their worker, the first for "
                "{seconds} s ({first})",
                "{count} deliveries sending past the lease of their worker, the first for "
                "{seconds} s ({first})",
                self.count,
            ),
            NOT_VERIFIED: ngettext(
                "{count} delivery in doubt and not looked up, the first for {seconds} s ({first})",
                "{count} deliveries in doubt and not looked up, the first for {seconds} s "
                "({first})",
                self.count,
            ),
        }
        count = f"{self.count:,}"
        if self.count >= STUCK_COUNTED:
            count = gettext("{count} or more").format(count=count)
        return sentences[self.what].format(
            count=count, seconds=f"{self.seconds:.0f}", first=self.first
        )


def stuck(after: float = STUCK_AFTER_SECONDS) -> list[Stuck]:
    """The longest first."""
    return sorted(_stuck(scaled(after)), key=lambda stuck: -stuck.seconds)


def _stuck(after: float) -> Iterator[Stuck]:
    now = timezone.now()
    for what, (rows, since) in standing_still().items():
        late = rows.filter(**{f"{since}__isnull": False}).order_by(since)
        first = late.values_list(since, "job_id").first()
        seconds = seconds_since(first, now)
        if first and seconds > after:
            count = late.filter(**{f"{since}__lt": now})[:STUCK_COUNTED].count()
            if count:  # or the last of them has gone meanwhile
                yield Stuck(what, count, seconds, first[1])


def standing_still() -> dict[str, tuple[Any, str]]:
    """What is wrong → the rows that could be it, and the field that says since when."""
    return {
        NOT_BEGUN: (Delivery.objects.due().exclude(waiting_for=ACCOUNT_BUSY), "next_attempt_at"),
        PAST_LEASE: (Delivery.objects.sending(), "lease_until"),
        NOT_VERIFIED: (Delivery.objects.verifying(), "next_verification_at"),
    }


NOT_BEGUN = "due and not begun"
PAST_LEASE = "sending past the lease of their worker"
NOT_VERIFIED = "in doubt and not looked up"


def seconds_since(first: tuple[datetime, UUID] | None, now: datetime) -> float:
    """How long ago that was; 0 for nothing."""
    return (now - first[0]).total_seconds() if first else 0.0


def watch() -> None:
    """Between two sweeps: what was being sent is settled soon after its lease, and what does not
    move stands in the log."""
    release_expired(Delivery.objects.all())
    for each in stuck(LOGGED_AFTER_SECONDS):
        logger.error("Stuck: %s", each)


def watch_later() -> None:
    """Queue the next watch."""
    enqueue("publishing.tasks.watch", run_after=from_now(WATCH_EVERY_SECONDS))
