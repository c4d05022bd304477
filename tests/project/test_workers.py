"""What happens to the queue when workers die, freeze, or are given something poisonous.

Each is a hazard of the stock django-q2 workers that ours must survive.
"""

import os
import signal
from functools import partial

import pytest
from django_q.models import Failure, OrmQ, Success

from project.jobs.models import DeadLetter, Heartbeat, PausedQueue, QueuedJob
from project.jobs.queue import claiming
from project.jobs.queue.notifier import notify_workers
from tests.hazards.stage import all_ran_once, begun, entries, eventually, is_empty, queue, touched


def test_it_works(hazardous, diary):
    worker = hazardous()
    queue("note", *range(20))
    assert eventually(is_empty), worker.output()
    assert all_ran_once(diary, "note", range(20))
    assert Success.objects.filter(func="tests.hazards.tasks.note").count() == 20


def test_an_idle_worker_is_killed_and_work_goes_on(hazardous, diary):
    worker = hazardous(TIME_SCALE="1")
    for round in range(5):
        os.kill(worker.children()[0], signal.SIGKILL)
        queue("note", *range(round * 6, round * 6 + 6))
        assert eventually(is_empty), worker.output()
    assert all_ran_once(diary, "note", range(30))
    assert worker.stop() == 0


@pytest.mark.parametrize("which", [0, 1])
def test_a_busy_worker_is_killed_and_its_jobs_run_again(hazardous, diary, which):
    """At once, not when their leases end: they are of 90 s here."""
    worker = hazardous(TIME_SCALE="3")
    victim = sorted(worker.children())[which]
    queue("dawdle", *range(8), on="mail")  # each has room for four of these
    assert eventually(lambda: keys_of(victim, diary))
    os.kill(victim, signal.SIGKILL)
    assert eventually(is_empty, 70), worker.output()
    again = {key for (_, key), times in begun(diary).items() if times == 2}
    assert set() < again <= keys_of(victim, diary)


def keys_of(pid, diary):
    """Of the jobs that this one began."""
    return {entry.key for entry in entries(diary) if entry.pid == pid}


def test_a_job_that_kills_its_worker_takes_nobody_along_and_is_a_dead_letter(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("note", *range(10))
    queue("die", "poison")
    queue("note", *range(10, 20))
    assert eventually(is_empty, 60), worker.output()
    assert begun(diary)[("die", "poison")] == 4  # once among others, three times alone
    assert all(begun(diary)[("note", str(key))] for key in range(20))
    assert "died each time" in DeadLetter.objects.get().reason


def test_nothing_begins_beside_a_job_that_came_back_from_a_dead_worker(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("die_slowly", "poison")
    for alone in (1, 2, 3):
        assert eventually(partial(has_begun, diary, ("die_slowly", "poison"), alone + 1))
        queue("nap", *range(alone * 10, alone * 10 + 4), on="publish")
    assert eventually(is_empty), worker.output()
    suspects = {entry.pid for entry in entries(diary) if entry.name == "die_slowly"}
    assert not suspects & {entry.pid for entry in entries(diary) if entry.name == "nap"}
    assert sum(begun(diary)[("nap", str(key))] for key in range(10, 34)) == 12


def has_begun(diary, what, times):
    return begun(diary)[what] >= times


def test_a_suspect_waits_while_a_person_has_paused_its_queue(hazardous, diary):
    queue("note", "suspect", on="stats")
    row = QueuedJob.objects.get()
    claiming.claim("stats", "gone:1:1", 1)
    claiming.release_orphaned("gone:1:1", [row.pk])
    PausedQueue.objects.create(queue="stats")
    worker = hazardous(COUNT="1")
    queue("note", "another", on="housekeeping")
    assert eventually(lambda: begun(diary)[("note", "another")]), worker.output()
    assert not begun(diary)[("note", "suspect")]
    PausedQueue.objects.all().delete()
    notify_workers()
    assert eventually(lambda: begun(diary)[("note", "suspect")]), worker.output()


@pytest.mark.parametrize("name", ["fail", "leave"])
def test_a_job_that_raises_ends_and_is_kept_as_failed(hazardous, diary, name):
    worker = hazardous()
    queue(name, 1)
    assert eventually(is_empty), worker.output()
    assert begun(diary)[(name, "1")] == 1
    assert Failure.objects.filter(func=f"tests.hazards.tasks.{name}").count() == 1
    assert "hunter2" not in worker.output()


def test_what_a_job_returns_does_not_matter(hazardous, diary):
    worker = hazardous()
    queue("return_a_lambda", 1)
    assert eventually(is_empty), worker.output()
    assert Success.objects.filter(func="tests.hazards.tasks.return_a_lambda").count() == 1


def test_a_frozen_worker_is_ended_and_replaced(hazardous, diary):
    worker = hazardous(COUNT="1", TIME_SCALE="0.05")
    frozen = worker.children()[0]
    os.kill(frozen, signal.SIGSTOP)
    queue("note", 1)
    assert eventually(is_empty), worker.output()
    assert frozen not in worker.children()


def test_a_job_that_hangs_gives_way(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("hang", 1)
    queue("note", *range(5), on="publish")
    assert eventually(lambda: begun(diary)[("hang", "1")] >= 2, 60), worker.output()
    assert all(begun(diary)[("note", str(key))] == 1 for key in range(5))


def test_unreadable_rows_are_dead_letters_and_stop_nobody(hazardous, diary):
    OrmQ.objects.bulk_create(
        OrmQ(key="publish", payload=f"poison {n}", lock="2020-01-01T00:00Z") for n in range(20)
    )
    worker = hazardous()
    queue("note", *range(5), on="publish")
    assert eventually(is_empty), worker.output()
    assert all_ran_once(diary, "note", range(5))
    assert DeadLetter.objects.count() == 20


def test_sigterm_lets_running_jobs_end_and_leaves_the_rest_in_the_queue(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("wait", *range(10), on="import")
    assert eventually(lambda: len(begun(diary)) >= 2)
    assert worker.stop() == 0
    started = len(begun(diary))
    assert OrmQ.objects.filter(key="import").count() == 10 - started
    assert touched() == 0
    assert not Heartbeat.objects.exists()


def test_many_wait_for_a_network_at_once(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("wait", *range(24), on="publish")
    assert eventually(lambda: len(begun(diary)) == 24)
    assert Success.objects.filter(func="tests.hazards.tasks.wait").count() < 24, worker.output()


def test_queues_are_served_by_name(hazardous, diary):
    worker = hazardous(QUEUE="publish")
    queue("note", 1, on="import")
    queue("note", 2, on="publish")
    assert eventually(lambda: begun(diary)[("note", "2")]), worker.output()
    assert not begun(diary)[("note", "1")]
