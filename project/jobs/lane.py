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

from .claiming import Claim
from .job import Job
from .running import Outcome, run

QUICK = 0.02  # seconds; only jobs that end sooner are claimed ahead of their start
COMPUTING = 1  # threads of a lane that compute at a time, while jobs compute for less than QUICK
AHEAD = 0.3  # how many seconds of them
MOST_AHEAD = 200
SMOOTHING = 0.1  # how much one job changes the pace


@dataclass(frozen=True)
class Running:
    queue: str
    claim: Claim
    job: Job
    since: float  # monotonic

    def says(self, now: float) -> dict[str, Any]:
        """For the beat of its worker."""
        job, seconds = self.job, round(now - self.since)
        said = {"job": job.func, "id": job.args[:1], "owner": job.group or ""}
        return {**said, "queue": self.queue, "seconds": seconds}


class Lane:
    def __init__(
        self,
        queue: str,
        width: int,
        places: range,
        begin: Callable[[int, Running], None],
        end: Callable[[int, Outcome], None],
    ) -> None:
        self.queue, self.width = queue, width
        self.begin, self.end = begin, end
        self.places = deque(places)  # the free ones
        self.backlog: deque[tuple[Claim, Job]] = deque()
        self.threads = ThreadPoolExecutor(width, queue)
        self.lock, self.active = Lock(), 0
        self.waiting = 0  # of the active threads: for something outside this process
        self.moved_at = 0.0  # when a job ended last, or began to wait
        self.joined_at = 0.0  # when a thread came last
        self.pace = 0.0  # seconds a job takes, of late
        self.computing_pace = 0.0  # the same without what it waits for outside this process

    @property
    def is_quick(self) -> bool:
        return 0 < self.pace < QUICK

    @property
    def ahead(self) -> int:
        """How many are claimed before a thread is free: quick jobs cost a claim each otherwise."""
        return min(MOST_AHEAD, int(AHEAD / self.pace)) if self.is_quick else 0

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
        is_too_many = self.active - self.waiting > COMPUTING and self.computing_pace < QUICK
        return is_too_many and monotonic() - self.moved_at < QUICK

    def staff(self) -> None:
        """As many threads at work as there is work for; but where jobs compute for a moment only,
        few beside those that wait: more would take turns, and slow each other down."""
        with self.lock:
            missing = min(len(self.backlog), self.width - self.active)
            if missing > 0 and self.computing_pace < QUICK:
                missing = min(missing, self.may_join())
            missing = max(0, missing)
            self.active += missing
        for _ in range(missing):
            self.threads.submit(self.work_off)

    def may_join(self) -> int:
        """As many as may compute; twice as many as there are when no job has moved for a while:
        they are slow, or wait for something that we do not know."""
        computing, now = self.active - self.waiting, monotonic()
        if computing < COMPUTING:
            return COMPUTING - computing
        if now - max(self.moved_at, self.joined_at) < QUICK:
            return 0
        self.joined_at = now
        return computing

    def note_wait(self, change: int) -> None:
        """From one of its threads: it begins to wait (+1), or has ended to (-1)."""
        with self.lock:
            self.waiting += change
        self.moved_at = monotonic()
        if change > 0 and self.backlog:
            self.staff()

    def work_off(self) -> None:
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
                self.staff()

    def run_next(self, place: int) -> None:
        try:
            claim, job = self.backlog.popleft()
        except IndexError:
            return  # another thread was faster
        self.begin(place, Running(self.queue, claim, job, monotonic()))
        outcome = run(claim, job, self.queue)
        if connection.in_atomic_block or connection.errors_occurred:
            connection.close()  # a job leaves nothing to the next one
        self.moved_at = monotonic()
        self.end(place, outcome)

    def take_back(self) -> list[Claim]:
        """Those that no thread has begun."""
        claims = []
        while self.backlog:
            try:
                claims.append(self.backlog.pop()[0])
            except IndexError:
                break
        return claims

    def note_pace(self, seconds: float, waited: float = 0.0) -> None:
        """What a job took, and how much of it was waiting for something outside this process."""
        share = SMOOTHING if self.pace else 1
        self.pace += (seconds - self.pace) * share
        self.computing_pace += (seconds - waited - self.computing_pace) * share

    def close(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)


def lanes(
    slots: Mapping[str, int],
    begin: Callable[[int, Running], None],
    end: Callable[[int, Outcome], None],
) -> dict[str, Lane]:
    """One a queue; each of their threads has a place of its own on the worker's board."""
    made, first = {}, 0
    for queue, width in slots.items():
        made[queue] = Lane(queue, width, range(first, first + width), begin, end)
        first += width
    return made
