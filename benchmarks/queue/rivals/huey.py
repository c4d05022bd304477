from huey.contrib.djhuey import HUEY, db_task

from benchmarks.queue.bench import jobs

OUTSIDE = True


@db_task()
def send(pk: int) -> None:
    jobs.send(pk)


def enqueue(pk: int) -> None:
    send(pk)


def left() -> bool:
    return HUEY.pending_count() > 0
