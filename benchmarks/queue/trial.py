"""One queue at work on a database of its own: a client that enqueues, workers that run, and the
file in which the jobs note when they began."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.footprint import family
from project.run import die_with_parent

from .bench.line import WIDTH
from .peers import ROOT, Peer
from .places import Database, Places
from .surroundings import environment
from .watching import cpu_over, cpu_seconds

PATIENCE = 60  # seconds without anything new until a trial is given up

failures: list[str] = []


class Trial:
    def __init__(self, places: Places, peer: Peer, database: Database) -> None:
        self.places, self.peer, self.database = places, peer, database
        self.folder = places.folder / f"{time.monotonic_ns()}"
        self.folder.mkdir()
        self.env = environment(places, peer, database, self.folder)
        self.workers: list[subprocess.Popen] = []
        self.client: subprocess.Popen | None = None

    # ── The client ─────────────────────────────────────────────────────────────────────────────
    def ask(self, act: str, **given: Any) -> Any:
        """Let the client do something. Raises with the end of its log when it cannot."""
        if self.client is None:
            self.client = self.spawn(
                "client",
                ("-m", "benchmarks.queue.client"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        try:
            self.client.stdin.write(json.dumps({"do": act} | given) + "\n")
            self.client.stdin.flush()
        except BrokenPipeError:
            self.complain("client")
        answer = self.client.stdout.readline()
        return json.loads(answer) if answer else self.complain("client")

    def complain(self, name: str) -> None:
        said = (self.folder / f"{name}.log").read_text(errors="replace")
        raise RuntimeError(f"{self.peer.label}, {name}: {said[-3000:]}")

    def spawn(self, name: str, command: tuple[str, ...], **more: Any) -> subprocess.Popen:
        env = self.env | more.pop("env", {})
        with (self.folder / f"{name}.log").open("ab") as log:
            more.setdefault("stdout", log)
            return subprocess.Popen(
                [self.peer.python, *command],
                cwd=ROOT,
                env=env,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
                **more,
            )

    # ── The workers ───────────────────────────────────────────────────────────────────────────
    def start_workers(self, groups: int = 1, **env: str) -> None:
        """`groups` stands for machines."""
        for command in self.peer.workers * groups:
            name = f"worker{len(self.workers)}"
            self.workers.append(self.spawn(name, command, env=env))

    def pids(self) -> list[int]:
        return [pid for worker in self.workers for pid in family(worker.pid)]

    def cpu(self) -> tuple[float, float]:
        """Seconds used so far: by the workers, and by PostgreSQL for everybody."""
        server = sum(cpu_seconds(self.places.server()).values()) + self.places.of_the_ended()
        return sum(cpu_seconds(self.pids()).values()), server

    def wait_until_quiet(self) -> None:
        """The workers have started and have nothing to do: hardly any CPU for a second."""
        self.wait_for(lambda: cpu_over(1.0, self.pids) < 0.05)

    def stop_workers(self, gently: bool = False) -> None:
        """Killed, all of them: what a trial leaves behind is thrown away. Or told to stop."""
        if gently:
            for worker in self.workers:
                worker.terminate()
            for worker in self.workers:
                with suppress(subprocess.TimeoutExpired):
                    worker.wait(15)
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for worker in self.workers:
            worker.wait()
        self.workers = []

    # ── What happens ──────────────────────────────────────────────────────────────────────────
    @property
    def file(self) -> Path:
        return self.folder / "starts"

    def count(self) -> int:
        return self.file.stat().st_size // WIDTH if self.file.exists() else 0

    def starts(self) -> list[tuple[int, float]]:
        """(id, when), by time."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        found = (line.split() for line in lines)
        return sorted(((int(pk), float(at)) for pk, at in found), key=lambda start: start[1])

    def wait_for_starts(self, count: int) -> None:
        """For ever, as long as there are new ones."""
        while (seen := self.count()) < count:
            self.wait_for(lambda seen=seen: self.count() > seen)

    def wait_until_done(self) -> float:
        """When the queue was empty and every row sent."""
        self.wait_for(lambda: self.ask("acts.is_done"))
        return time.monotonic()

    def wait_for(self, condition: Callable[[], bool], pause: float = 0.004) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            for number, worker in enumerate(self.workers):
                if worker.poll() is not None:
                    self.complain(f"worker{number}")
            if time.monotonic() > until:
                raise TimeoutError(f"{self.peer.label}: not within {PATIENCE} s")
            time.sleep(pause)

    def close(self) -> None:
        self.stop_workers()
        if self.client:
            self.client.kill()
            self.client.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def spared(label: str) -> Iterator[None]:
    """One queue that fails must not take the whole run with it; but it is said, and counts."""
    try:
        yield
    except (RuntimeError, TimeoutError) as error:
        failures.append(label)
        print(f"\n**{label} failed**: {error}", flush=True)


@contextmanager
def trial(places: Places, peer: Peer, database: Database | None = None) -> Iterator[Trial]:
    """On a fresh database, unless one is given."""
    own = database or places.new(peer.vendor, template(places, peer))
    places.empty_redis()
    places.checkpoint()
    places.note_fsync()
    made = Trial(places, peer, own)
    try:
        yield made
    finally:
        made.close()
        if database is None:
            places.drop(own)


def template(places: Places, peer: Peer) -> Database:
    """A migrated database, to be copied."""
    if peer.template not in places.templates:
        database = places.new(peer.vendor)
        made = Trial(places, peer, database)
        try:
            migrate = made.spawn("migrate", ("-m", "django", "migrate", "--verbosity", "0"))
            if migrate.wait(PATIENCE):
                made.complain("migrate")
        finally:
            made.close()
        fold(database)
        places.templates[peer.template] = database
    return places.templates[peer.template]


def fold(database: Database) -> None:
    """Everything into the one file that is copied."""
    if database.vendor == "sqlite":
        with closing(sqlite3.connect(database.name)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
