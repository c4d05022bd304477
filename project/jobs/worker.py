"""One worker process: it claims, runs, writes down and acknowledges by itself, many jobs at a time.

A publish job is almost all waiting for a network, so its queue is wide; the others are narrow. No
job crosses a queue between processes: a process that is killed holds nobody's lock.
"""

import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from ctypes import Array

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from social.timing import scaled

from . import claiming
from .broker import JobBroker
from .claiming import Claim
from .job import Job, NotAJob
from .models import Heartbeat, SetAside
from .running import Outcome, run, settle
from .timetable import queue_due
from .waking import bell

logger = logging.getLogger(__name__)

KEEP_EVERY = 5.0  # seconds between two renewals of leases, and two beats
TIMETABLE_EVERY = 1.0
SOLO_EVERY = 2.0
SOLO_PATIENCE = 0.1  # between two looks while others still run, and between two solo jobs
LONGEST_SLEEP = 5.0
GRACE = 25.0  # seconds that running jobs get to end after a SIGTERM
OVERDUE = 70  # exit code of a worker that gave up on a job


class Worker:
    def __init__(self, slots: Mapping[str, int], beats: Array, index: int) -> None:
        self.slots, self.beats, self.index = dict(slots), beats, index
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{time.time_ns() // 1_000_000}"
        self.pools = {name: ThreadPoolExecutor(width, name) for name, width in slots.items()}
        self.running: dict[int, tuple[str, Job, float]] = {}  # row: queue, job, begun (monotonic)
        self.ended: deque[Outcome] = deque()
        self.bell = bell()
        self.stopping_since: float | None = None
        self.times = dict.fromkeys(("keep", "timetable", "solo"), 0.0)
        self.broker = JobBroker()
        self.heartbeat: Heartbeat | None = None

    def work(self) -> int:
        """Until told to stop. The exit code."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.index == 0:
            claiming.give_back_of_the_dead()
        while not self.is_finished():
            self.beats[self.index] = time.monotonic()
            try:
                self.turn()
            except DatabaseError:
                logger.exception("The database is away; trying again")
                connection.close()
                time.sleep(scaled(1))
        return self.leave()

    def stop(self, *_: object) -> None:
        self.stopping_since = self.stopping_since or time.monotonic()
        self.bell.ring()

    def is_finished(self) -> bool:
        if self.stopping_since is None:
            return False
        waited = time.monotonic() - self.stopping_since
        return (not self.running and not self.ended) or waited > scaled(GRACE)

    def turn(self) -> None:
        """Write down what ended, take what is due, then wait for news."""
        self.settle_ended()
        took = self.take_due() if self.stopping_since is None else 0
        self.look_after()
        if not took and not self.ended:
            self.bell.wait(self.patience())

    # ── Ending ────────────────────────────────────────────────────────────────────────────────
    def settle_ended(self) -> None:
        outcomes = list(self.ended)
        if outcomes:
            settle(self.holder, outcomes)
            for outcome in outcomes:
                self.ended.popleft()
                self.running.pop(outcome.claim.row, None)

    def leave(self) -> int:
        """Give back what did not end in time: nobody knows how far it came."""
        left = list(self.running)
        claiming.give_back(self.holder)
        if self.heartbeat:
            Heartbeat.objects.filter(pk=self.heartbeat.pk).delete()
        for pool in self.pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        return OVERDUE if left else 0

    # ── Taking ────────────────────────────────────────────────────────────────────────────────
    def take_due(self) -> int:
        """In the order of the queues; how many were taken."""
        if self.wants_solo():
            return self.take_solo()
        return sum(self.take(queue, free) for queue in self.slots if (free := self.free(queue)) > 0)

    def free(self, queue: str) -> int:
        return self.slots[queue] - sum(name == queue for name, _, _ in self.running.values())

    def take(self, queue: str, limit: int, solo: bool = False) -> int:
        claims = claiming.claim(queue, self.holder, limit, solo)
        for claim in claims:
            self.begin(claim, queue)
        return len(claims)

    def begin(self, claim: Claim, queue: str) -> None:
        try:
            job = Job.read(claim.payload)
        except NotAJob as error:
            SetAside.objects.take_row(claim.row, str(error))
            return
        self.running[claim.row] = (queue, job, time.monotonic())
        self.pools[queue].submit(self.run_in_thread, claim, job, queue)

    def run_in_thread(self, claim: Claim, job: Job, queue: str) -> None:
        self.ended.append(run(claim, job, queue))
        self.bell.ring()

    # ── Alone ─────────────────────────────────────────────────────────────────────────────────
    def wants_solo(self) -> bool:
        """The first worker looks whether a job came back from a dead one. It runs such a job with
        nothing else beside it, so that a killer takes nobody along."""
        if self.index or not self.is_time("solo", SOLO_EVERY):
            return False
        return claiming.returned(list(self.slots))

    def take_solo(self) -> int:
        self.times["solo"] = time.monotonic() + SOLO_PATIENCE
        if self.running:
            return 0
        for row in claiming.worn_out(list(self.slots)):
            SetAside.objects.take_row(row, "its worker died each time it ran")
        for queue in self.slots:
            if took := self.take(queue, 1, solo=True):
                return took
        return 0

    # ── Looking after ─────────────────────────────────────────────────────────────────────────
    def look_after(self) -> None:
        if self.is_time("keep", KEEP_EVERY):
            claiming.keep(self.holder)
            self.beat()
            self.give_up_on_overdue()
        if self.index == 0 and self.is_time("timetable", TIMETABLE_EVERY):
            queue_due(self.broker)

    def beat(self) -> None:
        self.heartbeat = self.heartbeat or Heartbeat.objects.start("worker")
        now = time.monotonic()
        doing = [
            {"job": job.func, "id": job.args[:1], "queue": queue, "seconds": round(now - begun)}
            for queue, job, begun in self.running.values()
        ]
        self.heartbeat.beat(doing)

    def give_up_on_overdue(self) -> None:
        """A thread cannot be ended, only its process: let the others end first."""
        limit, now = scaled(settings.JOB_TIMEOUT), time.monotonic()
        overdue = [job for _, job, begun in self.running.values() if now - begun > limit]
        if overdue and self.stopping_since is None:
            logger.error("%s runs for over %.0f s: this worker ends", overdue[0].func, limit)
            self.stop()

    def is_time(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self.times[what]:
            return False
        self.times[what] = now + scaled(every)
        return True

    def patience(self) -> float:
        """Seconds until there is something to do without being told."""
        ends = [LONGEST_SLEEP, self.times["keep"] - time.monotonic()]
        if self.index == 0:
            ends += [self.times[name] - time.monotonic() for name in ("timetable", "solo")]
        if any(self.free(queue) > 0 for queue in self.slots):
            due = claiming.next_due(list(self.slots))
            if due is not None:
                ends.append((due - timezone.now()).total_seconds())
        return max(0.0, min(ends))


def share_connections() -> None:
    """Of a PostgreSQL: a small pool for all threads of this process, opened after the fork."""
    if connection.vendor == "postgresql":
        pool = {"min_size": 1, "max_size": settings.DATABASE_POOL, "timeout": 20}
        connection.settings_dict["OPTIONS"]["pool"] = pool
        connection.settings_dict["CONN_MAX_AGE"] = 0  # it is the pool that keeps them


def run_worker(slots: Mapping[str, int], beats: Array, index: int, dead: Sequence[str]) -> int:
    share_connections()
    for holder in dead:
        claiming.give_back(holder)
    return Worker(slots, beats, index).work()
