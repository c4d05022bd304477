"""One queue's share of a worker: the threads that run its jobs, and the jobs claimed for them."""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from django.db import close_old_connections, connection

from social.waiting import thread_waits

from ..queue.claiming import Claim
from ..queue.job import Job
from .running import JobOutcome, run

QUICK_SECONDS = 0.02  # only jobs that end sooner are claimed ahead of their start
CLAIM_AHEAD_SECONDS = 0.3  # how much of them
MAX_CLAIMED_AHEAD = 200  # jobs
COMPUTING_THREADS = 1  # of a pool at a time, while its jobs compute for less than QUICK_SECONDS
SMOOTHING = 0.1  # how much one job changes the average of what they take


@dataclass(frozen=True)
class RunningJob:
    queue: str
    claim: Claim
    job: Job
    since: float  # monotonic

    def as_json(self, now: float) -> dict[str, Any]:
        """For the heartbeat of its worker."""
        job, seconds = self.job, round(now - self.since)
        about = {"job": job.func, "id": job.args[:1], "owner": job.group or ""}
        return {**about, "queue": self.queue, "seconds": seconds}


class QueuePool:
    """One queue's threads in a worker, `width` at most, and the jobs claimed for them.

    `note_begun` and `note_ended` are called from these threads. Each thread has one of `places`, a
    number that is its own in the whole worker.

    Two rules are for quick jobs, so that they keep the pace of a plain loop (`python -m
    benchmarks.queue drain`). Some are claimed before a thread is free, because a claim costs as
    much as such a job. And one thread computes while others wait for something outside of this
    process (`social/waiting`), because threads that compute only take turns.
    """

    def __init__(
        self,
        queue: str,
        width: int,
        places: range,
        note_begun: Callable[[int, RunningJob], None],
        note_ended: Callable[[int, JobOutcome], None],
    ) -> None:
        self.queue, self.width = queue, width
        self.note_begun, self.note_ended = note_begun, note_ended
        self.places = deque(places)  # the free ones
        self.backlog: deque[tuple[Claim, Job]] = deque()
        self.threads = ThreadPoolExecutor(width, queue)
        self.lock, self.active = Lock(), 0
        self.waiting = 0  # of the active threads: for something outside this process
        self.moved_at = 0.0  # when a job ended last, or began to wait (monotonic)
        self.joined_at = 0.0  # when a thread came last (monotonic)
        self.average_seconds = 0.0  # that a job takes, of late
        self.average_computing_seconds = 0.0  # the same without what it waits for

    @property
    def is_quick(self) -> bool:
        return 0 < self.average_seconds < QUICK_SECONDS

    @property
    def ahead(self) -> int:
        """How many are claimed before a thread is free: quick jobs cost a claim each otherwise."""
        if not self.is_quick:
            return 0
        return min(MAX_CLAIMED_AHEAD, int(CLAIM_AHEAD_SECONDS / self.average_seconds))

    @property
    def room(self) -> int:
        """How many more to claim; none while there is enough to make another claim worth it."""
        outstanding, ahead = self.active + len(self.backlog), self.ahead
        if outstanding >= self.width and len(self.backlog) * 2 > ahead:
            return 0
        return max(0, self.width + ahead - outstanding)

    @property
    def is_crowded(self) -> bool:
        """Whether quick jobs go on with more threads than may compute: who came for a slow one, or
        comes back from waiting, leaves."""
        is_too_many = self.active - self.waiting > COMPUTING_THREADS and self.computes_briefly
        return is_too_many and monotonic() - self.moved_at < QUICK_SECONDS

    @property
    def computes_briefly(self) -> bool:
        return self.average_computing_seconds < QUICK_SECONDS

    def start_threads(self) -> None:
        """As many threads at work as there is work for; but where jobs compute for a moment only,
        few beside those that wait: more would take turns, and slow each other down."""
        with self.lock:
            missing = min(len(self.backlog), self.width - self.active)
            if missing > 0 and self.computes_briefly:
                missing = min(missing, self.may_join())
            missing = max(0, missing)
            self.active += missing
        for _ in range(missing):
            self.threads.submit(self.run_backlog)

    def may_join(self) -> int:
        """As many as may compute; twice as many as there are when no job has moved for a while:
        they are slow, or wait for something that we do not know."""
        computing, now = self.active - self.waiting, monotonic()
        if computing < COMPUTING_THREADS:
            return COMPUTING_THREADS - computing
        if now - max(self.moved_at, self.joined_at) < QUICK_SECONDS:
            return 0
        self.joined_at = now
        return computing

    def note_wait(self, change: int) -> None:
        """From one of its threads: it begins to wait (+1), or has ended to (-1)."""
        with self.lock:
            self.waiting += change
        self.moved_at = monotonic()
        if change > 0 and self.backlog:
            self.start_threads()

    def run_backlog(self) -> None:
        place = self.places.pop()
        thread_waits.listener = self.note_wait
        try:
            close_old_connections()
            while self.backlog and not self.is_crowded:
                self.run_next(place)
        finally:
            self.places.append(place)
            close_old_connections()
            self.moved_at = monotonic()
            with self.lock:
                self.active -= 1
            if self.backlog:  # one came in between
                self.start_threads()

    def run_next(self, place: int) -> None:
        try:
            claim, job = self.backlog.popleft()
        except IndexError:
            return  # another thread was faster
        self.note_begun(place, RunningJob(self.queue, claim, job, monotonic()))
        outcome = run(claim, job, self.queue)
        if connection.in_atomic_block or connection.errors_occurred:
            connection.close()  # a job leaves nothing to the next one
        self.moved_at = monotonic()
        self.note_ended(place, outcome)

    def take_backlog(self) -> list[Claim]:
        """Those that no thread has begun; it has them no longer."""
        claims = []
        while self.backlog:
            try:
                claims.append(self.backlog.pop()[0])
            except IndexError:
                break
        return claims

    def note_duration(self, seconds: float, waited_seconds: float = 0.0) -> None:
        """What a job took, and how much of it was waiting for something outside this process."""
        share = SMOOTHING if self.average_seconds else 1
        computing = seconds - waited_seconds
        self.average_seconds += (seconds - self.average_seconds) * share
        self.average_computing_seconds += (computing - self.average_computing_seconds) * share

    def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)


def make_pools(
    slots: Mapping[str, int],
    note_begun: Callable[[int, RunningJob], None],
    note_ended: Callable[[int, JobOutcome], None],
) -> dict[str, QueuePool]:
    """One a queue; `slots` says how wide each is."""
    pools, first = {}, 0
    for queue, width in slots.items():
        places = range(first, first + width)
        pools[queue] = QueuePool(queue, width, places, note_begun, note_ended)
        first += width
    return pools
