"""Django's SQLite, whose threads of one process wait in line to write, and share a few connections.

SQLite has one writer at a time. Whoever finds it taken sleeps 1, 2, 5, … up to 100 ms between two
looks (sqlite3_busy_timeout), so that two dozen threads mostly sleep while nobody writes. Here the
threads of a process take turns by a lock that wakes the next at once, and only processes meet
at SQLite's own. That one decides: this lock is for speed, and can be lost without harm.

Opening a connection costs a millisecond (Django gives each its functions, and each reads the whole
schema), and half a megabyte while it is open. A thread that waits for something else gives its own
back instead of closing it, and the next to need one goes on with that.
"""

import os
import threading
from collections import deque
from typing import Any

from django.db.backends.sqlite3 import base

SPARE = 8  # connections at most, of those that nobody uses
WRITES = ("INSERT", "UPDATE", "DELETE")
turn = threading.Lock()
spare: deque[tuple[str, Any]] = deque()  # (file, connection)


def forget() -> None:
    """A forked child has none of the threads that may hold the turn, and SQLite forbids to use a
    connection on its other side."""
    global turn
    turn = threading.Lock()
    spare.clear()


os.register_at_fork(before=spare.clear, after_in_child=forget)


class DatabaseWrapper(base.DatabaseWrapper):
    _turn: Any = None  # the lock, while this connection holds it
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
        return super().get_new_connection(conn_params)

    def give_back(self) -> None:
        """As `close`, but another thread may go on with it."""
        self._is_lent = not (self.errors_occurred or self.needs_rollback)
        try:
            self.close()
        finally:
            self._is_lent = False

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=lambda connection: Cursor(connection, self))

    def take_turn(self) -> None:
        lock = turn
        if self._turn is None and lock.acquire(timeout=self.settings_dict["OPTIONS"]["timeout"]):
            self._turn = lock

    def give_turn(self) -> None:
        lock, self._turn = self._turn, None
        if lock is not None:
            lock.release()

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
