"""The two that are compared: stock django-q2 and ours, each with a real `qcluster` on a SQLite of
its own."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.queue.peers import RIVALS, ROOT
from benchmarks.queue.places import Database
from benchmarks.queue.surroundings import KEPT, SECRET, of_ours
from project.run import die_with_parent

START = 20  # seconds


class Side:
    name = ""
    python = ""
    command: tuple[str, ...] = ()

    def __init__(self, folder: Path, template: Path | None = None) -> None:
        self.folder = folder
        self.database, self.diary = folder / "queue.sqlite3", folder / "diary"
        self.diary.touch()
        self.started: list[subprocess.Popen] = []
        if template:
            shutil.copy(template, self.database)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | self.own() | {"HAZARDS": str(self.diary), "PYTHONPATH": str(ROOT)} | more

    def own(self) -> dict[str, str]:
        raise NotImplementedError

    # ── Its processes ─────────────────────────────────────────────────────────────────────────
    def start(self, **environment: str) -> None:
        with (self.folder / "log").open("ab") as log:
            self.main = subprocess.Popen(
                [self.python, *self.command],
                cwd=ROOT,
                env=self.environment(**environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.started.append(self.main)
        if not soon(lambda: len(self.workers()) >= 2, START):
            raise RuntimeError(f"{self.name} did not start: {self.log()[-2000:]}")
        time.sleep(1)  # until its workers wait for jobs

    def workers(self) -> list[psutil.Process]:
        raise NotImplementedError

    def monitor(self) -> psutil.Process:
        """Whoever writes down what ended."""
        raise NotImplementedError

    def family(self) -> list[psutil.Process]:
        main = psutil.Process(self.main.pid)
        return [main, *main.children(recursive=True)]

    def stop(self, seconds: float = 15) -> float | None:
        """Seconds from SIGTERM to its end; None: it was still there."""
        asked = time.monotonic()
        self.main.send_signal(signal.SIGTERM)
        return time.monotonic() - asked if self.has_ended(seconds) else None

    def has_ended(self, seconds: float) -> bool:
        try:
            self.main.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> None:
        for main in self.started:
            for process in of_session(main.pid):
                process.kill()
            main.wait(10)

    # ── Its jobs ──────────────────────────────────────────────────────────────────────────────
    def client(self, *words: object, **environment: str) -> None:
        command = [self.python, "-m", "benchmarks.hazards.client", *map(str, words)]
        env = self.environment(**environment)
        with (self.folder / "client.log").open("ab") as log:
            options = {"cwd": ROOT, "env": env, "stdout": log, "stderr": log, "timeout": 60}
            subprocess.run(command, check=True, **options)

    def queue(self, name: str, *keys: object, **environment: str) -> None:
        self.client("queue", name, *keys, **environment)

    def begun(self, name: str = "") -> Counter:
        """How often each job began."""
        found = (line.split()[:2] for line in self.diary.read_text().splitlines())
        return Counter((job, key) for job, key in found if name in ("", job))

    def ran(self, name: str = "note") -> int:
        return len(self.begun(name))

    def starts(self, name: str) -> int:
        return sum(self.begun(name).values())

    def left(self) -> int:
        raise NotImplementedError

    def ask(self, sql: str) -> Any:
        reader = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)
        try:
            return reader.execute(sql).fetchone()[0]
        finally:
            reader.close()

    def log(self) -> str:
        logs = (path.read_text(errors="replace") for path in self.folder.glob("*log"))
        return "\n".join(logs)


class Stock(Side):
    name = "stock"
    python = str(RIVALS)
    command = ("-m", "django", "qcluster")

    def own(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "benchmarks.hazards.settings",
            "HAZARDS_DATABASE": str(self.database),
            "SECRET_KEY": SECRET,
        }

    def parts(self) -> list[psutil.Process]:
        """Two workers, the monitor and the pusher."""
        sentinels = psutil.Process(self.main.pid).children()
        return sorted(sentinels[0].children(), key=lambda p: p.pid) if sentinels else []

    def workers(self) -> list[psutil.Process]:
        parts = self.parts()
        return parts[:2] if len(parts) >= 4 else []

    def monitor(self) -> psutil.Process:
        return self.parts()[2]

    def left(self) -> int:
        return self.ask("SELECT count(*) FROM django_q_ormq")


class Ours(Side):
    name = "ours"
    python = sys.executable
    command = ("manage.py", "qcluster")

    def own(self) -> dict[str, str]:
        more = {"DJANGO_SETTINGS_MODULE": "tests.hazards.settings", "TIME_SCALE": "0.1"}
        return of_ours(Database("sqlite", str(self.database))) | more

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.main.pid).children()

    def monitor(self) -> psutil.Process:
        """Each worker writes down its own."""
        return self.workers()[0]

    def left(self) -> int:
        of_ours = "SELECT count(*) FROM django_q_ormq WHERE func LIKE 'tests.hazards%'"
        return self.ask(of_ours) + self.ask("SELECT count(*) FROM jobs_deadletter")


def of_session(leader: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == leader:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


def soon(true: Callable[[], object], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


def stock_with(**options: object) -> dict[str, str]:
    """Settings of django-q2's for one hazard; ours has them too and does not look."""
    return {"HAZARDS_Q": json.dumps(options)}
