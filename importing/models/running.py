"""A worker's steps with one run: take, read page by page, write each down, say how it ended."""

import logging
from datetime import datetime
from decimal import Decimal

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from importing import rhythm
from importing.cursor import Cursor
from importing.states import FAILED, FINISHED, OPEN, QUEUED, RUNNING, WAITING
from publishing.database_errors import retry_on_database_error
from social.holding import is_gone, this_process
from social.models import Closure
from social.models.closures import RATE_LIMIT
from social.networks.errors import (
    AuthorizationLost,
    NetworkError,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.networks.shapes import Page
from social.redacting import redact
from social.timing import Window, delay

from .linking import link
from .statistics import Statistics
from .storing import store

LEASE = 120  # seconds; longer than a page may take
RUN_WINDOW = 25  # seconds after which a run lets others go first; a job may take 60
MOST_PAGES = 500  # that one worker reads at a time, however quick
# What networks refuse has words made for posting; these are for reading.
READING = dict.fromkeys(("bad_request", "bad_link", "duplicate", "too_long"), "question_refused")
READING |= {"permission_missing": "may_not_read", "forbidden": "reading_refused"}
READING |= {"slow_down": "rate_limit"}
logger = logging.getLogger(__name__)


class Lost(Exception):
    """Somebody else has taken this run over, or it is gone: nothing more is written."""


class Running(models.Model):
    """The part of a run that workers call."""

    pages_now = 0  # that this worker has read

    class Meta:
        abstract = True

    @property
    def is_left_behind(self) -> bool:
        """Its worker is gone."""
        expired = self.lease_until is not None and self.lease_until < timezone.now()
        return self.state == RUNNING and (expired or is_gone(self.worker))

    def take(self) -> bool:
        """QUEUED → RUNNING; or from a worker that is gone. One worker has it at a time."""
        now = timezone.now()
        mine = type(self)._default_manager.filter(pk=self.pk, state__in=OPEN, taken=self.taken)
        taken = {"state": RUNNING, "worker": this_process(), "lease_until": now + delay(LEASE)}
        if not mine.update(taken=F("taken") + 1, started_at=Coalesce("started_at", now), **taken):
            return False
        self.taken, self.started_at = self.taken + 1, self.started_at or now
        for name, value in taken.items():
            setattr(self, name, value)
        return True

    def run(self) -> None:
        """Read what there is, and write down what came of it."""
        try:
            self._read()
        except Lost:
            logger.info("run %s was taken over or is gone", self.pk)
        except NetworkError as error:
            self.mark_waiting(error)
        except Exception as error:  # a fault of ours
            self.mark_failed(repr(error))
            raise

    def _read(self) -> None:
        self.begun_at, self.window = timezone.now(), Window(RUN_WINDOW)
        self._check_open()
        self._ask_extent()
        goes_on = bool(self.timeline.where.reading)  # and what came meanwhile is above it
        if self._read_down() and (not goes_on or self._read_down()):
            self.mark_finished()

    def _read_down(self) -> bool:
        """From the top, or from where an unfinished reading was; and what was left out. False when
        it ends before its end."""
        self._set(self.timeline.where.begin(self.timeline.overlap(), self.timeline.is_by_id))
        while self.timeline.where.stretch:
            left = self.timeline.left_today()
            if left <= 0:
                self.mark_limited()
                return False
            if not self.window.left or self.pages_now >= MOST_PAGES:
                self._go_on_later()
                return False
            self._read_page(left)
            self.pages_now += 1
        return True

    def _check_open(self) -> None:
        """What keeps everybody from asking there keeps us too."""
        if not self.timeline.is_connected:
            raise AuthorizationLost(self.timeline.trouble)
        closed = Closure.objects.over("", self.timeline.network_name)
        if closed:
            until = closed.again_at(str(self.timeline_id))
            raise RateLimited(closed.reason or RATE_LIMIT, str(closed), until=until)

    def _ask_extent(self) -> None:
        """Once, so that people see how much there is to come."""
        timeline = self.timeline
        if timeline.read_at or timeline.expected is not None:
            return
        try:
            count = timeline.ask_extent(self.begun_at)
        except (RateLimited, Rejected, TemporaryError) as error:
            logger.info("how many there are of %s is not known: %s", timeline.pk, error)
        else:
            timeline.expect(count)

    # ── Page by page ──────────────────────────────────────────────────────────────────────────
    def _read_page(self, left: int) -> None:
        timeline, cursor = self.timeline, self.timeline.where
        try:
            page = timeline.ask_page(cursor.stretch, left, self.begun_at)
        except (Rejected, TemporaryError) as error:
            otherwise = self._otherwise(error, cursor, left)
            if otherwise is None:
                raise
            self._set(otherwise)
            return
        retry_on_database_error(lambda: self._keep(page, cursor.took(page)))
        link(timeline, page.items)

    def _otherwise(self, error: NetworkError, cursor: Cursor, left: int) -> Cursor | None:
        """What to ask for instead, where asking the same again would fail again."""
        timeline, size = self.timeline, self.timeline.page_size(cursor.stretch, left)
        if error.reason == "mark_expired" and not cursor.stretch.again:
            lost = cursor.lost(timeline.is_by_id)
            return lost if lost.stretch else lost.begin(None, timeline.is_by_id)
        if error.reason == "answer_too_long" and size > 1:
            return cursor.narrowed(size // 2)
        return None

    def _keep(self, page: Page, cursor: Cursor) -> None:
        """The page's items, its mark and what it cost: together, or not at all."""
        with transaction.atomic():
            self._hold()
            stored = store(self.timeline, page.items)
            self.timeline.keep(cursor, page, stored.added)
            read = self.timeline.billed(page, stored.added)
            counts = {"added": stored.added, "updated": stored.updated, "items": read}
            counts |= {"pages": 1, "cost": self._cost(read)}
            mine = self._mine()
            mine.update(**{name: F(name) + value for name, value in counts.items()})
        for name, value in counts.items():
            setattr(self, name, getattr(self, name) + value)

    def _cost(self, items: int) -> Decimal:
        price = self.timeline.network.price(self.timeline.kind)
        return Decimal(str(price)) * items

    def _set(self, cursor: Cursor) -> None:
        with transaction.atomic():
            self._hold()
            self.timeline.keep(cursor)

    def _hold(self) -> None:
        """Still ours, and for another while; nobody else writes meanwhile. Raises Lost."""
        if not self._mine().update(lease_until=timezone.now() + delay(LEASE)):
            raise Lost

    def _mine(self) -> models.QuerySet:
        rows = type(self)._default_manager
        return rows.filter(pk=self.pk, state=RUNNING, taken=self.taken)

    # ── How it ends ───────────────────────────────────────────────────────────────────────────
    def _go_on_later(self) -> None:
        """Others first: a job of its own goes on from the mark."""
        with transaction.atomic():
            if self._mine().update(state=QUEUED, lease_until=None):
                self.state = QUEUED
                self.run_later()

    def mark_finished(self) -> None:
        timeline, found = self.timeline, bool(self.added or self.updated)
        interval = timeline.interval
        if not timeline.is_first:  # that one finds a lot, and says nothing of what comes
            interval = rhythm.next_interval(interval, found)
        at = timezone.now() + rhythm.after(interval)
        fields = {"read_at": timezone.now(), "interval": interval, "failures": 0}
        self._end(FINISHED, again_at=at, **fields)

    def mark_limited(self) -> None:
        """What a connection may read a day is used up: the rest another day."""
        with transaction.atomic():
            self._set(self.timeline.where.left())
            at = rhythm.tomorrow(timezone.now())
            self._end(WAITING, "import_limit", again_at=at, failures=0)

    def mark_waiting(self, error: NetworkError) -> None:
        """The network did not let us, with its reason; what was read stays, and the next run goes
        on from there."""
        failures = self.timeline.failures + 1
        at = rhythm.after_error(error, failures, timezone.now())
        state = FAILED if isinstance(error, Rejected) else WAITING
        reason = READING.get(error.reason, error.reason)
        fields = {"again_at": at, "failures": min(failures, 1000)}
        retry_on_database_error(lambda: self._end(state, reason, error.detail, **fields))

    def mark_failed(self, detail: str) -> None:
        failures = self.timeline.failures + 1
        at = timezone.now() + rhythm.after_failures(failures + 5)
        fields = {"again_at": at, "failures": min(failures, 1000)}
        retry_on_database_error(
            lambda: self._end(FAILED, "import_fault", redact(detail)[:2000], **fields)
        )

    def _end(
        self,
        state: str,
        reason: str = "",
        detail: str = "",
        again_at: datetime | None = None,
        **fields: object,
    ) -> None:
        ended = {"state": state, "reason": reason, "detail": detail, "again_at": again_at}
        ended |= {"finished_at": timezone.now(), "lease_until": None}
        with transaction.atomic():
            if not self._mine().update(**ended):
                return
            self.timeline.set(next_import_at=again_at, **fields)
        for name, value in ended.items():
            setattr(self, name, value)
        if self.added or self.updated:
            Statistics.objects.mark_stale(self.timeline.user_id)
