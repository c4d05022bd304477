"""The queue: django-q2's table, with rows that hold signed JSON and are never thrown away."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.signing import SignedPackage

from . import claiming, queueing
from .claiming import Claim
from .job import Job, NotAJob
from .models import Heartbeat, SetAside
from .queueing import NewRow, insert
from .timetable import queue_due

BEAT_EVERY = 5.0
LOOK_AT_TIMETABLE_EVERY = 1.0

STOCK = "stock cluster"  # its workers do not say who they are, nor renew a lease


class JobBroker(ORM):
    """What `async_task` and `get_broker(queue)` give to the models. `run_after`, `priority` (higher
    comes first) and `network` are for the jobs added next; a stock broker ignores them."""

    run_after: datetime | None = None
    priority = 0
    network = ""
    _batch: list[NewRow] | None = None
    _heartbeat: Heartbeat | None = None
    _next_beat = 0.0
    _next_look = 0.0

    # ── Putting in ────────────────────────────────────────────────────────────────────────────
    def enqueue(self, task: str) -> None:
        # async_task signed and pickled this in our own process a moment ago.
        self.add(Job.of_task(SignedPackage.loads(task)))

    def queue(self, func: str, argument: int | str, group: str | None = None) -> None:
        """As `async_task`, for many at once: that one pickles, signs and unsigns each job first."""
        self.add(Job.new(func, argument, group=group))

    def add(self, job: Job) -> None:
        """Queue a job, not to run before `run_after`."""
        due = self.run_after or timezone.now()
        row = NewRow(self.list_key, job, due, self.priority, self.network)
        if self._batch is None:
            insert([row])
        else:
            self._batch.append(row)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Everything added inside is written by one INSERT at the end, or not at all."""
        self._batch = rows = []
        try:
            yield
        finally:
            self._batch = None
        insert(rows)

    # ── Taking out, for a stock cluster ───────────────────────────────────────────────────────
    def dequeue(self) -> list[tuple[int, str]]:
        claimed = self.claim()
        if not claimed:
            time.sleep(Conf.POLL)
        return [(pk, SignedPackage.dumps(job.task())) for pk, job in claimed]

    def claim(self) -> list[tuple[int, Job]]:
        """Lease the jobs that are due. What cannot be read is set aside."""
        self.get_connection()  # closes a connection that the database has given up
        if queueing.line_up([self.list_key]).queues[self.list_key].first is None:
            return []
        claims = claiming.claim(self.list_key, STOCK, Conf.BULK, Conf.RETRY)
        return [(claim.row, job) for claim in claims if (job := self.read(claim))]

    def read(self, claim: Claim) -> Job | None:
        try:
            return Job.read(claim.payload)
        except NotAJob as error:
            SetAside.objects.take_row(claim.row, str(error))
            return None

    def fail(self, task_id: int) -> None:
        """Nothing is thrown away: the lease runs out, and the row comes again."""

    # ── Being alive ───────────────────────────────────────────────────────────────────────────
    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Called twice a second by the process that guards the workers, however busy they are."""
        now = time.monotonic()
        if now >= self._next_beat:
            self._next_beat = now + BEAT_EVERY
            self.beat()
        if now >= self._next_look:
            self._next_look = now + LOOK_AT_TIMETABLE_EVERY
            queue_due(self)

    def beat(self) -> None:
        self.get_connection()  # closes a connection that the database has given up
        claiming.give_back_expired(STOCK)
        if self._heartbeat:
            self._heartbeat.beat()
        else:
            self._heartbeat = Heartbeat.objects.start("jobs", os.getppid())
