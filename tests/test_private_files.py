"""What others on this machine may read of ours: nothing, also of an installation that is old."""

import logging
import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from project.logs import AtMostEvery, PrivateFileHandler
from project.private import make_private, private_database, private_folder
from project.web.visits import Visits
from tests.test_safety import run


@pytest.fixture(autouse=True)
def loose_mask():
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def loose(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and mode(path) & 0o077]


def migrate(path: Path) -> None:
    """A process that begins and writes: one app's tables are enough, all take six seconds more."""
    command = ["manage.py", "migrate", "sessions", "--verbosity", "0"]
    done = run(*command, DATABASE_URL=f"sqlite:///{path}")
    assert done.returncode == 0, done.stderr


def test_a_new_database_is_private_with_all_that_stands_beside_it(tmp_path):
    migrate(tmp_path / "new.sqlite3")
    assert (tmp_path / "new.sqlite3").exists() and loose(tmp_path) == []


def test_an_old_one_is_mended_when_a_process_starts(tmp_path):
    path = tmp_path / "old.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE a (b)")
    connection.commit()  # and stays open: so do its files
    (tmp_path / "old.sqlite3-turn").touch(0o666)
    assert len(loose(tmp_path)) == 4
    migrate(path)
    assert loose(tmp_path) == []
    connection.close()


READ = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    print([row[0] for row in connection.execute("SELECT b FROM a")])
connection.close()
"""


def test_a_second_thread_that_looks_takes_no_lock_from_the_first(tmp_path):
    """Closing the file would: then whoever else closes the database deletes the log that the first
    thread goes on writing to, and what it commits is nowhere."""
    path = tmp_path / "shared.sqlite3"
    private_database(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE a (b)")
    connection.execute("INSERT INTO a VALUES (1)")
    connection.commit()
    private_database(path)
    for rows in ("[1]", "[1, 2]"):
        read = [sys.executable, "-c", READ, str(path)]
        assert subprocess.check_output(read, text=True).strip() == rows
        connection.execute("INSERT INTO a VALUES (2)")
        connection.commit()
    connection.close()


def test_a_database_is_made_once_by_many_who_are_first(tmp_path):
    path = tmp_path / "many.sqlite3"
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(private_database, [path] * 32))
    assert [file.name for file in tmp_path.iterdir()] == ["many.sqlite3"]
    assert mode(path) == 0o600


def test_var_is_for_its_owner(tmp_path):
    private_folder(tmp_path / "var")
    assert mode(tmp_path / "var") == 0o700
    (tmp_path / "var").chmod(0o755)
    private_folder(tmp_path / "var")
    assert mode(tmp_path / "var") == 0o700


def test_what_is_not_there_or_not_ours_stops_nobody(tmp_path):
    make_private(tmp_path / "none")
    private_database(tmp_path / "no folder" / "a.sqlite3")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_a_setting_names_by_mistake_stays_as_it_is(tmp_path):
    tmp_path.chmod(0o755)
    make_private(tmp_path)
    private_database(tmp_path)
    with suppress(OSError):
        PrivateFileHandler(tmp_path)
    Visits(tmp_path / "visited").note()
    assert mode(tmp_path) == 0o755


def test_a_log_file_is_private_also_after_it_was_rotated(tmp_path):
    path = tmp_path / "fanfare.log"
    path.touch(0o644)
    handler = PrivateFileHandler(path)
    handler.emit(logging.makeLogRecord({"msg": "one"}))
    assert mode(path) == 0o600
    path.rename(tmp_path / "fanfare.log.1")
    handler.emit(logging.makeLogRecord({"msg": "two"}))
    handler.close()
    assert path.read_text() == "two\n" and loose(tmp_path) == []


def test_the_settings_log_through_it_and_mend_the_env(tmp_path):
    log = tmp_path / "a.log"
    done = run("manage.py", "check", LOG_FILE=str(log), DATABASE_URL=f"sqlite:///{tmp_path}/a")
    assert done.returncode == 0, done.stderr
    assert log.exists() and loose(tmp_path) == []


def test_what_many_cause_is_said_at_most_every_so_often():
    now, said = [0.0], []
    at_most = AtMostEvery(60, clock=lambda: now[0])
    for moment in (0, 1, 59, 61, 62, 200):
        now[0] = moment
        at_most(said.append)
    assert said == [1, 3, 2]
