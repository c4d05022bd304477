from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from benchmarks.queue.bench import jobs

OUTSIDE = False


@app.task
def send(pk: int) -> None:
    jobs.send(pk)


def enqueue(pk: int) -> None:
    send.defer(pk=pk)


def left() -> bool:
    return ProcrastinateJob.objects.filter(status__in=("todo", "doing")).exists()
