"""The processes of a chaos: they are started again whenever they end, like under systemd."""

import os
import signal
import threading
import time
from pathlib import Path

import psutil

from tests import ready

AGAIN_AFTER = 0.3  # seconds


class Kept:
    """A program that is wanted. Its log stays when it is started again."""

    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str]):
        self.name, self.command, self.log = name, command, log
        self.environment = {**os.environ, **environment}
        self.process: ready.Program | None = None
        self.started = self.ended_at = 0.0
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        with self.log.open("ab") as output:
            self.process = ready.start(
                self.command, env=self.environment, output=output, start_new_session=True
            )

    def keep(self) -> None:
        """Start it again a moment after it has ended."""
        if self.process.poll() is None:
            self.ended_at = 0.0
        elif not self.ended_at:
            self.ended_at = time.monotonic()
        elif time.monotonic() - self.ended_at > AGAIN_AFTER:
            self.ended_at = 0.0
            self.start()

    def family(self) -> list[psutil.Process]:
        """It and all its children; the first is itself."""
        try:
            main = psutil.Process(self.process.pid)
            return [main, *main.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        """At the end, when nothing moves any more."""
        send(self.family(), signal.SIGKILL)
        self.process.wait()


def send(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            pass


class Keeper(threading.Thread):
    """Looks after all of them until it is told to stop."""

    def __init__(self, kept: list[Kept]) -> None:
        super().__init__(daemon=True)
        self.kept, self.over = kept, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.1):
            for kept in self.kept:
                kept.keep()

    def __enter__(self) -> "Keeper":
        for kept in self.kept:
            kept.start()
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self.join()
        for kept in self.kept:
            kept.kill()
