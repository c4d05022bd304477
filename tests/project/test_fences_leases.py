"""One worker in this process: what it renews, what it says, and when it gives up."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs.models import Heartbeat, PausedQueue, QueuedJob
from project.jobs.queue import claiming
from project.jobs.worker import worker as module
from project.jobs.worker.worker import FULL, OVERDUE

from .test_queueing import QUEUE, claimed, queue
from .turning import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


# ── Leases and beats ──────────────────────────────────────────────────────────────────────────
def test_it_renews_what_it_holds_and_nothing_else(start_in_process):
    queue("", 1, 2)
    one = start_in_process()
    one.lanes["publish"].staff = lambda: None
    one.turn()
    QueuedJob.objects.update(lock=timezone.now() + HOUR / 3600)
    QueuedJob.objects.filter(argument="2").update(holder="another:1:1")
    before = QueuedJob.objects.get(argument="2").lock
    one.rounds.at["keep"] = 0.0
    one.look_after()
    assert QueuedJob.objects.get(argument="1").lock > timezone.now() + HOUR / 360
    assert QueuedJob.objects.get(argument="2").lock == before
    one.take_back()


def test_it_renews_no_lease_before_it_is_time(start_in_process):
    queue("", 1)
    one = start_in_process()
    one.lanes["publish"].staff = lambda: None
    one.turn()
    QueuedJob.objects.update(lock=timezone.now())
    before = QueuedJob.objects.get().lock
    one.look_after()
    assert QueuedJob.objects.get().lock == before
    one.take_back()


@pytest.mark.parametrize(("index", "silent"), [(0, False), (0, True), (1, False)])
def test_who_could_not_renew_is_not_taken_for_dead(start_in_process, index, silent):
    """After a silence of the database everybody gets time for one more try; and one looks."""
    queue("", 1)
    assert claimed() == ["1"]
    QueuedJob.objects.update(lock=timezone.now() - HOUR)
    one = start_in_process(index)
    one.note_contact()
    one.fair_at = 0.0
    if silent:
        one.contact_at = 0.0
        one.note_contact()
    one.judge_others()
    expected = claiming.SOLO if (index, silent) == (0, False) else "host:1:1"
    assert QueuedJob.objects.get().holder == expected


def test_it_says_what_it_does_and_is_gone_when_it_leaves(start_in_process):
    one = start_in_process()
    one.turn()
    assert Heartbeat.objects.get(kind="worker").pk == one.heartbeat.pk
    assert one.leave() == 0
    assert not Heartbeat.objects.filter(kind="worker").exists()


def test_what_does_not_end_in_time_runs_alone_next(start_in_process, settings):
    settings.TIME_SCALE = 0.001
    queue("", 1, 2)
    one = start_in_process()
    one.lanes["publish"].staff = lambda: None
    one.turn()
    claim, job = one.lanes["publish"].backlog.popleft()
    running = module.Running("publish", claim, job, time.monotonic())
    one.note_begun(0, running)
    one.lanes["publish"].active = 1
    assert not one.is_finished()
    one.stop()
    wait_for(one.is_finished)
    one.lanes["publish"].active = 0
    assert one.leave() == OVERDUE
    left = dict(QueuedJob.objects.values_list("argument", "holder"))
    assert left == {"1": claiming.SOLO, "2": ""}


@pytest.mark.parametrize(("since", "ends"), [(0, False), (HOUR.total_seconds(), True)])
def test_a_job_that_takes_too_long_ends_its_worker(start_in_process, since, ends):
    queue("", 1)
    one = start_in_process()
    one.lanes["publish"].staff = lambda: None
    one.turn()
    claim, job = one.lanes["publish"].backlog.popleft()
    one.note_begun(0, module.Running("publish", claim, job, time.monotonic() - since))
    one.give_up_on_overdue()
    assert bool(one.stopping_since) == ends
    one.running.clear()


@pytest.mark.parametrize(("megabytes", "code"), [(1, 0), (1_000_000, FULL)])
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
    assert one.board.waiting[0] == 0.0 and "its first job is due" not in caplog.text
    PausedQueue.objects.resume(QUEUE)
    one.take_due()
    assert one.board.waiting[0] > 3000 and f"Queue {QUEUE}: its first job" in caplog.text
    one.take_back()


def test_an_idle_worker_leaves_the_database_alone_until_something_rings(start_in_process):
    one = start_in_process()
    wait_for(lambda: one.turn() or not one.is_curious())  # its own beat rings
    one.is_rung = True
    assert one.is_curious()
    one.is_rung, one.wakes = False, time.time() - 1
    assert one.is_curious()
    one.wakes = time.time() + 100
    assert not one.is_curious() and 0 < one.patience() <= 100
    one.has_solo = True
    assert one.is_curious() and one.patience() <= module.SOLO_PATIENCE
