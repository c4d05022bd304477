"""A worker in the process of the test, tick by tick: it has its threads, and no main process."""

import time

import pytest
from django.apps import apps

from project.jobs.models import QueuedJob
from project.jobs.worker.shared_state import SharedState
from project.jobs.worker.worker import Worker
from publishing.models import Instance

from .job_samples import KNOWN, ran

SLOTS = {"publish": 2, "import": 1, "stats": 1, "housekeeping": 1}


@pytest.fixture
def samples_known(monkeypatch):
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *KNOWN))
    ran.clear()
    Instance.objects.next_beat.value = 0.0


@pytest.fixture
def start_in_process(samples_known, transactional_db, settings):
    """A worker, and another one beside it."""
    settings.JOB_MEMORY = 100_000  # this process has run other tests, too
    state, started = SharedState(2, sum(SLOTS.values())), []

    def make(index=0):
        started.append(Worker(SLOTS, state, index))
        started[-1].timetable.due_at = float("inf")
        wait = started[-1].notifier.wait  # as ever, but not for long
        started[-1].notifier.wait = lambda seconds, busy=False: wait(min(seconds, 0.02), busy)
        return started[-1]

    yield make
    for one in started:
        wait_for(lambda one=one: not any(pool.active for pool in one.pools.values()))
        for pool in one.pools.values():
            pool.close()


def wait_for(true, seconds=60):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def ticks(worker, until=lambda: not QueuedJob.objects.exists()):
    """The worker goes on until that is so."""

    def ticked():
        worker.timers.due_at["snapshot"] = 0.0
        worker.tick()
        return until()

    wait_for(ticked)
