"""A worker in the process of the test, turn by turn: it has its threads, and no main process."""

import time

import pytest
from django.apps import apps

from project.jobs.models import QueuedJob
from project.jobs.worker.shared_state import Board
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
    board, started = Board(2, sum(SLOTS.values())), []

    def make(index=0):
        started.append(Worker(SLOTS, board, index))
        started[-1].timetable.due_at = float("inf")
        wait = started[-1].bell.wait  # as ever, but not for long
        started[-1].bell.wait = lambda seconds, busy=False: wait(min(seconds, 0.02), busy)
        return started[-1]

    yield make
    for one in started:
        wait_for(lambda one=one: not any(lane.active for lane in one.lanes.values()))
        for lane in one.lanes.values():
            lane.close()


def wait_for(true, seconds=60):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def turns(worker, until=lambda: not QueuedJob.objects.exists()):
    """The worker goes on until that is so."""

    def turned():
        worker.rounds.at["look"] = 0.0
        worker.turn()
        return until()

    wait_for(turned)
