"""How an idle worker learns that there is work: it is told, or sees that the database changed."""

import os
import select
import sqlite3
import time
from typing import Any

from django.db import connection

CHANNEL = "fanfare_jobs"  # what the trigger of our migration notifies
# Milliseconds between two looks at SQLite's `PRAGMA data_version`, which reads no table: while
# there is work, and after DROWSY_AFTER seconds without any.
AWAKE, DROWSY_AFTER = (5, 25), 3.0
# The other workers let the first one have what comes singly, and look once at what comes together:
# they act so many seconds later, and on SQLite look so many times less often.
LATER, SELDOM = 0.3, 10
RETRY = 1.0  # seconds until a lost LISTEN connection is made again


def ring() -> None:
    """A row changed that somebody may wait for. An INSERT rings by itself, and on SQLite all do."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class Bell:
    """Waits for: a row queued (anywhere), a job ended here (`ring`), or time."""

    def __init__(self) -> None:
        self.inner, self.outer = os.pipe()
        os.set_blocking(self.inner, False)
        os.set_blocking(self.outer, False)

    def ring(self) -> None:
        """From a thread or a signal handler of this process."""
        try:
            os.write(self.outer, b".")
        except BlockingIOError:
            pass  # it is ringing already

    def wait(self, seconds: float, is_busy: bool = False) -> bool:
        """Whether it rang."""
        select.select([self.inner], [], [], seconds)
        return self.quiet()

    def stay_awake(self) -> None:
        """There was work, and soon there may be more."""

    def quiet(self) -> bool:
        """Whether it rang until now."""
        rang = False
        try:
            while os.read(self.inner, 4096):
                rang = True
        except BlockingIOError:
            pass
        return rang


class PostgresBell(Bell):
    def __init__(self, is_first: bool) -> None:
        super().__init__()
        self.is_first = is_first
        self.driver = connection.Database  # psycopg, which nobody on SQLite need load
        self.listener: Any = None
        self.again_at = 0.0

    def wait(self, seconds: float, is_busy: bool = False) -> bool:
        known, listener = self.listener, self.listen()
        if listener is not known:
            return True  # what came before it listens did not ring
        watched = [self.inner, *([listener.fileno()] if listener else [])]
        patience = seconds if listener else min(seconds, RETRY)
        rang, _, _ = select.select(watched, [], [], patience)
        if rang and rang == watched[1:] and not (self.is_first or is_busy):
            select.select([self.inner], [], [], LATER)
        rang = self.quiet() or bool(rang)
        if listener:
            try:
                for _ in listener.notifies(timeout=0):
                    rang = True
            except self.driver.Error:
                self.listener = None
        return rang or not listener  # without a listener every look may find something

    def listen(self) -> Any:
        if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
            return None  # behind a pooler that gives each transaction another session
        if self.listener is None and time.monotonic() >= self.again_at:
            self.again_at = time.monotonic() + RETRY
            try:
                self.listener = self.driver.connect(**self.parameters(), autocommit=True)
                self.listener.execute(f"LISTEN {CHANNEL}")
            except self.driver.Error:
                self.listener = None
        return self.listener

    def parameters(self) -> dict[str, Any]:
        kept = connection.get_connection_params()
        return {k: v for k, v in kept.items() if k not in ("cursor_factory", "context", "pool")}


class SqliteBell(Bell):
    """Looks often while things happen, and seldom when nothing has for a while: every look costs
    an idle machine as much as a hundred when it is busy. The first worker looks oftenest."""

    def __init__(self, is_first: bool) -> None:
        super().__init__()
        self.watcher = sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=1)
        self.cursor = self.watcher.cursor()
        self.inbox = select.poll()
        self.inbox.register(self.inner, select.POLLIN)
        self.is_first = is_first
        self.awake, self.drowsy = AWAKE if is_first else (SELDOM * looks for looks in AWAKE)
        self.version, self.awake_until = self.look(), 0.0

    def wait(self, seconds: float, is_busy: bool = False) -> bool:
        """What a busy worker sees is mostly its own changes: it looks when it needs more."""
        if is_busy:
            return super().wait(seconds)
        until, rang = time.monotonic() + seconds, False
        while not rang and (left := until - (now := time.monotonic())) > 0:
            pause = self.awake if now < self.awake_until else self.drowsy
            rang = bool(self.inbox.poll(min(left * 1000, pause)))
            if self.look() != self.version:
                if not (rang or self.is_first):
                    self.inbox.poll(LATER * 1000)
                rang, self.version = True, self.look()
        return self.quiet() or rang

    def stay_awake(self) -> None:
        self.awake_until = time.monotonic() + DROWSY_AFTER

    def look(self) -> int:
        return self.cursor.execute("PRAGMA data_version").fetchone()[0]


def bell(is_first: bool = True) -> Bell:
    return PostgresBell(is_first) if connection.vendor == "postgresql" else SqliteBell(is_first)
