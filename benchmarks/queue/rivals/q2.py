from django_q.models import OrmQ
from django_q.tasks import async_task

OUTSIDE = False


def enqueue(pk: int) -> None:
    async_task("benchmarks.queue.bench.jobs.send", pk)


def enqueue_waiting(pk: int) -> None:
    async_task("benchmarks.queue.bench.jobs.wait", pk)


def left() -> bool:
    return OrmQ.objects.exists()
