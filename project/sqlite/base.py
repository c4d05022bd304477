"""Django's SQLite, whose threads of one process wait in line to write, and share a few connections.

SQLite has one writer at a time. Whoever finds it taken sleeps 1, 2, 5, … up to 100 ms between two
looks (sqlite3_busy_timeout), so that two dozen threads mostly sleep while nobody writes. Here the
threads of a process take turns by a lock that wakes the next at once, and the processes by a locked
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

from django.db.backends.sqlite3 import base

from project.private import private_database

SPARE = 8  # connections at most, of those that nobody uses
WRITES = ("INSERT", "UPDATE", "DELETE")
PAUSES = (0.0001, 0.001)  # seconds between two looks at the file: the first, and the longest
# Seconds that the file is waited for, and then not again: who has it may be frozen, or slow.
PATIENCE, DISTRUST = 0.25, 5.0
spare: deque[tuple[str, Any]] = deque()  # (file, connection)


class Turn:
    """Who may write now, among the threads of this process and the processes of this machine."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.files: dict[str, int] = {}  # of databases; -1 where none can be made
        self.locked: int | None = None
        self.distrusted_until = 0.0

    def take(self, database: str, seconds: float) -> bool:
        """False: too long; SQLite will say so."""
        if not self.lock.acquire(timeout=seconds):
            return False
        file = self.file(database)
        if file >= 0:
            self.wait_for(file)
        return True

    def file(self, database: str) -> int:
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
        until, (pause, longest) = time.monotonic() + PATIENCE, PAUSES
        while not self.lock_file(file):
            now = time.monotonic()
            if now < self.distrusted_until:
                return
            if now > until:
                self.distrusted_until = now + DISTRUST
                return
            time.sleep(pause)
            pause = min(2 * pause, longest)

    def lock_file(self, file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self.locked = file
        return True

    def give(self) -> None:
        file, self.locked = self.locked, None
        if file is not None:
            fcntl.flock(file, fcntl.LOCK_UN)
        self.lock.release()


turn = Turn()


def forget() -> None:
    """A forked child has none of the threads that may hold the turn, and would share its parent's
    lock of the file; and SQLite forbids to use a connection on its other side."""
    global turn
    for file in turn.files.values():
        if file >= 0:
            os.close(file)
    turn = Turn()
    spare.clear()


os.register_at_fork(before=spare.clear, after_in_child=forget)


@cache
def keep_private(database: str) -> None:
    """Once a process: whoever else is on this machine reads no file of ours, old ones included."""
    if not str(database).startswith(("file:", ":")):
        private_database(Path(database))


class DatabaseFeatures(base.DatabaseFeatures):
    # Without this Django prefetches as `id = … OR id = …`, one for each row, and SQLite takes no
    # thousand of them. What it cannot do is rows of several columns, and no key here has those.
    supports_tuple_lookups = True


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    _turn: Turn | None = None  # while this connection has it
    _is_lent = False

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        while spare:
            try:
                file, connection = spare.pop()
            except IndexError:
                break
            if file == conn_params["database"]:
                return connection
            connection.close()
        keep_private(conn_params["database"])
        return super().get_new_connection(conn_params)

    def give_back(self) -> None:
        """As `close`, but another thread may go on with it."""
        self._is_lent = not (self.errors_occurred or self.needs_rollback)
        try:
            self.close()
        finally:
            self._is_lent = False

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

    def take_turn(self) -> None:
        # A part of what SQLite itself waits afterwards: both together must be less than a worker
        # may stand still.
        seconds = self.settings_dict["OPTIONS"]["timeout"] / 4
        if self._turn is None and (mine := turn).take(str(self.settings_dict["NAME"]), seconds):
            self._turn = mine

    def give_turn(self) -> None:
        mine, self._turn = self._turn, None
        if mine is not None:
            mine.give()

    def _start_transaction_under_autocommit(self) -> None:
        self.take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self.give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()
        self.give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self.give_turn()

    def _close(self) -> None:
        try:
            inner = self.connection
            if self._is_lent and inner and not inner.in_transaction and len(spare) < SPARE:
                spare.append((self.settings_dict["NAME"], inner))
            else:
                super()._close()
        finally:
            self.give_turn()


class Cursor(base.SQLiteCursorWrapper):
    def __init__(self, connection: Any, wrapper: DatabaseWrapper) -> None:
        super().__init__(connection)
        self.wrapper = wrapper

    def execute(self, query: str, params: Any = None) -> Any:
        is_alone = self.wrapper.get_autocommit() and not self.wrapper.in_atomic_block
        if not (is_alone and query.lstrip()[:6].upper() in WRITES):
            return super().execute(query, params)
        self.wrapper.take_turn()
        try:
            return super().execute(query, params)
        finally:
            self.wrapper.give_turn()
