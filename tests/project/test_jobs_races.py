"""A person acts on jobs in the moment in which workers claim them."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from project.jobs.models import FailureNote, QueuedJob
from project.jobs.queue import claiming
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import NewRow, insert
from publishing.models import Delivery, Post
from tests.addresses import things_of

pytestmark = pytest.mark.django_db(transaction=True)
JOBS = 40


def at_once(*works: Any) -> None:
    """Each in a thread of its own. An error in one of them fails the test."""
    start, errors = Barrier(len(works)), []

    def work_on(work: Any) -> None:
        try:
            start.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work_on, args=[work]) for work in works]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not errors


def claim_all(queue: str, claimed: list[int]) -> None:
    for _ in range(JOBS):
        claimed += [claim.row for claim in claiming.claim(queue, "here:1:1", 1)]


def test_a_job_is_claimed_or_discarded_and_never_both():
    insert([NewRow("import", Job.new("project.jobs.tasks.prune"), timezone.now())] * JOBS)
    rows, claimed, discarded = list(QueuedJob.objects.all()), [], []

    def discard_all() -> None:
        discarded.extend(row.pk for row in reversed(rows) if row.discard())

    at_once(lambda: claim_all("import", claimed), discard_all)
    assert sorted(claimed + discarded) == sorted(row.pk for row in rows)
    assert set(QueuedJob.objects.values_list("pk", flat=True)) == set(claimed)


def test_a_delivery_is_claimed_or_canceled_and_never_both(alice):
    things_of(alice)
    channels = [delivery.channel for delivery in Post.objects.get().deliveries.all()]
    for number in range(JOBS // 2 - 1):
        Post.objects.publish(alice, f"Number {number}", channels)
    claimed: list[int] = []
    send = QueuedJob.objects.filter(func="publishing.tasks.send_delivery")
    jobs = {row.pk: row.argument for row in send}

    def discard_all() -> None:
        for row in QueuedJob.objects.filter(pk__in=jobs).order_by("-pk"):
            row.discard()

    def hurry_all() -> None:
        for row in QueuedJob.objects.filter(pk__in=jobs):
            row.run_now()

    at_once(lambda: claim_all("publish", claimed), discard_all, hurry_all)
    canceled = {str(delivery.job_id) for delivery in Delivery.objects.filter(state="canceled")}
    held = {jobs[row] for row in claimed if row in jobs}
    left = set(send.values_list("argument", flat=True))
    assert Delivery.objects.count() == JOBS
    assert canceled | held | left == {str(key) for key in jobs.values()}  # none is forgotten


def test_a_failure_that_two_people_retry_is_queued_once():
    for number in range(JOBS):
        task = {"id": str(number), "func": "project.jobs.tasks.prune", "args": []}
        FailureNote.objects.write(task, "E")
    at_once(*[lambda: FailureNote.objects.all().retry_all()] * 3)
    assert QueuedJob.objects.count() == JOBS
    assert not FailureNote.objects.exists()
