"""What a program does to a queue, in the environment of that queue."""

import sys
import time
import types
from datetime import timedelta

import django

django.setup()

from django.apps import apps  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_q.models import OrmQ, Schedule  # noqa: E402
from django_q.tasks import async_task  # noqa: E402

IS_OURS = apps.is_installed("project.jobs")
PATIENCE = 20  # seconds


def queue(name: str, *keys: str) -> None:
    for key in keys:
        async_task(f"tests.hazards.tasks.{name}", key)


def poison() -> None:
    """A job whose code has moved since: a callable of a module that is no longer there."""
    if IS_OURS:  # which queues no callables; the same row, as if somebody had written it
        OrmQ.objects.create(key="housekeeping", payload="poison", lock=timezone.now())
        return
    module = sys.modules["moved_away"] = types.ModuleType("moved_away")
    exec("def job(): pass", module.__dict__)
    async_task(module.job)


def schedule(key: str, wait: str, args: str = "") -> None:
    at = timezone.now() + timedelta(seconds=float(wait))
    Schedule.objects.create(
        func="tests.hazards.tasks.note",
        args=args or f"'{key}'",
        schedule_type=Schedule.ONCE,
        next_run=at,
    )


def schedules(many: str) -> None:
    for number in range(int(many)):
        schedule(str(number), "2")


def tick() -> None:
    """What a stock cluster does every 30 s; ours does it by itself when something is due."""
    if not IS_OURS:
        from django_q.scheduler import scheduler

        scheduler()


def change_late(key: str) -> None:
    """An operator opens a waiting job, reads for long, and saves when it is over."""
    queue("wait", key)
    if IS_OURS:
        from project.jobs.models import QueuedJob

        row = QueuedJob.objects.latest("pk")
        wait_for_end(row.pk)
        row.move(timezone.now())
    else:
        row = OrmQ.objects.latest("pk")
        wait_for_end(row.pk)
        row.lock = timezone.now()
        row.save()


def wait_for_end(row: int) -> None:
    until = time.monotonic() + PATIENCE
    while OrmQ.objects.filter(pk=row).exists() and time.monotonic() < until:
        time.sleep(0.1)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
