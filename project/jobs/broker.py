"""The queue: django-q2's table, with rows that hold signed JSON and are never thrown away."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from .job import Job, NotAJob
from .models import Heartbeat, SetAside
from .timetable import queue_due

BEAT_EVERY = 5.0
LOOK_AT_TIMETABLE_EVERY = 1.0

Claimed = list[tuple[int, str]]


class JobBroker(ORM):
    run_after: datetime | None = None
    _batch: list[OrmQ] | None = None
    _heartbeat: Heartbeat | None = None
    _next_beat = 0.0
    _next_look = 0.0

    # ── Putting in ────────────────────────────────────────────────────────────────────────────
    def enqueue(self, task: str) -> int | None:
        # async_task signed and pickled this in our own process a moment ago.
        return self.add(Job.of_task(SignedPackage.loads(task)))

    def add(self, job: Job) -> int | None:
        """Queue a job, not to run before `run_after`. Inside `batch()` there is no row id yet."""
        row = OrmQ(key=self.list_key, payload=job.payload(), lock=self.run_after or timezone.now())
        if self._batch is not None:
            self._batch.append(row)
            return None
        row.save(using=Conf.ORM, force_insert=True)
        return row.pk

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Everything added inside is written by one INSERT at the end, or not at all."""
        self._batch = rows = []
        try:
            yield
        finally:
            self._batch = None
        OrmQ.objects.using(Conf.ORM).bulk_create(rows)

    # ── Taking out ────────────────────────────────────────────────────────────────────────────
    def dequeue(self) -> Claimed:
        claimed = self.claim()
        if not claimed:
            time.sleep(Conf.POLL)
        return [(pk, SignedPackage.dumps(job.task())) for pk, job in claimed]

    def claim(self) -> list[tuple[int, Job]]:
        """Lease the jobs that are due, oldest first. What cannot be read is set aside."""
        now = timezone.now()
        due = self.get_connection().filter(key=self.list_key, lock__lte=now)
        # A look first: on SQLite a transaction takes the only write lock even for nothing.
        while due.exists():
            with transaction.atomic(using=Conf.ORM):
                oldest = due.select_for_update(skip_locked=True).order_by("lock", "id")
                rows = list(oldest[: Conf.BULK])
                jobs = [(row.pk, job) for row in rows if (job := self.read(row))]
                self.lease([pk for pk, _ in jobs], now)
            if jobs or not rows:
                return jobs
        return []

    def lease(self, keys: list[int], now: datetime) -> None:
        if keys:
            rows = OrmQ.objects.using(Conf.ORM).filter(pk__in=keys)
            rows.update(lock=now + timedelta(seconds=Conf.RETRY))

    def read(self, row: OrmQ) -> Job | None:
        try:
            return Job.read(row.payload)
        except NotAJob as error:
            SetAside.objects.take(row, str(error))
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
        if self._heartbeat:
            self._heartbeat.beat()
        else:
            self._heartbeat = Heartbeat.objects.start("jobs", os.getppid())
