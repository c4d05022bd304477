"""One worker in this process: what it renews, what it says, and when it gives up."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs.models import Heartbeat, PausedQueue, QueuedJob
from project.jobs.queue import claiming
from project.jobs.worker import worker as module
from project.jobs.worker.worker import EXIT_FULL, EXIT_OVERDUE

from .test_queueing import QUEUE, claimed, queue
from .ticking import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


# ── Leases and beats ──────────────────────────────────────────────────────────────────────────
def test_it_renews_what_it_holds_and_nothing_else(start_in_process):
    queue("", 1, 2)
    one = start_in_process()
    one.pools["publish"].start_threads = lambda: None
    one.tick()
    QueuedJob.objects.update(lock=timezone.now() + HOUR / 3600)
    QueuedJob.objects.filter(argument="2").update(holder="another:1:1")
    before = QueuedJob.objects.get(argument="2").lock
    one.timers.due_at["renew"] = 0.0
    one.keep_alive()
    assert QueuedJob.objects.get(argument="1").lock > timezone.now() + HOUR / 360
    assert QueuedJob.objects.get(argument="2").lock == before
    one.release_backlog()


def test_it_renews_no_lease_before_it_is_time(start_in_process):
    queue("", 1)
    one = start_in_process()
    one.pools["publish"].start_threads = lambda: None
    one.tick()
    QueuedJob.objects.update(lock=timezone.now())
    before = QueuedJob.objects.get().lock
    one.keep_alive()
    assert QueuedJob.objects.get().lock == before
    one.release_backlog()


@pytest.mark.parametrize(("index", "silent"), [(0, False), (0, True), (1, False)])
def test_who_could_not_renew_is_not_taken_for_dead(start_in_process, index, silent):
    """After a silence of the database everybody gets time for one more try; and one looks."""
    queue("", 1)
    assert claimed() == ["1"]
    QueuedJob.objects.update(lock=timezone.now() - HOUR)
    one = start_in_process(index)
    one.note_contact()
    one.judge_from = 0.0
    if silent:
        one.contact_at = 0.0
        one.note_contact()
    one.judge_others()
    expected = claiming.QUARANTINED if (index, silent) == (0, False) else "host:1:1"
    assert QueuedJob.objects.get().holder == expected


def test_it_says_what_it_does_and_is_gone_when_it_leaves(start_in_process):
    one = start_in_process()
    one.tick()
    assert Heartbeat.objects.get(kind="worker").pk == one.heartbeat.pk
    assert one.leave() == 0
    assert not Heartbeat.objects.filter(kind="worker").exists()


def test_what_does_not_end_in_time_runs_alone_next(start_in_process, settings):
    settings.TIME_SCALE = 0.001
    queue("", 1, 2)
    one = start_in_process()
    one.pools["publish"].start_threads = lambda: None
    one.tick()
    claim, job = one.pools["publish"].backlog.popleft()
    running = module.RunningJob("publish", claim, job, time.monotonic())
    one.note_begun(0, running)
    one.pools["publish"].active = 1
    assert not one.is_finished()
    one.stop()
    wait_for(one.is_finished)
    one.pools["publish"].active = 0
    assert one.leave() == EXIT_OVERDUE
    left = dict(QueuedJob.objects.values_list("argument", "holder"))
    assert left == {"1": claiming.QUARANTINED, "2": ""}


@pytest.mark.parametrize(("since", "ends"), [(0, False), (HOUR.total_seconds(), True)])
def test_a_job_that_takes_too_long_ends_its_worker(start_in_process, since, ends, caplog):
    queue("", 1)
    one = start_in_process()
    one.pools["publish"].start_threads = lambda: None
    one.tick()
    claim, job = one.pools["publish"].backlog.popleft()
    one.note_begun(0, module.RunningJob("publish", claim, job, time.monotonic() - since))
    one.give_up_on_overdue()
    assert bool(one.stopping_since) == ends
    since = one.stopping_since
    one.give_up_on_overdue()
    assert one.stopping_since == since and caplog.text.count("this worker ends") == ends
    one.running.clear()


@pytest.mark.parametrize(("megabytes", "code"), [(1, 0), (1_000_000, EXIT_FULL)])
def test_a_worker_that_has_grown_too_big_ends(start_in_process, monkeypatch, megabytes, code):
    monkeypatch.setattr(module, "megabytes", lambda: megabytes)
    one = start_in_process()
    one.give_up_when_full()
    assert (one.exit_code, bool(one.stopping_since)) == (code, bool(code))


def test_how_long_the_first_in_line_waits_is_said(start_in_process, caplog):
    queue("", 1)
    QueuedJob.objects.update(lock=timezone.now() - HOUR)
    one = start_in_process()
    one.is_quiet = True
    PausedQueue.objects.pause(QUEUE)
    one.take_due()
    assert one.state.overdue_seconds[0] == 0.0 and "its first job is due" not in caplog.text
    PausedQueue.objects.resume(QUEUE)
    one.take_due()
    assert one.state.overdue_seconds[0] > 3000 and f"Queue {QUEUE}: its first job" in caplog.text
    one.release_backlog()


def test_an_idle_worker_leaves_the_database_alone_until_something_rings(start_in_process):
    one = start_in_process()
    wait_for(lambda: one.tick() or not one.may_have_news())  # its own beat rings
    one.is_notified = True
    assert one.may_have_news()
    one.is_notified, one.next_scheduled = False, time.time() - 1
    assert one.may_have_news()
    one.next_scheduled = time.time() + 100
    assert not one.may_have_news() and 0 < one.patience() <= 100
    one.has_quarantined = True
    assert one.may_have_news() and one.patience() <= module.QUARANTINE_POLL
