"""Putting jobs into our queue, one at a time or many at once."""

import os
from collections.abc import Sequence

from django.conf import settings
from django_q.models import OrmQ

from project.jobs.models import QueuedJob
from social import jobs

# Quick jobs go where one goes that names no queue; what waits for a network is wide.
QUEUE = os.environ.get("BENCH_QUEUE_NAME", settings.Q_CLUSTER["cluster_name"])
WIDE = "publish"
OUTSIDE = False  # the queue's rows commit with those of the job
SEND, WAIT = (f"benchmarks.queue.bench.jobs.{name}" for name in ("send", "wait"))

last = 0  # the newest queue row of ours; what comes later is the timetable's


def enqueue(pk: int) -> None:
    jobs.enqueue(SEND, pk, queue=QUEUE)


def enqueue_waiting(pk: int) -> None:
    jobs.enqueue(WAIT, pk, queue=WIDE)


def enqueue_many(keys: Sequence[int]) -> None:
    jobs.enqueue_many(jobs.JobRequest(SEND, pk, queue=QUEUE) for pk in keys)


def width() -> int:
    """How many waiting jobs one process runs at a time."""
    return settings.JOB_SLOTS[WIDE]


def left() -> bool:
    global last
    last = last or (OrmQ.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
    ours = QueuedJob.objects.exclude(func="publishing.tasks.watch")  # half a minute after a start
    return ours.filter(pk__lte=last, key__in=(QUEUE, WIDE)).exists()
