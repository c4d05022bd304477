"""`python -m tests.hosts.hanging alder` acknowledges a job of that machine as its worker would, as
soon as it holds one, and hangs before the end of the transaction: a cable may be cut just then."""

import sys
import time

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from project.jobs.queue import claiming  # noqa: E402


def main(host: str) -> None:
    print("ready", flush=True)
    while not (held := held_by(host)):
        time.sleep(0.01)
    with transaction.atomic():
        assert claiming.acknowledge(*held)
        print("hangs", flush=True)
        time.sleep(600)


def held_by(host: str) -> tuple[str, list[int]] | None:
    """A holder there, and one row that it holds."""
    with connection.cursor() as cursor:
        one = "SELECT holder, ARRAY[id] FROM django_q_ormq WHERE holder LIKE %s LIMIT 1"
        cursor.execute(one, [f"{host}:%"])
        return cursor.fetchone()


if __name__ == "__main__":
    main(sys.argv[1])
