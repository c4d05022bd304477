"""The real command: how it refuses to start, how it stops, and that it runs jobs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import psutil
import pytest
from django.db import connection
from django_q.models import Schedule, Success
from django_q.tasks import async_task

from project.jobs.models import Heartbeat
from project.jobs.queue.timetable import TIMETABLE_PREFIX, sync_timetable
from project.schedules import TIMETABLE
from tests.workers import ROOT, Worker

SOON = 10  # seconds


def eventually(true: Callable[[], object], seconds: float = SOON) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


def family(worker: Worker) -> list[psutil.Process]:
    main = psutil.Process(worker.process.pid)
    return [main, *main.children(recursive=True)]


def gone(processes: list[psutil.Process]) -> bool:
    return eventually(lambda: not any(is_running(process) for process in processes))


def is_running(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_real_worker_runs_jobs_and_the_timetable(worker):
    async_task("project.jobs.tasks.prune", group="by hand")
    assert eventually(Success.objects.filter(group="by hand").exists), worker.output()
    assert {name.removeprefix(TIMETABLE_PREFIX) for name in schedule_names()} == set(TIMETABLE)
    swept = Success.objects.filter(group=f"{TIMETABLE_PREFIX}clear expired sessions")
    assert eventually(swept.exists), worker.output()


def schedule_names() -> list[str]:
    return list(Schedule.objects.values_list("name", flat=True))


def test_a_job_starts_soon_after_it_is_queued(worker):
    eventually(lambda: Success.objects.count() >= len(TIMETABLE) - 1)
    began = time.monotonic()
    async_task("project.jobs.tasks.prune", group="timed")
    assert eventually(lambda: Success.objects.filter(group="timed").exists())
    assert time.monotonic() - began < 10  # nobody looks for 15 s, unless told


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_stops_it_in_order(worker, how):
    assert eventually(lambda: len(family(worker)) >= 3)
    processes = family(worker)
    os.killpg(worker.process.pid, how)
    assert worker.process.wait(SOON) == 0
    assert gone(processes)
    assert not Heartbeat.objects.exists()


def test_killing_the_main_process_leaves_no_orphan(worker):
    assert eventually(lambda: len(family(worker)) >= 3)
    processes = family(worker)
    worker.kill()
    assert gone(processes)


def test_two_workers_keep_one_timetable(start_worker):
    first, second = start_worker(), start_worker()
    assert len(schedule_names()) == len(TIMETABLE)
    assert first.stop() == second.stop() == 0


def run_command(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "qcluster", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.django_db(transaction=True)  # an open transaction would keep the command waiting
@pytest.mark.parametrize(
    "environment, said",
    [
        ({"DATABASE_URL": "postgres://x:y@127.0.0.1:1/z"}, "The database cannot be reached: "),
        ({"DATABASE_URL": "sqlite:////nowhere/db.sqlite3"}, "The database cannot be reached: "),
        ({"DATABASE_URL": "sqlite:///{new}"}, "run `manage.py migrate` first"),
        ({"TIME_SCALE": "0"}, "TIME_SCALE"),
        ({"TOKEN_KEYS": "abc"}, "TOKEN_KEYS"),
        ({"SECRET_KEY": "short", "DEBUG": "0"}, "fanfare.E006"),
    ],
    ids=str,
)
def test_it_says_in_one_line_why_it_cannot_start(environment, said, tmp_path: Path):
    new = str(tmp_path / "new.sqlite3")
    ended = run_command(**{name: text.format(new=new) for name, text in environment.items()})
    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_help_names_the_environment():
    assert "QUEUE" in run_command("--help").stdout


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="needs two connections that write")
def test_the_timetable_is_synced_by_one_at_a_time():
    def sync() -> None:
        sync_timetable()
        connection.close()

    threads = [Thread(target=sync) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(schedule_names()) == len(TIMETABLE)
