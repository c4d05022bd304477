"""How one queue's jobs are shared among threads."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Semaphore

import pytest

from project.jobs.queue.claiming import Claim
from project.jobs.queue.job import Job
from project.jobs.worker import pool as pools
from project.jobs.worker.pool import QueuePool
from social.waiting import waiting_elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
JOB = Job.new("project.jobs.tasks.prune")


class Scene:
    def __init__(self, monkeypatch, width: int) -> None:
        self.begun, self.ended, self.go = [], [], Event()
        self.pool = QueuePool("publish", width, range(width), self.begin, self.end)
        monkeypatch.setattr(pools, "run", self.run)

    def begin(self, place: int, running: object) -> None:
        self.begun.append((place, running.claim.row))

    def end(self, place: int, outcome: int) -> None:
        self.ended.append(outcome)

    def run(self, claim: Claim, job: Job, queue: str) -> int:
        assert self.go.wait(10)
        return claim.row

    def add(self, *rows: int) -> None:
        self.pool.backlog.extend((Claim(row, "", 0), JOB) for row in rows)
        self.pool.start_threads()

    def finish(self) -> None:
        self.go.set()
        self.pool.threads.shutdown(wait=True)


@pytest.fixture
def scene(monkeypatch):
    scenes = []

    def make(width: int) -> Scene:
        scenes.append(Scene(monkeypatch, width))
        return scenes[-1]

    yield make
    for made in scenes:
        made.finish()


def test_as_many_at_a_time_as_it_is_wide_and_never_more(scene):
    made = scene(3)
    made.pool.note_duration(1)
    made.add(*range(1, 11))
    assert (made.pool.active, len(made.pool.backlog)) == (3, 7)
    assert made.pool.room == 0
    made.finish()
    assert sorted(made.ended) == list(range(1, 11))
    assert made.pool.active == 0
    assert {place for place, _ in made.begun} <= {0, 1, 2}


def test_slow_jobs_are_never_claimed_ahead_and_quick_ones_are(scene):
    pool = scene(4).pool
    assert (pool.ahead, pool.room) == (0, 4)
    pool.note_duration(0.5)
    assert (pool.ahead, pool.room) == (0, 4)
    pool.average_seconds = 0.002
    assert pool.ahead == pool.room - 4 > 50


def test_what_was_not_begun_can_be_taken_back(scene):
    made = scene(1)
    made.add(1, 2, 3)
    while not made.begun:
        pass
    assert {claim.row for claim in made.pool.take_backlog()} == {2, 3}
    made.finish()
    assert made.ended == [1]


def test_quick_jobs_share_one_thread_until_a_slow_one_comes(scene):
    made = scene(4)
    made.pool.note_duration(0.001)
    made.pool.moved_at = pools.monotonic()
    made.add(1, 2, 3)
    assert made.pool.active == 1
    for active in (2, 3):
        made.pool.start_threads()
        assert made.pool.active == active - 1
        made.pool.moved_at -= 1
        made.pool.joined_at -= 1
        made.pool.start_threads()
        assert made.pool.active == active


def test_a_thread_that_waits_elsewhere_lets_the_next_begin(scene, monkeypatch):
    made, network = scene(4), Semaphore(0)

    def run(claim: Claim, job: Job, queue: str) -> int:
        with waiting_elsewhere():
            network.acquire(timeout=10)
        return claim.row

    monkeypatch.setattr(pools, "run", run)
    made.pool.note_duration(0.3, waited_seconds=0.299)
    made.add(*range(1, 8))
    wait_until(
        lambda: made.pool.start_threads() or made.pool.waiting == 4
    )  # as its worker, each tick
    assert (made.pool.active, len(made.pool.backlog)) == (4, 3)
    network.release(7)
    made.finish()
    assert sorted(made.ended) == list(range(1, 8))
    assert (made.pool.active, made.pool.waiting) == (0, 0)


def test_what_a_job_waits_for_elsewhere_is_not_its_own_pace(scene):
    pool = scene(4).pool
    pool.note_duration(0.5, waited_seconds=0.495)
    assert (pool.average_seconds, round(pool.average_computing_seconds, 6)) == (0.5, 0.005)
    assert pool.ahead == 0  # it ends late all the same, and another worker may be free before


def test_threads_that_are_called_for_at_once_are_never_too_many(scene, monkeypatch):
    pool, together = scene(4).pool, Barrier(8)
    monkeypatch.setattr(pool.threads, "submit", lambda _: None)  # counted, not begun
    pool.backlog.extend((Claim(row, "", 0), JOB) for row in range(100))
    pool.note_duration(1)

    def call(_: int) -> None:
        together.wait(10)
        pool.start_threads()

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as callers:
            for _ in range(100):
                pool.active = 0
                list(callers.map(call, range(8)))
                assert pool.active == 4
    finally:
        sys.setswitchinterval(before)
        pool.active = 0
        pool.backlog.clear()


def wait_until(condition) -> None:
    until = pools.monotonic() + 10
    while not condition():
        assert pools.monotonic() < until
