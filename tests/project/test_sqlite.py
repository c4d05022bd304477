"""Threads of one process write to SQLite one after another, and none is left holding the turn."""

from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction

from project.jobs.models import PausedQueue
from project.sqlite import base

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite"),
]


def is_free() -> bool:
    return not base.turn.locked()  # another one after a fork


def write(name: str) -> None:
    for number in range(20):
        with transaction.atomic():
            PausedQueue.objects.create(queue=f"{name}{number}")
        PausedQueue.objects.filter(queue=f"{name}{number}").update(by=None)
    connection.close()


def test_many_threads_write_and_the_turn_is_free_afterwards():
    threads = [Thread(target=write, args=[name]) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PausedQueue.objects.count() == 160
    assert is_free()


def test_a_failed_statement_or_transaction_gives_the_turn_back():
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        PausedQueue.objects.create(queue="a")
        assert not is_free()
        raise ZeroDivisionError
    assert is_free()
    assert not PausedQueue.objects.exists()


def test_a_connection_that_is_closed_gives_the_turn_back():
    def leave() -> None:
        connection.set_autocommit(True)
        connection._start_transaction_under_autocommit()
        connection.close()

    thread = Thread(target=leave)
    thread.start()
    thread.join()
    assert is_free()
