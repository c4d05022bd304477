"""How an idle worker learns that there is work: it is told, or sees that the database changed."""

import os
import select
import sqlite3
import time
from typing import Any

from django.db import connection

NOTIFY_CHANNEL = "fanfare_jobs"  # what the trigger of our migration notifies
# Milliseconds between two reads of SQLite's `PRAGMA data_version`, which reads no table: while
# there is work, and after IDLE_AFTER_SECONDS without any.
POLL_BUSY_MS, POLL_IDLE_MS, IDLE_AFTER_SECONDS = 5, 25, 3.0
# The other workers let the first one have what comes singly, and look once at what comes together:
# they act so many seconds later, and on SQLite read so many times less often.
OTHERS_DELAY_SECONDS, OTHERS_POLL_FACTOR = 0.3, 10
LISTEN_RETRY_SECONDS = 1.0  # until a lost LISTEN connection is made again


def notify_workers() -> None:
    """A row changed that a worker may wait for. On PostgreSQL an INSERT notifies by itself; on
    SQLite every change does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {NOTIFY_CHANNEL}")


class Notifier:
    """Waits for: a row queued (anywhere), a job ended here (`notify`), or time."""

    def __init__(self) -> None:
        self.inner, self.outer = os.pipe()
        os.set_blocking(self.inner, False)
        os.set_blocking(self.outer, False)

    def notify(self) -> None:
        """From a thread or a signal handler of this process."""
        try:
            os.write(self.outer, b".")
        except BlockingIOError:
            pass  # it is full of notices already

    def wait(self, seconds: float, is_busy: bool = False) -> bool:
        """At most so long; whether it was notified."""
        select.select([self.inner], [], [], seconds)
        return self.clear()

    def note_work(self) -> None:
        """There was work, and soon there may be more."""

    def clear(self) -> bool:
        """Whether it was notified until now."""
        notified = False
        try:
            while os.read(self.inner, 4096):
                notified = True
        except BlockingIOError:
            pass
        return notified


class PostgresNotifier(Notifier):
    def __init__(self, is_first: bool) -> None:
        super().__init__()
        self.is_first = is_first
        wrapper: Any = connection
        self.driver = wrapper.Database  # psycopg, which nobody on SQLite need load
        self.listener: Any = None
        self.listen_again_at = 0.0

    def wait(self, seconds: float, is_busy: bool = False) -> bool:
        known, listener = self.listener, self.listen()
        if listener is not known:
            return True  # what came before it listens did not notify
        watched = [self.inner, *([listener.fileno()] if listener else [])]
        patience = seconds if listener else min(seconds, LISTEN_RETRY_SECONDS)
        readable, _, _ = select.select(watched, [], [], patience)
        if readable and readable == watched[1:] and not (self.is_first or is_busy):
            select.select([self.inner], [], [], OTHERS_DELAY_SECONDS)
        notified = self.clear() or bool(readable)
        if listener:
            try:
                for _ in listener.notifies(timeout=0):
                    notified = True
            except self.driver.Error:
                self.listener = None
        return notified or not listener  # without a listener there may always be something

    def listen(self) -> Any:
        if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
            return None  # behind a pooler that gives each transaction another session
        if self.listener is None and time.monotonic() >= self.listen_again_at:
            self.listen_again_at = time.monotonic() + LISTEN_RETRY_SECONDS
            try:
                self.listener = self.driver.connect(**self.parameters(), autocommit=True)
                self.listener.execute(f"LISTEN {NOTIFY_CHANNEL}")
            except self.driver.Error:
                self.listener = None
        return self.listener

    def parameters(self) -> dict[str, Any]:
        kept = connection.get_connection_params()
        return {k: v for k, v in kept.items() if k not in ("cursor_factory", "context", "pool")}


class SqliteNotifier(Notifier):
    """Reads often while things happen, and seldom when nothing has for a while: every read costs
    an idle machine as much as a hundred when it is busy. The first worker reads oftenest."""

    def __init__(self, is_first: bool) -> None:
        super().__init__()
        self.watcher = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=1)
        self.cursor = self.watcher.cursor()
        self.inbox = select.poll()
        self.inbox.register(self.inner, select.POLLIN)
        self.is_first = is_first
        factor = 1 if is_first else OTHERS_POLL_FACTOR
        self.busy_ms, self.idle_ms = factor * POLL_BUSY_MS, factor * POLL_IDLE_MS
        self.version, self.busy_until = self.data_version(), 0.0

    def wait(self, seconds: float, is_busy: bool = False) -> bool:
        """What a busy worker sees is mostly its own changes: it waits until it needs more."""
        if is_busy:
            return super().wait(seconds)
        until, notified = time.monotonic() + seconds, False
        while not notified and (left := until - (now := time.monotonic())) > 0:
            pause_ms = self.busy_ms if now < self.busy_until else self.idle_ms
            notified = bool(self.inbox.poll(min(left * 1000, pause_ms)))
            if self.data_version() != self.version:
                if not (notified or self.is_first):
                    self.inbox.poll(OTHERS_DELAY_SECONDS * 1000)
                notified, self.version = True, self.data_version()
        return self.clear() or notified

    def note_work(self) -> None:
        self.busy_until = time.monotonic() + IDLE_AFTER_SECONDS

    def data_version(self) -> int:
        return self.cursor.execute("PRAGMA data_version").fetchone()[0]


def make_notifier(is_first: bool = True) -> Notifier:
    """For one worker; the first of a cluster hears of news before the others."""
    kind = PostgresNotifier if connection.vendor == "postgresql" else SqliteNotifier
    return kind(is_first)
