from django_tasks import task
from django_tasks_db.models import DBTaskResult

from benchmarks.queue.bench import jobs

OUTSIDE = False


@task()
def send(pk: int) -> None:
    jobs.send(pk)


def enqueue(pk: int) -> None:
    send.enqueue(pk)


def left() -> bool:
    return DBTaskResult.objects.filter(status__in=("READY", "RUNNING")).exists()
