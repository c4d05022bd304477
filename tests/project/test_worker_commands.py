"""A real worker does what an operator asks of it, from any machine: a row is all there is to it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django_q.brokers import get_broker
from django_q.tasks import async_task

from project.jobs.models import FinishedJob, Heartbeat, PausedQueue
from project.jobs.models.heartbeat import clock_ahead_seconds
from tests.workers import Worker

SOON = 15  # seconds
QUICK = {"TIME_SCALE": "0.05", "COUNT": "1"}  # a beat every 0.4 s


def eventually(true: Callable[[], object], seconds: float = SOON) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def worker(start_worker: Callable[..., Worker]) -> Worker:
    return start_worker(**QUICK)


def queue(group: str) -> None:
    async_task("project.jobs.tasks.prune", group=group, broker=get_broker("stats"))


def ran(group: str) -> bool:
    return FinishedJob.objects.filter(owner=group).exists()


def heartbeat(worker: Worker) -> Heartbeat:
    return Heartbeat.objects.get(pid__in=worker.children())


def test_a_quiet_worker_takes_nothing_until_it_is_resumed(worker):
    mine = Heartbeat.objects.filter(pk=heartbeat(worker).pk)
    mine.command("quiet")
    asked_at = mine.get().beat_at
    assert eventually(lambda: mine.get().beat_at > asked_at)
    queue("while quiet")
    assert not eventually(lambda: ran("while quiet"), 2)
    mine.command("")
    assert eventually(lambda: ran("while quiet")), worker.output()


@pytest.mark.parametrize("command", ["stop", "kill"])
def test_a_worker_that_is_ended_is_replaced(worker, command):
    [old] = worker.children()
    Heartbeat.objects.filter(pid=old).command(command)
    assert eventually(lambda: worker.children() and old not in worker.children()), worker.output()
    queue("afterwards")
    assert eventually(lambda: ran("afterwards")), worker.output()


def test_a_paused_queue_stands_still_and_goes_on(worker):
    PausedQueue.objects.pause("stats")
    queue("while paused")
    assert not eventually(lambda: ran("while paused"), 2)
    PausedQueue.objects.resume("stats")
    assert eventually(lambda: ran("while paused")), worker.output()


def test_a_clock_that_is_off_the_databases_is_known_by_at_least_so_much():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert clock_ahead_seconds(now, now + second, now + 2 * second) == 0  # on its way
    assert clock_ahead_seconds(now, now - 30 * second, now + second) == 30
    assert clock_ahead_seconds(now, now + 30 * second, now + second) == -29
    assert clock_ahead_seconds(now, None, now) == 0
