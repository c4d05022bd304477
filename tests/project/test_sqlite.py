"""Threads and processes write to SQLite one after another, and none is left holding the lock."""

import subprocess
import sys
from threading import Thread

import pytest
from django.db import DatabaseError, connection, transaction

from project.jobs.models import PausedQueue
from project.sqlite import base

NORMAL, FULL = 1, 2  # as SQLite numbers them
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite"),
]


def is_free() -> bool:
    return not base.write_lock.lock.locked()  # another one after a fork


def write(name: str) -> None:
    for number in range(20):
        with transaction.atomic():
            PausedQueue.objects.create(queue=f"{name}{number}")
        PausedQueue.objects.filter(queue=f"{name}{number}").update(by=None)
    connection.close()


def test_many_threads_write_and_the_lock_is_free_afterwards():
    threads = [Thread(target=write, args=[name]) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert PausedQueue.objects.count() == 160
    assert is_free()


def test_a_failed_statement_or_transaction_releases_the_lock():
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        PausedQueue.objects.create(queue="a")
        assert not is_free()
        raise ZeroDivisionError
    assert is_free()
    assert not PausedQueue.objects.exists()


def test_a_connection_that_is_given_back_is_taken_by_the_next_thread():
    used = []

    def use() -> None:
        PausedQueue.objects.create(queue=f"q{len(used)}")
        used.append(connection.connection)
        connection.give_back()
        assert connection.connection is None

    for _ in range(3):
        thread = Thread(target=use)
        thread.start()
        thread.join()
    assert used[0] is used[1] is used[2]
    assert PausedQueue.objects.count() == 3


def test_one_that_is_in_the_middle_of_something_is_closed():
    def fail() -> None:
        connection.ensure_connection()
        broken = connection.connection
        broken.execute("BEGIN IMMEDIATE")
        connection.give_back()
        assert broken not in [inner for _, inner in base.idle_connections]

    thread = Thread(target=fail)
    thread.start()
    thread.join()
    PausedQueue.objects.create(queue="free")


def test_a_connection_that_is_closed_releases_the_lock():
    def leave() -> None:
        connection.set_autocommit(True)
        connection._start_transaction_under_autocommit()
        connection.close()

    thread = Thread(target=leave)
    thread.start()
    thread.join()
    assert is_free()


HOLD = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, 2); print(1, flush=True); input()"


def test_processes_write_in_turn_and_what_a_killed_one_held_is_free(tmp_path):
    write_lock, database = base.WriteLock(), str(tmp_path / "db.sqlite3")
    assert write_lock.acquire(database, 1) and write_lock.locked is not None
    command = [sys.executable, "-c", HOLD, f"{database}-turn"]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        write_lock.release()
        assert other.stdout.readline() == "1\n"
        assert write_lock.acquire(database, 0.05) and write_lock.locked is None  # SQLite decides
        write_lock.release()
        other.kill()
        other.wait()
        assert write_lock.acquire(database, 10) and write_lock.locked is not None
        write_lock.release()


@pytest.mark.parametrize("database", [":memory:", "file:memorydb?mode=memory", "/nowhere/db"])
def test_where_there_can_be_no_file_the_threads_write_in_turn(database):
    write_lock = base.WriteLock()
    assert write_lock.acquire(database, 1) and write_lock.locked is None
    write_lock.release()
    assert not write_lock.lock.locked()


def synchronous() -> int:
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA synchronous").fetchone()[0]


def test_only_what_may_be_forgotten_does_not_wait_for_the_disk():
    with connection.unsynced():
        assert synchronous() == NORMAL
    assert synchronous() == FULL
    with pytest.raises(DatabaseError), connection.unsynced(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO nowhere VALUES (1)")
    assert synchronous() == FULL
    with transaction.atomic(), connection.unsynced():  # its commit is another's
        assert synchronous() == FULL


def test_a_connection_that_cannot_wait_for_the_disk_again_is_closed(monkeypatch):
    def broken(how: str) -> None:
        if how == "FULL":
            raise DatabaseError

    with pytest.raises(DatabaseError), connection.unsynced():
        monkeypatch.setattr(connection, "synchronize", broken)
    assert connection.connection is None
    assert synchronous() == FULL
