"""Django's SQLite, whose threads of one process wait in line to write, and share a few connections.

SQLite has one writer at a time. Whoever finds it taken sleeps 1, 2, 5, … up to 100 ms between two
looks (sqlite3_busy_timeout), so that two dozen threads mostly sleep while nobody writes. Here the
threads of a process wait for a lock that wakes the next at once, and the processes for a locked
file beside the database, at which they look again within a millisecond. SQLite's own lock decides:
these are for speed, and can be lost without harm. What a killed process had locked is free.

Opening a connection costs a millisecond (Django gives each its functions, and each reads the whole
schema), and half a megabyte while it is open. A thread that waits for something else gives its own
back instead of closing it, and the next to need one goes on with that.
"""

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base, features

from project.private import private_database

IDLE_AT_MOST = 8  # connections that nobody uses and that are kept
WRITE_STATEMENTS = ("INSERT", "UPDATE", "DELETE")
# Between two looks at the locked file: the first pause, and the longest.
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.0001, 0.001
# How long the file is waited for, and how long then not again: who has it may be frozen, or slow.
FILE_WAIT_SECONDS, DISTRUST_SECONDS = 0.25, 5.0
idle_connections: deque[tuple[str, Any]] = deque()  # (file, connection)


class WriteLock:
    """Who may write now, among the threads of this process and the processes of this machine."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.files: dict[str, int] = {}  # of databases; -1 where none can be made
        self.locked: int | None = None
        self.distrusted_until = 0.0

    def acquire(self, database: str, seconds: float) -> bool:
        """Whether the caller may write to `database`. False after `seconds`: SQLite will say so."""
        if not self.lock.acquire(timeout=seconds):
            return False
        file = self.file(database)
        if file >= 0:
            self.wait_for(file)
        return True

    def release(self) -> None:
        file, self.locked = self.locked, None
        if file is not None:
            fcntl.flock(file, fcntl.LOCK_UN)
        self.lock.release()

    def file(self, database: str) -> int:
        """The open file that stands for `database`, or -1."""
        if database not in self.files:
            in_memory = database.startswith(("file:", ":"))
            try:
                self.files[database] = (
                    -1 if in_memory else os.open(f"{database}-turn", os.O_CREAT | os.O_RDWR, 0o600)
                )
            except OSError:
                self.files[database] = -1
        return self.files[database]

    def wait_for(self, file: int) -> None:
        """Lock `file`, or go on without where that takes too long."""
        until, pause = time.monotonic() + FILE_WAIT_SECONDS, FIRST_PAUSE_SECONDS
        while not self.lock_file(file):
            now = time.monotonic()
            if now < self.distrusted_until:
                return
            if now > until:
                self.distrusted_until = now + DISTRUST_SECONDS
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def lock_file(self, file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.locked = file
        return True


write_lock = WriteLock()


def start_anew_after_fork() -> None:
    """A forked child has none of the threads that may hold the lock, and would share its parent's
    lock of the file; and SQLite forbids to use a connection on its other side."""
    global write_lock
    for file in write_lock.files.values():
        if file >= 0:
            os.close(file)
    write_lock = WriteLock()
    idle_connections.clear()


os.register_at_fork(before=idle_connections.clear, after_in_child=start_anew_after_fork)


@cache
def keep_private(database: str) -> None:
    """Once a process: whoever else is on this machine reads no file of ours, old ones included."""
    if not str(database).startswith(("file:", ":")):
        private_database(Path(database))


class DatabaseFeatures(features.DatabaseFeatures):
    # Without this Django prefetches as `id = … OR id = …`, one for each row, and SQLite takes no
    # thousand of them. What it cannot do is rows of several columns, and no key here has those.
    supports_tuple_lookups = True


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    _write_lock: WriteLock | None = None  # while this connection holds it
    _may_stay_idle = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        while idle_connections:
            try:
                file, connection = idle_connections.pop()
            except IndexError:
                break
            if file == conn_params["database"]:
                return connection
            connection.close()
        keep_private(conn_params["database"])
        return super().get_new_connection(conn_params)

    def give_back(self) -> None:
        """As `close`, but another thread may go on with it."""
        self._may_stay_idle = not (self.errors_occurred or self.needs_rollback)
        try:
            self.close()
        finally:
            self._may_stay_idle = False

    @contextmanager
    def unsynced(self) -> Iterator[None]:
        """What is committed in here waits for the disk no longer than the next commit outside: a
        power failure may take it back, and nothing that came later without it. For what only says
        who is at work: whoever that was is gone then."""
        if self.in_atomic_block:
            yield
            return
        self.synchronize("NORMAL")
        try:
            yield
        finally:
            try:
                self.synchronize("FULL")
            except BaseException:
                self.close()
                raise

    def synchronize(self, how: str) -> None:
        self.ensure_connection()
        self.connection.execute(f"PRAGMA synchronous={how}")

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=lambda connection: Cursor(connection, self))

    def acquire_write_lock(self) -> None:
        # A part of what SQLite itself waits afterwards: both together must be less than a worker
        # may stand still.
        seconds = self.settings_dict["OPTIONS"]["timeout"] / 4
        lock = write_lock  # another one after a fork
        if self._write_lock is None and lock.acquire(str(self.settings_dict["NAME"]), seconds):
            self._write_lock = lock

    def release_write_lock(self) -> None:
        lock, self._write_lock = self._write_lock, None
        if lock is not None:
            lock.release()

    def _start_transaction_under_autocommit(self) -> None:
        self.acquire_write_lock()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self.release_write_lock()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # as above
        self.release_write_lock()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # as above
        finally:
            self.release_write_lock()

    def _close(self) -> None:
        try:
            inner = self.connection
            may_stay = self._may_stay_idle and inner and not inner.in_transaction
            if may_stay and len(idle_connections) < IDLE_AT_MOST:
                idle_connections.append((self.settings_dict["NAME"], inner))
            else:
                super()._close()  # type: ignore[misc]  # as above
        finally:
            self.release_write_lock()


class Cursor(base.SQLiteCursorWrapper):
    def __init__(self, connection: Any, wrapper: DatabaseWrapper) -> None:
        super().__init__(connection)
        self.wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        is_alone = self.wrapper.get_autocommit() and not self.wrapper.in_atomic_block
        if not (is_alone and query.lstrip()[:6].upper() in WRITE_STATEMENTS):
            return super().execute(query, params)
        self.wrapper.acquire_write_lock()
        try:
            return super().execute(query, params)
        finally:
            self.wrapper.release_write_lock()
