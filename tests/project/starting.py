"""Fanfare started as operators start it, in any folder, with nothing of the tests' environment."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.db import connection

from tests.environment import free_port
from tests.migrated import migrated_file
from tests.workers import ROOT

from .reading import LEAST

FOLDERS = ("project", "social", "publishing", "importing", "templates")
FILES = ("manage.py", "gunicorn.conf.py")
WEB = ("-m", "project.web")
PATIENCE = 300.0


def environment(**said: str) -> dict[str, str]:
    """Nothing of the tests' own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return (
        kept | {name: LEAST[name] for name in ("SECRET_KEY", "TOKEN_KEYS", "ALLOWED_HOSTS")} | said
    )


def run(folder: Path, *command: str, **said: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(**said),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def copy(folder: Path, database: Path | None = None) -> Path:
    """A checkout, without a .env; with that database in var/."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)  # compiled modules too
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    if database:
        (folder / "var").mkdir(mode=0o700)
        shutil.copy(database, folder / "var")
    return folder


@contextmanager
def serving(folder: Path, *command: str, **said: str) -> Iterator[str]:
    """The address of a web process."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=environment(PORT=str(port), **said)
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until:
            try:
                requests.get(f"{url}/healthz", timeout=5)
                break
            except requests.RequestException:
                time.sleep(0.1)
        assert process.poll() is None
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without the .env that the one these tests stand in may have."""
    return copy(tmp_path_factory.mktemp("checkout") / "fanfare")


@pytest.fixture(scope="session")
def database(
    django_db_setup: None, checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A migrated one; to migrate takes its time, so where one is there it is copied."""
    file = tmp_path_factory.mktemp("database") / "fanfare.sqlite3"
    if connection.vendor == "sqlite":
        shutil.copyfile(migrated_file(), file)
    else:
        migrated = run(checkout, "manage.py", "migrate", "-v0", DATABASE_URL=f"sqlite:///{file}")
        assert migrated.returncode == 0, migrated.stderr
    return file
