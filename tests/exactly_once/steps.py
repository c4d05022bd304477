"""Every step of a process that anybody else can see: statements, commits, bytes and answers.

The steps are found by running, not listed by hand: a new one in the code is a new crash point here.
A process of its own is struck right before one of them; production code knows nothing of this.
"""

import http.client
import os
import signal
import ssl
import traceback
from collections.abc import Callable
from typing import Any

import urllib3.connection
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from social.networks import tls

KILLED = 137
INSIDE = "in a transaction: "
Strike = Callable[[], None]


class Steps:
    """Notes each step, and strikes before number `at` (from 1; 0: never)."""

    def __init__(self, at: int, strike: Strike, told: int) -> None:
        self.at, self.strike, self.told, self.count = at, strike, told, 0

    def reach(self, name: str) -> None:
        self.count += 1
        os.write(self.told, f"{name}\n".encode())
        if self.count == self.at:
            self.strike()

    def before(self, where: Any, method: str, name: Callable[..., str]) -> None:
        original = getattr(where, method)

        def reaching(this: Any, *args: Any, **options: Any) -> Any:
            self.reach(name(this, *args))
            return original(this, *args, **options)

        setattr(where, method, reaching)

    def after(self, where: Any, method: str, name: str) -> None:
        original = getattr(where, method)

        def reaching(this: Any, *args: Any, **options: Any) -> Any:
            result = original(this, *args, **options)
            self.reach(name)
            return result

        setattr(where, method, reaching)

    def watch(self) -> None:
        """In this process, for good."""
        self.before(BaseDatabaseWrapper, "_commit", lambda *_: f"{INSIDE}commit")
        connection.execute_wrappers.append(self.watch_statement)
        self.before(urllib3.connection.HTTPConnection, "_new_conn", lambda *_: "connect")
        self.before(ssl.SSLSocket, "do_handshake", lambda *_: "handshake")
        self.after(ssl.SSLSocket, "do_handshake", "hands are shaken")
        self.before(http.client.HTTPConnection, "send", lambda _, data: f"bytes: {first(data)}")
        self.before(http.client.HTTPConnection, "getresponse", lambda *_: "bytes are sent")
        self.after(http.client.HTTPConnection, "getresponse", "an answer has come")

    def watch_statement(self, execute: Callable, sql: str, *rest: Any) -> Any:
        words = sql.split()
        what = f"{words[0]} {next((w for w in words if '_' in w), '')}".strip().lower()
        self.reach(f"{INSIDE}{what}" if connection.in_atomic_block else what)
        return execute(sql, *rest)


def first(data: Any) -> str:
    return data.split(b"\r\n")[0].split(b"?")[0].decode(errors="replace")[:60] if data else ""


def forget_connections() -> None:
    """Playwright's event loop hides from the tests what was opened before it began (asgiref's
    Local), and is not running on this side of a fork: what was hidden is in sight here."""
    for alias in connections:
        del connections[alias]


def die() -> None:
    os._exit(KILLED)


def freeze() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


class Struck:
    """A process that does `work` and is struck at a step."""

    def __init__(self, work: Callable[[], object], at: int = 0, strike: Strike = die) -> None:
        connections.close_all()  # no connection survives a fork
        tls.context()  # but this does, and each process would make its own
        reading, telling = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            code = 1
            try:
                os.close(reading)
                forget_connections()
                Steps(at, strike, telling).watch()
                work()
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(telling)
        self.reading = reading

    def wait(self) -> list[str]:
        """Until it is gone; the steps that it reached."""
        with os.fdopen(self.reading) as lines:
            steps = lines.read().splitlines()
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return steps

    def wait_until_frozen(self) -> None:
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it ended before it came so far"

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)
