"""/healthz: a queue that stops moving is named there."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from project.jobs.models import PausedQueue, QueuedJob
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import NewRow, insert
from publishing.models import Delivery
from tests.addresses import things_of

pytestmark = pytest.mark.django_db


def queue(name: str = "import", due: float = 0.0) -> None:
    at = timezone.now() + timedelta(seconds=due)
    insert([NewRow(name, Job.new("project.jobs.tasks.prune"), at)])


def health() -> tuple[int, dict]:
    answer = Client().get("/healthz")
    return answer.status_code, answer.json()


def test_a_queue_that_stops_moving_is_named_within_a_minute():
    queue(due=-45)
    assert health()[0] == 200
    queue(name="mail", due=-59)
    status, said = health()
    assert (status, said["queue"]) == (503, "mail")
    assert re.fullmatch(
        r"the queue mail does not move: its first job has been due for \d+ s", said["reason"]
    )


def test_what_sleeps_or_is_held_is_no_stop():
    queue(due=600)
    queue(due=-600)
    QueuedJob.objects.queued().update(holder="here:1:1")
    assert health() == (200, {"ok": True, "oldest_runnable_seconds": 0.0})


def test_a_sleeper_that_nobody_wakes_is_a_stop():
    queue(due=600)
    QueuedJob.objects.update(lock=timezone.now() - timedelta(minutes=2))
    assert health()[1]["queue"] == "import"


def test_a_paused_queue_may_wait(alice):
    queue(due=-600)
    PausedQueue.objects.pause("import")
    assert health()[0] == 200
    things_of(alice)
    long_ago = timezone.now() - timedelta(minutes=10)
    Delivery.objects.update(next_attempt_at=long_ago, due_at=long_ago)
    QueuedJob.objects.filter(key="publish").delete()
    assert health()[1]["queue"] == "deliveries"
    PausedQueue.objects.pause("publish")
    assert health()[0] == 200


def test_a_queue_is_named_before_its_deliveries(alice):
    things_of(alice)
    long_ago = timezone.now() - timedelta(minutes=10)
    Delivery.objects.update(next_attempt_at=long_ago, due_at=long_ago)
    QueuedJob.objects.update(lock=long_ago + timedelta(minutes=1))
    assert health()[1]["queue"] == "publish"
