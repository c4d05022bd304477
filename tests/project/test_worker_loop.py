"""The loop of a worker, tick by tick: what it writes down when, what it waits for, when it ends."""

import time
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from project.jobs.models import Heartbeat
from project.jobs.queue.claiming import JOB_LEASE_SECONDS, Claim
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import QueueSnapshot
from project.jobs.worker import worker as workers
from project.jobs.worker.pool import RunningJob
from project.jobs.worker.running import JobOutcome
from publishing.models import Instance
from social.networks.http import CALL_DEADLINE

from .ticking import samples_known, start_in_process  # noqa: F401  fixtures

RENEW = workers.RENEW_EVERY


@pytest.fixture
def worker(start_in_process, settings):  # noqa: F811
    settings.TIME_SCALE = 1
    return start_in_process()


def test_after_a_silence_of_the_database_the_others_get_time(worker):
    worker.contact_at, worker.judge_from = time.monotonic() - 1, 0.0
    worker.note_contact()
    assert worker.judge_from == 0.0  # no silence
    worker.contact_at = time.monotonic() - 2.5 * RENEW
    worker.note_contact()
    assert RENEW - 1 < worker.judge_from - time.monotonic() <= RENEW


def test_every_look_at_the_queues_is_a_contact(worker):
    worker.contact_at = 0.0
    worker.take_due()
    assert time.monotonic() - worker.contact_at < RENEW


def test_leases_are_renewed_in_time_and_not_all_the_time():
    assert JOB_LEASE_SECONDS / 6 <= RENEW <= JOB_LEASE_SECONDS / 3  # one may fail, and one more


def test_a_worker_that_is_to_end_lets_a_call_end_and_is_not_killed_before():
    assert CALL_DEADLINE < workers.STOP_GRACE < 30  # what containers get after a SIGTERM


# ── One tick ──────────────────────────────────────────────────────────────────────────────────
def ended_job(row=1):
    now = timezone.now()
    claim, job = Claim(row, "", 0), Job.new("publishing.tasks.sweep")
    return JobOutcome(claim, job, "publish", now, now, "")


def running_job(row=2):
    return RunningJob("publish", Claim(row, "", 0), Job.new("publishing.tasks.sweep"), 0.0)


@pytest.mark.parametrize(
    "ended, is_running, is_over, settles",
    [
        (1, True, False, False),  # the next may come along
        (1, True, True, True),
        (1, False, False, True),
        (workers.SETTLE_AT, True, False, True),
        (0, False, True, False),
    ],
)
def test_what_ended_is_written_down_together_and_soon(
    worker, monkeypatch, ended, is_running, is_over, settles
):
    written = []
    monkeypatch.setattr(workers, "settle", lambda holder, outcomes: written.append(len(outcomes)))
    worker.ended.extend(ended_job(row) for row in range(ended))
    worker.running = {0: running_job()} if is_running else {}
    worker.settle_at = time.monotonic() + (-1 if is_over else 60)
    worker.settle_ended()
    assert written == ([ended] if settles else [])


def test_only_the_first_worker_follows_the_timetable(start_in_process):  # noqa: F811
    followed = []
    for index in (0, 1):
        one = start_in_process(index)
        one.timetable.queue_when_due = lambda index=index: followed.append(index)
        one.tick()
    assert followed == [0]


def test_what_ended_and_is_not_written_down_is_still_ours(worker):
    worker.ended.append(ended_job(1))
    worker.running = {0: running_job(2)}
    assert {claim.row for claim in worker.claims()} == {1, 2}


def test_a_worker_that_is_to_end_waits_for_threads_at_work(worker):
    pool = worker.pools["publish"]
    worker.stopping_since, pool.active = time.monotonic(), 1
    assert not worker.is_finished()
    pool.active = 0
    assert worker.is_finished()
    worker.ended.append(ended_job())
    assert not worker.is_finished()
    worker.ended.clear()
    worker.stopping_since = None


def test_it_waits_until_the_next_sleeper_wakes(worker):
    for name in ("snapshot", "renew", "beat"):
        worker.timers.due_at[name] = time.monotonic() + 1000
    worker.next_scheduled = time.time() + 500
    assert 400 < worker.patience() <= 500
    worker.next_scheduled = time.time() - 500
    assert worker.patience() == 0.0


@pytest.mark.parametrize("index", [0, 1])
def test_the_first_worker_looks_oftenest_when_nothing_rings(start_in_process, settings, index):  # noqa: F811
    settings.TIME_SCALE = 1
    one = start_in_process(index)
    one.take_due()
    left = one.timers.due_at["snapshot"] - time.monotonic()
    assert workers.SNAPSHOT_EVERY[index] - 5 < left <= workers.SNAPSHOT_EVERY[index]
    assert workers.SNAPSHOT_EVERY[0] < workers.SNAPSHOT_EVERY[1]


@pytest.mark.parametrize("ahead, is_told", [(0.0, False), (4.0, False), (-6.0, True), (6.0, True)])
def test_a_clock_that_goes_wrong_is_told(worker, caplog, monkeypatch, ahead, is_told):
    monkeypatch.setattr(Heartbeat, "clock_ahead_seconds", ahead, raising=False)
    monkeypatch.setattr(Heartbeat, "beat", lambda self, doing=(): "")
    worker.beat()
    assert ("off the database's" in caplog.text) is is_told


def test_who_is_told_to_stop_is_woken(worker):
    rung = []
    worker.notifier.notify = lambda: rung.append(True)
    worker.stop()
    assert rung == [True] and worker.stopping_since is not None
    worker.stopping_since = None


def test_a_worker_goes_on_when_the_database_is_back(worker, monkeypatch):
    slept, ticked = [], []

    def tick():
        ticked.append(True)
        if len(ticked) == 1:
            raise DatabaseError("away")
        worker.stopping_since = time.monotonic()

    monkeypatch.setattr(worker, "tick", tick)
    monkeypatch.setattr(workers.time, "sleep", slept.append)
    worker.work()
    assert len(ticked) == 2 and slept == [1]


def test_before_its_first_beat_a_worker_hears_nobodys_commands(worker):
    other = Heartbeat.objects.start("worker", 1)
    Heartbeat.objects.filter(pk=other.pk).update(id=1, command="quiet")
    worker.heartbeat = None
    worker.take_due()
    assert not worker.is_quiet


def test_a_beat_brings_what_an_operator_commands(worker, monkeypatch):
    monkeypatch.setattr(Heartbeat, "beat", lambda self, doing=(): "quiet")
    worker.beat()
    assert worker.is_quiet


@pytest.mark.parametrize("size, is_full", [(99.0, False), (100.0, False), (100.5, True)])
def test_a_worker_is_full_above_its_limit(worker, settings, monkeypatch, size, is_full):
    settings.JOB_MEMORY = 100
    monkeypatch.setattr(workers, "megabytes", lambda: size)
    worker.give_up_when_full()
    assert (worker.stopping_since is not None) is is_full
    worker.stopping_since = None


def test_the_first_that_ends_waits_a_moment_for_the_next(worker):
    worker.note_ended(0, ended_job())
    assert worker.settle_at > time.monotonic() - workers.SETTLE_AFTER / 2
    worker.ended.clear()


def test_what_must_run_alone_is_looked_for_often():
    assert workers.QUARANTINE_POLL <= 0.5  # seconds


def test_who_has_nothing_more_to_do_is_woken_to_write_down_what_ended(worker):
    rung = []
    worker.notifier.notify = lambda: rung.append(True)
    worker.note_ended(0, ended_job())
    assert rung == [True]
    worker.pools["publish"].backlog.append((Claim(5, "", 0), Job.new("publishing.tasks.sweep")))
    worker.note_ended(0, ended_job())
    assert rung == [True]  # a moment later there is more to write
    worker.ended.extend(ended_job() for _ in range(workers.SETTLE_AT))
    worker.note_ended(0, ended_job())
    assert rung == [True, True]
    worker.ended.clear(), worker.pools["publish"].backlog.clear()


def test_each_tick_says_that_this_machine_is_there_and_waits_for_news(worker):
    worker.notifier.wait = lambda seconds, busy=False: True
    worker.tick()
    assert Instance.objects.exists() and worker.is_notified
    worker.notifier.wait = lambda seconds, busy=False: False
    worker.tick()
    assert not worker.is_notified


def test_what_ended_is_written_down_before_anything_rings(worker):
    for name in ("snapshot", "renew", "beat"):
        worker.timers.due_at[name] = time.monotonic() + 1000
    assert worker.patience() > workers.SETTLE_AFTER
    worker.ended.append(ended_job())
    assert worker.patience() <= workers.SETTLE_AFTER
    worker.ended.clear()


@pytest.mark.parametrize("index", [0, 1])
def test_the_first_worker_releases_what_the_dead_held(worker, monkeypatch, index):
    released = []
    monkeypatch.setattr(workers.claiming, "release_dead", lambda: released.append(worker.index))
    worker.index = index
    worker.stop()
    worker.work()
    assert released == [0] * (index == 0)


def test_every_look_at_the_queues_says_when_the_timetable_is_due(worker, monkeypatch):
    heard = []
    monkeypatch.setattr(worker.timetable, "expect", heard.append)
    worker.take_due()
    assert len(heard) == 1


def test_who_has_nothing_to_do_beats_less_often(worker, monkeypatch):
    asked = {}
    monkeypatch.setattr(worker.timers, "begin", lambda name, every: asked.update({name: every}))
    worker.keep_alive()
    assert asked["beat"] == workers.IDLE_HEARTBEAT_EVERY > workers.HEARTBEAT_EVERY
    worker.running[0] = RunningJob("publish", None, None, time.monotonic())
    worker.keep_alive()
    assert asked["beat"] == workers.HEARTBEAT_EVERY
    worker.running.clear()


def test_where_nothing_comes_back_nothing_is_begun(worker):
    assert worker.take_quarantined(worker.queues) == 0


def test_it_says_once_a_while_who_waits_longest(worker, caplog):
    later, longest = (timezone.now() - timedelta(minutes=minutes) for minutes in (5, 9))
    queues = {"a": QueueSnapshot(later, None, False, False)}
    queues["b"] = QueueSnapshot(longest, None, False, False)
    for _ in range(2):
        worker.note_queues(queues)
    assert 540 <= worker.state.overdue_seconds[0] < 600
    assert caplog.text.count("its first job is due") == 1 and "Queue b: " in caplog.text


def test_it_knows_when_the_next_sleeper_wakes(worker):
    sooner, later = (timezone.now() + timedelta(minutes=minutes) for minutes in (5, 9))
    queues = {"a": QueueSnapshot(None, later, False, False)}
    queues["b"] = QueueSnapshot(None, sooner, False, False)
    worker.note_queues(queues)
    assert worker.next_scheduled == sooner.timestamp()
    worker.note_queues({"a": QueueSnapshot(None, None, False, False)})
    assert worker.next_scheduled is None
