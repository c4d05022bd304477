"""What a client can do with rows and jobs, whatever the queue."""

import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from random import uniform
from typing import Any

from django.conf import settings
from django.db import transaction

from .bench import jobs
from .bench.models import Row

WARM_UP = 20

queue = import_module(settings.BENCH_QUEUE)


def rows(count: int) -> list[int]:
    return [row.pk for row in Row.objects.bulk_create(Row() for _ in range(count))]


def enqueue(keys: list[int], waiting: bool = False) -> None:
    put = queue.enqueue_waiting if waiting else queue.enqueue
    with transaction.atomic():
        for pk in keys:
            put(pk)


def loop(keys: list[int]) -> None:
    """The floor: the job and nothing around it."""
    for pk in keys:
        jobs.send(pk)


def is_done() -> bool:
    return not queue.left() and not unsent()


def unsent() -> int:
    return Row.objects.exclude(status="sent").count()


def insert(queued: bool = True) -> tuple[int, list[float]]:
    """A row, and its job, in one transaction; when it was committed, as soon as that is known."""
    committed: list[float] = []
    with transaction.atomic():
        pk = Row.objects.create().pk
        transaction.on_commit(lambda: committed.append(time.monotonic()))
        if queued and queue.OUTSIDE:
            transaction.on_commit(partial(queue.enqueue, pk))
        elif queued:
            queue.enqueue(pk)
    return pk, committed


def insert_many(count: int) -> dict[str, list]:
    """So many rows with their jobs, each in a transaction of its own; ms each."""
    keys: list[int] = []
    times = [timed(lambda: keys.append(insert()[0])) for _ in range(count)]
    return {"keys": keys, "ms": times}


def trickle(count: int, shortest: float, longest: float) -> list[tuple[int, float]]:
    """Now and then a job, as people come; when each was committed."""
    put = []
    for _ in range(count):
        time.sleep(uniform(shortest, longest))
        pk, (committed,) = insert()
        put.append((pk, committed))
    return put


def cost(count: int) -> dict[str, list[float]]:
    """ms of a transaction with the row alone, and with the row and its job; in turns."""
    times: dict[str, list[float]] = {"alone": [], "queued": []}
    for _ in range(count + WARM_UP):
        times["alone"].append(timed(lambda: insert(queued=False)))
        times["queued"].append(timed(insert))
    return {kind: values[WARM_UP:] for kind, values in times.items()}


def timed(do: Callable[[], Any]) -> float:
    """ms"""
    begun = time.perf_counter()
    do()
    return 1000 * (time.perf_counter() - begun)
