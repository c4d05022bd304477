"""What strikes the workers from outside: the main process dies, the database is cut off or kept
busy, keys change, whole groups are told to stop. Each is a hazard of the stock workers."""

import os
import signal
import sqlite3
import time
from datetime import timedelta
from threading import Thread

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_q.models import Failure, Schedule, Success

from project.jobs.models import DeadLetter
from project.jobs.worker.worker import SETTLE_AT
from tests.hazards.stage import (
    all_ran_once,
    begun,
    eventually,
    family,
    gone,
    is_empty,
    queue,
    touched,
    waiting,
)

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="it has one writer")
on_postgres = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="it has no connections")
NOTE = "tests.hazards.tasks.note"
HOG = 7  # seconds


def test_its_main_process_is_killed_and_the_next_start_takes_over(hazardous, diary):
    worker = hazardous()
    queue("wait", *range(12), on="mail")
    assert eventually(lambda: len(begun(diary)) == 8)
    processes = family(worker)
    worker.kill()
    assert worker.process.returncode == -signal.SIGKILL  # and no clean exit
    assert gone(processes)
    assert len(begun(diary)) == 8  # nobody went on
    worker = hazardous()
    assert eventually(is_empty), worker.output()
    assert all(begun(diary)[("wait", str(key))] for key in range(12))
    assert sum(begun(diary).values()) <= 12 + 8  # those that were at work run again


@pytest.mark.parametrize("whom", ["the group", "each of them"])
def test_all_of_its_processes_are_told_to_stop(hazardous, diary, whom):
    """As honcho does, and as systemd does to a whole control group."""
    worker = hazardous()
    queue("wait", *range(60), on="publish")
    assert eventually(lambda: len(begun(diary)) >= 30)
    processes = family(worker)
    if whom == "the group":
        os.killpg(worker.process.pid, signal.SIGTERM)
    else:
        [process.send_signal(signal.SIGTERM) for process in processes]
    assert worker.process.wait(20) == 0, worker.output()
    assert gone(processes)
    assert touched() == 0
    assert Success.objects.filter(func__endswith="wait").count() == len(begun(diary))
    assert waiting("wait") == 60 - len(begun(diary))


def test_a_stop_that_cuts_a_job_off_says_so(hazardous, diary):
    worker = hazardous(COUNT="1", TIME_SCALE="0.05")
    queue("hang", 1)
    assert eventually(lambda: begun(diary)[("hang", "1")])
    assert worker.stop() != 0, worker.output()
    assert waiting("hang")


def test_a_job_longer_than_its_lease_runs_once(hazardous, diary):
    worker = hazardous(TIME_SCALE="0.05")  # leases of 1.5 s
    queue("dawdle", *range(4))
    assert eventually(is_empty), worker.output()
    assert all_ran_once(diary, "dawdle", range(4))


def test_slow_jobs_behind_quick_ones_are_not_doubled(hazardous, diary):
    """Claimed ahead at the pace of those before them, they wait for longer than a lease."""
    worker = hazardous(TIME_SCALE="0.05")
    queue("blink", *range(150))
    queue("wait", *range(12))
    assert eventually(is_empty, 40), worker.output()
    assert set(begun(diary).values()) == {1}


def test_quick_jobs_that_were_claimed_ahead_go_back_when_it_stops(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("blink", *range(600))
    assert eventually(lambda: begun(diary)[("blinked", "50")])
    assert worker.stop() == 0
    assert touched() == 0
    ran = sum(name == "blinked" for name, _ in begun(diary))
    assert waiting("blink") == 600 - ran > 0
    worker = hazardous()
    assert eventually(is_empty), worker.output()
    assert set(begun(diary).values()) == {1}


def test_a_kill_doubles_none_of_the_quick_jobs_that_were_only_claimed(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("blink", *range(600))
    assert eventually(lambda: begun(diary)[("blinked", "50")])
    os.kill(worker.children()[0], signal.SIGKILL)
    assert eventually(is_empty), worker.output()
    doubled = [key for (name, key), times in begun(diary).items() if name == "blink" and times > 1]
    assert len(doubled) <= SETTLE_AT + 2  # running, or ended and not yet written down


@on_postgres
def test_the_database_cuts_every_connection_while_jobs_run(hazardous, diary):
    worker = hazardous(TIME_SCALE="1")  # the pool's own pauses are not scaled
    queue("nap", *range(300), on="publish")
    queue("blink", *range(300))
    for strike in range(1, 6):
        assert eventually(lambda: len(begun(diary)) > strike * 80), worker.output()  # noqa: B023
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()"""
            )
    assert eventually(is_empty, 40), worker.output()[-3000:]
    twice = {job for job, times in begun(diary).items() if times > 1}
    assert not twice, (twice, worker.output())
    ours = {"func__startswith": "tests.hazards"}  # a sweep that was cut off fails, and comes again
    assert Success.objects.filter(**ours).count() == 600
    assert not Failure.objects.filter(**ours).exists() and not DeadLetter.objects.exists()
    assert worker.stop() == 0


@on_sqlite
def test_another_program_writes_for_seven_seconds(hazardous, diary):
    worker = hazardous(TIME_SCALE="1")
    queue("nap", *range(300), on="publish")
    queue("blink", *range(300))
    assert eventually(lambda: len(begun(diary)) > 100)
    hog = Thread(target=hold_the_write_lock)
    hog.start()
    hog.join()
    assert eventually(is_empty, 40), worker.output()[-3000:]
    assert set(begun(diary).values()) == {1}
    assert Success.objects.filter(func__startswith="tests.hazards").count() == 600
    assert not Failure.objects.exists()


@on_sqlite
def test_nobody_may_write_for_longer_than_a_lease(hazardous, diary):
    """Then all leases have run out, also of those who live."""
    worker = hazardous(TIME_SCALE="0.1")  # 3 s
    queue("wait", *range(30), on="publish")
    assert eventually(lambda: len(begun(diary)) == 30)
    hold_the_write_lock()
    assert eventually(is_empty, 40), worker.output()[-3000:]
    assert all_ran_once(diary, "wait", range(30)), worker.output()


def hold_the_write_lock() -> None:
    writer = sqlite3.connect(connection.settings_dict["NAME"], timeout=20, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    time.sleep(HOG)
    writer.execute("ROLLBACK")
    writer.close()


def test_rows_of_a_key_that_has_changed_wait_for_a_person_or_run_by_the_old_one(hazardous, diary):
    queue("note", *range(5))
    worker = hazardous(SECRET_KEY="another" * 10)
    assert eventually(lambda: DeadLetter.objects.count() == 5), worker.output()
    assert not begun(diary)
    worker.stop()
    [row.release() for row in DeadLetter.objects.all()]
    worker = hazardous(SECRET_KEY="another" * 10, SECRET_KEY_FALLBACKS=settings.SECRET_KEY)
    assert eventually(is_empty), worker.output()
    assert all_ran_once(diary, "note", range(5))


def once(args: str, wait: float = 0, func: str = NOTE) -> None:
    at = timezone.now() + timedelta(seconds=wait)
    Schedule.objects.create(func=func, args=args, schedule_type=Schedule.ONCE, next_run=at)


def test_three_clusters_run_forty_schedules_once_each(hazardous, diary):
    workers = [hazardous(COUNT="1") for _ in range(3)]
    for number in range(40):
        once(f"'{number}'", wait=1)
    assert eventually(lambda: len(begun(diary)) == 40), workers[0].output()
    assert eventually(is_empty)
    assert all_ran_once(diary, "note", range(40))
    assert [worker.stop() for worker in workers] == [0, 0, 0]


def test_a_bad_schedule_harms_only_itself(hazardous, diary):
    for bad in ({"args": "1 2"}, {"args": "'1'", "func": "nowhere.to_be.found"}):
        once(**bad)
    once("'good'", wait=2)
    worker = hazardous()
    assert eventually(lambda: begun(diary)[("note", "good")]), worker.output()
    assert DeadLetter.objects.filter(key="schedule").count() == 2


def test_a_new_schedule_is_heard_of_and_runs_in_time(hazardous, diary):
    worker = hazardous(TIME_SCALE="1")
    due = time.time() + 2
    once("'1'", wait=2)
    assert eventually(lambda: begun(diary)[("note", "1")]), worker.output()
    assert time.time() - due < 5  # nobody looks for three times as long, unless told
