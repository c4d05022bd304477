"""A worker's steps with one run: read page by page, write each down, say how it ended."""

import logging
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from importing.states import RUN_FAILED, RUN_FINISHED, RUN_WAITING
from publishing.database_errors import retry_on_database_error
from social.models import CircuitBreaker
from social.models.circuit_breaker import RATE_LIMIT
from social.networks.errors import (
    AuthorizationLost,
    NetworkError,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.networks.shapes import Page
from social.reasons import Reason
from social.redacting import redact
from social.timing import Window

from . import import_interval
from .cursor import TimelineCursor
from .daily_limit import DailyLimit
from .linking import link
from .reader import TimelineReader
from .run import ImportRun, RunTakenOver
from .storing import store

RUN_WINDOW_SECONDS = 25  # after which a run lets others go first; a job may take 60
MOST_PAGES = 500  # that one worker reads at a time, however quick
MOST_FAILURES = 1000  # that are counted
# What networks refuse has words made for posting; these are for reading.
READING_REASONS: dict[str, str] = {
    Reason.BAD_REQUEST: Reason.QUESTION_REFUSED,
    Reason.BAD_LINK: Reason.QUESTION_REFUSED,
    Reason.DUPLICATE: Reason.QUESTION_REFUSED,
    Reason.TOO_LONG: Reason.QUESTION_REFUSED,
    Reason.PERMISSION_MISSING: Reason.MAY_NOT_READ,
    Reason.FORBIDDEN: Reason.READING_REFUSED,
    Reason.SLOW_DOWN: Reason.RATE_LIMIT,
}
logger = logging.getLogger(__name__)

# A run has ended that stored new or changed items (user_id=…).
items_changed = Signal()


class Importer:
    """Works one run that this worker has taken."""

    def __init__(self, run: ImportRun) -> None:
        self.run, self.timeline = run, run.timeline
        self.reader, self.limit = TimelineReader(run.timeline), DailyLimit(run.timeline)
        self.window = Window(RUN_WINDOW_SECONDS)
        self.pages = 0  # that this worker has read

    def work(self) -> None:
        """Read what there is, and write down what came of it. Raises what is a fault of ours."""
        try:
            self._read()
        except RunTakenOver:
            logger.info("run %s was taken over or is gone", self.run.pk)
        except NetworkError as error:
            self.mark_waiting(error)
        except Exception as error:
            self.mark_failed(repr(error))
            raise

    def _read(self) -> None:
        self._check_open()
        self._ask_extent()
        goes_on = bool(self.timeline.position.reading)  # and what came meanwhile is above it
        if self._read_down() and (not goes_on or self._read_down()):
            self.mark_finished()

    def _check_open(self) -> None:
        """Raise what keeps everybody from asking there: it keeps us too."""
        if not self.timeline.is_connected:
            raise AuthorizationLost(self.timeline.blocked_reason)
        closed = CircuitBreaker.objects.blocking(
            "", self.timeline.network_name, home=self.timeline.grantor.home
        )
        if closed:
            until = closed.again_at(str(self.run.timeline_id))
            raise RateLimited(closed.reason or RATE_LIMIT, str(closed), until=until)

    def _ask_extent(self) -> None:
        """Ask once how many there are, so that people see how much is to come."""
        timeline = self.timeline
        if timeline.read_at or timeline.expected is not None:
            return
        try:
            count = self.reader.extent()
        except (RateLimited, Rejected, TemporaryError) as error:
            logger.info("how many there are of %s is not known: %s", timeline.pk, error)
        else:
            timeline.save_extent(count)

    # ── page by page ──────────────────────────────────────────────────────────────────────────
    def _read_down(self) -> bool:
        """Read from the top, or from where an unfinished reading was, and what was left out. Return
        whether that came to its end."""
        timeline = self.timeline
        self.save_position(timeline.position.begin(self.reader.overlap(), timeline.is_by_id))
        while timeline.position.next_gap:
            items_left = self.limit.items_left()
            if items_left <= 0:
                self.mark_limited()
                return False
            if not self.window.left or self.pages >= MOST_PAGES:
                self.run.requeue_later()
                return False
            self.read_page(items_left)
            self.pages += 1
        return True

    def read_page(self, items_left: int) -> None:
        """Ask for the next page, of so many items at most, and store it; or write down what to ask
        for instead. Raises the errors."""
        cursor = self.timeline.position
        gap = cursor.next_gap
        if gap is None:
            return
        try:
            page = self.reader.page(gap, items_left)
        except (Rejected, TemporaryError) as error:
            page_size = self.reader.page_size(gap, items_left)
            if error.reason == Reason.MARK_EXPIRED and not gap.token_lost:
                self.save_position(self._without_token(cursor))
            elif error.reason == Reason.ANSWER_TOO_LONG and page_size > 1:
                self.save_position(cursor.narrowed(page_size // 2))
            else:  # asking for the same again, or for less, would fail again
                raise
            return
        retry_on_database_error(lambda: self.store_page(page, cursor.after_page(page)))
        link(self.timeline, page.items)

    def _without_token(self, cursor: TimelineCursor) -> TimelineCursor:
        is_by_id = self.timeline.is_by_id
        without = cursor.without_token(is_by_id)
        return without if without.next_gap else without.begin(None, is_by_id)

    def store_page(self, page: Page, cursor: TimelineCursor) -> None:
        """Store the page's items, the position after it, and what it cost: together, or not at all.
        Raises RunTakenOver."""
        with transaction.atomic():
            self.run.extend_lease()
            stored = store(self.timeline, page.items)
            self.timeline.save_position(cursor, page, stored.added)
            items = self.limit.billed(page, stored.added)
            price = Decimal(str(self.timeline.network.price(self.timeline.kind)))
            counts: dict[str, Any] = {"added": stored.added, "updated": stored.updated}
            counts |= {"items": items, "pages": 1, "cost": price * items}
            self.run.count(**counts)
        self.run.counted(**counts)

    def save_position(self, cursor: TimelineCursor) -> None:
        """Write down how far it was read. Raises RunTakenOver."""
        with transaction.atomic():
            self.run.extend_lease()
            self.timeline.save_position(cursor)

    # ── how it ends ───────────────────────────────────────────────────────────────────────────
    def mark_finished(self) -> None:
        """End the run: all was read."""
        interval = self.timeline.import_interval_seconds
        if not self.timeline.is_first:  # that one finds a lot, and says nothing of what comes
            interval = import_interval.next_interval(interval, bool(self.run.changes))
        self._end(
            RUN_FINISHED,
            again_at=timezone.now() + import_interval.jittered(interval),
            read_at=timezone.now(),
            import_interval_seconds=interval,
            failures=0,
        )

    def mark_limited(self) -> None:
        """End the run: what its connection may read a day is used up. The rest is read another day.
        Raises RunTakenOver."""
        with transaction.atomic():
            self.save_position(self.timeline.position.postponed())
            tomorrow = import_interval.tomorrow(timezone.now())
            self._end(RUN_WAITING, again_at=tomorrow, reason=Reason.IMPORT_LIMIT, failures=0)

    def mark_waiting(self, error: NetworkError) -> None:
        """End the run: the network did not let us. What was read stays, and the next run goes on
        from there."""
        failures = self.timeline.failures + 1
        fields = {
            "again_at": import_interval.after_error(error, failures, timezone.now()),
            "reason": READING_REASONS.get(error.reason, error.reason),
            "detail": error.detail,
            "failures": min(failures, MOST_FAILURES),
        }
        state = RUN_FAILED if isinstance(error, Rejected) else RUN_WAITING
        retry_on_database_error(lambda: self._end(state, **fields))

    def mark_failed(self, detail: str) -> None:
        """End the run: there is a fault of ours."""
        failures = self.timeline.failures + 1
        fields = {
            "again_at": timezone.now() + import_interval.after_failures(failures + 5),
            "reason": Reason.IMPORT_FAULT,
            "detail": redact(detail)[:2000],
            "failures": min(failures, MOST_FAILURES),
        }
        retry_on_database_error(lambda: self._end(RUN_FAILED, **fields))

    def _end(self, state: str, **fields: Any) -> None:
        if self.run.end(state, **fields) and self.run.changes:
            items_changed.send(Importer, user_id=self.timeline.user_id)
