"""One worker in this process, tick by tick, beside what others do to the rows that it holds."""

import signal
from datetime import timedelta

import pytest

from project.jobs.models import DeadLetter, FinishedJob, Heartbeat, PausedQueue, QueuedJob
from project.jobs.queue import claiming
from project.jobs.worker import worker as module

from .job_samples import ran
from .test_jobs import queue as put
from .test_queueing import QUEUE, queue
from .ticking import ticks

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


def alone(name, starts=1):
    """It was begun by a worker that is gone."""
    QueuedJob.objects.filter(argument=name).update(holder=claiming.QUARANTINED, starts=starts)


def test_it_works(start_in_process):
    put("remember", "1"), put("remember", "2")
    one = start_in_process()
    ticks(one)
    assert sorted(ran) == ["1", "2"]
    assert FinishedJob.objects.filter(success=True).count() == 2
    assert not one.running and not one.claims() and one.state.running[0] == 0


def test_what_another_worker_took_over_meanwhile_is_not_settled(start_in_process, monkeypatch):
    """Its lease ended while it ran: the row is another's, and its result too."""
    put("remember", "1")
    one = start_in_process()
    monkeypatch.setattr(one, "settle_ended", lambda: None)
    ticks(one, lambda: one.ended)
    QueuedJob.objects.update(holder="another:1:1")
    monkeypatch.undo()
    one.settle_at = 0.0
    one.settle_ended()
    assert QueuedJob.objects.get().holder == "another:1:1" and not FinishedJob.objects.exists()
    assert not one.ended


def test_nothing_begins_while_it_stops(start_in_process):
    put("remember", "1")
    one = start_in_process()
    one.stop()
    one.tick()
    assert ran == [] and QueuedJob.objects.get().holder == ""
    assert one.is_finished() and one.leave() == 0


def test_what_it_had_claimed_is_given_back_when_it_stops(start_in_process):
    queue("", 1)
    one = start_in_process()
    one.pools["publish"].start_threads = lambda: None  # no thread comes
    one.tick()
    assert QueuedJob.objects.get().holder == one.holder and one.has_backlog
    one.stop()
    one.tick()
    assert QueuedJob.objects.get().holder == "" and not one.claims()


@pytest.mark.parametrize("command", ["quiet", "stop", ""])
def test_it_does_what_an_operator_commands(start_in_process, command):
    one = start_in_process()
    one.beat()
    Heartbeat.objects.command(command) if command else None
    put("remember", "1")
    one.timers.due_at["snapshot"] = 0.0
    one.tick()
    assert one.is_quiet == (command == "quiet") and bool(one.stopping_since) == (command == "stop")
    if command:
        assert ran == [] and QueuedJob.objects.get().holder == ""
    else:
        ticks(one)
        assert ran == ["1"]


def test_a_quiet_one_goes_on_when_it_may(start_in_process):
    one = start_in_process()
    one.beat()
    Heartbeat.objects.command("quiet")
    put("remember", "1")
    one.timers.due_at["snapshot"] = 0.0
    one.tick()
    Heartbeat.objects.command("")
    ticks(one)
    assert ran == ["1"]


def test_one_that_is_to_die_dies(start_in_process, monkeypatch):
    killed = []
    monkeypatch.setattr(module.os, "kill", lambda pid, number: killed.append((pid, number)))
    one = start_in_process()
    one.apply("quiet"), one.apply("stop"), one.apply("")
    assert killed == []
    one.apply("kill")
    assert killed == [(module.os.getpid(), signal.SIGKILL)]


def test_a_paused_queue_is_left_alone_and_the_others_go_on(start_in_process):
    queue("", 1)
    put("remember", "2")
    PausedQueue.objects.pause(QUEUE)
    one = start_in_process()
    ticks(one, lambda: ran == ["2"])
    assert QueuedJob.objects.get(argument="1").holder == ""


# ── What came back from a dead worker ─────────────────────────────────────────────────────────
def test_only_the_first_worker_runs_what_must_run_alone(start_in_process):
    put("remember", "1"), alone("1")
    other = start_in_process(index=1)
    other.timers.due_at["snapshot"] = 0.0
    other.tick()
    assert QueuedJob.objects.get().holder == claiming.QUARANTINED
    ticks(start_in_process())
    assert ran == ["1"]


def test_beside_what_must_run_alone_nothing_begins(start_in_process):
    put("remember", "1"), alone("1"), put("remember", "2")
    one = start_in_process()
    one.pools["housekeeping"].start_threads = lambda: None
    one.tick()
    held = dict(QueuedJob.objects.values_list("argument", "holder"))
    assert held == {"1": one.holder, "2": ""} and one.quarantined
    one.timers.due_at["snapshot"] = 0.0
    one.tick()
    assert QueuedJob.objects.get(argument="2").holder == ""
    del one.pools["housekeeping"].start_threads
    ticks(one)
    assert ran == ["1", "2"] and not one.quarantined


def test_what_must_run_alone_waits_for_those_at_work(start_in_process):
    put("remember", "1"), alone("1")
    one = start_in_process()
    one.pools["import"].active = 1
    one.tick()
    assert QueuedJob.objects.get().holder == claiming.QUARANTINED
    one.pools["import"].active = 0
    ticks(one)
    assert ran == ["1"]


def test_what_killed_each_of_its_workers_is_a_dead_letter(start_in_process):
    put("remember", "1"), alone("1", claiming.QUARANTINED_STARTS + 1)
    ticks(start_in_process())
    assert ran == [] and "died each time" in DeadLetter.objects.get().reason


def test_what_cannot_be_read_is_a_dead_letter_and_stops_nobody(start_in_process):
    put("remember", "1"), put("remember", "2")
    QueuedJob.objects.filter(argument="1").update(payload="nonsense", starts=1)
    one = start_in_process()
    ticks(one)
    assert ran == ["2"] and DeadLetter.objects.count() == 1 and not one.quarantined


def test_the_first_worker_takes_over_from_the_dead_of_this_machine(start_in_process, monkeypatch):
    found = []
    monkeypatch.setattr(claiming, "release_dead", lambda: found.append(1))
    for index in (0, 1):
        one = start_in_process(index)
        one.stop()
        assert one.work() == 0
    assert found == [1]
