"""What the tests of the workers share: a worker that knows the jobs of this app, the diary that
these jobs keep, and looks at the queue."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.apps import apps
from django.db import connection

from project.jobs.models import QueuedJob
from social.jobs import JobRequest, enqueue_many
from tests.workers import Worker

from .apps import HazardsConfig

SOON = 20  # seconds


def eventually(true: Callable[[], object], seconds: float = SOON) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


# ── The diary ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Entry:
    name: str
    key: str
    pid: int
    at: float


def entries(diary: Path) -> list[Entry]:
    found = (line.split() for line in diary.read_text().splitlines())
    return [Entry(name, key, int(pid), float(at)) for name, key, pid, at in found]


def begun(diary: Path) -> Counter:
    """How often each (job, id) began."""
    return Counter((entry.name, entry.key) for entry in entries(diary))


def all_ran_once(diary: Path, name: str, keys: Iterable[object]) -> bool:
    return begun(diary) == {(name, str(key)): 1 for key in keys}


# ── The queue ─────────────────────────────────────────────────────────────────────────────────
def queue(name: str, *keys: object, on: str = "housekeeping", **options: Any) -> None:
    enqueue_many(
        JobRequest(f"tests.hazards.tasks.{name}", str(key), queue=on, **options) for key in keys
    )


def is_empty() -> bool:
    """But for the second look of the sweep, which is half a minute away."""
    return not QueuedJob.objects.exclude(func="publishing.tasks.watch").exists()


def waiting(name: str) -> int:
    """How many of one kind; the timetable's jobs come and go."""
    return QueuedJob.objects.filter(func=f"tests.hazards.tasks.{name}").count()


def touched() -> int:
    """Rows that a worker holds, or that count a start."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_q_ormq WHERE starts > 0 OR holder <> ''")
        return cursor.fetchone()[0]


# ── The workers ───────────────────────────────────────────────────────────────────────────────
def family(worker: Worker) -> list[psutil.Process]:
    main = psutil.Process(worker.process.pid)
    return [main, *main.children(recursive=True)]


def is_running(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(processes: Iterable[psutil.Process]) -> bool:
    return eventually(lambda: not any(is_running(process) for process in processes))


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary"
    path.touch()
    return path


@pytest.fixture
def hazardous(start_worker, diary: Path, monkeypatch) -> Iterator[Callable[..., Worker]]:
    """A real worker that also knows the jobs of this app."""
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *HazardsConfig.jobs))

    def start(**environment: str) -> Worker:
        return start_worker(
            DJANGO_SETTINGS_MODULE="tests.hazards.settings",
            HAZARDS=str(diary),
            **({"TIME_SCALE": "0.1"} | environment),
        )

    return start
