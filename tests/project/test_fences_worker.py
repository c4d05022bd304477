"""One worker in this process, turn by turn, beside what others do to the rows that it holds."""

import signal
import time
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from project.jobs import claiming
from project.jobs import worker as module
from project.jobs.board import Board
from project.jobs.models import FinishedJob, Heartbeat, PausedQueue, QueuedJob, SetAside
from project.jobs.worker import FULL, OVERDUE, Worker
from publishing.models import Instance

from .job_samples import KNOWN, ran
from .test_jobs import queue as put
from .test_queueing import QUEUE, claimed, queue

pytestmark = pytest.mark.django_db(transaction=True)
SLOTS = {"publish": 2, "import": 1, "stats": 1, "housekeeping": 1}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def sample_jobs(monkeypatch):
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *KNOWN))
    ran.clear()
    Instance.objects.next_beat.value = 0.0


@pytest.fixture
def start():
    """A worker, and another one beside it."""
    board, started = Board(2, sum(SLOTS.values())), []

    def make(index=0):
        started.append(Worker(SLOTS, board, index))
        started[-1].timetable.due_at = float("inf")
        wait = started[-1].bell.wait  # as ever, but not for long
        started[-1].bell.wait = lambda seconds, busy=False: wait(min(seconds, 0.02), busy)
        return started[-1]

    yield make
    for one in started:
        wait_for(lambda one=one: not any(lane.active for lane in one.lanes.values()))
        for lane in one.lanes.values():
            lane.close()


def wait_for(true, seconds=10):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def turns(worker, until=lambda: not QueuedJob.objects.exists()):
    """The worker goes on until that is so."""

    def turned():
        worker.rounds.at["look"] = 0.0
        worker.turn()
        return until()

    wait_for(turned)


def alone(name, starts=1):
    """It was begun by a worker that is gone."""
    QueuedJob.objects.filter(argument=name).update(holder=claiming.SOLO, starts=starts)


def test_it_works(start):
    put("remember", "1"), put("remember", "2")
    one = start()
    turns(one)
    assert sorted(ran) == ["1", "2"]
    assert FinishedJob.objects.filter(success=True).count() == 2
    assert not one.running and not one.claims() and one.board.busy[0] == 0


def test_what_another_worker_took_over_meanwhile_is_not_settled(start, monkeypatch):
    """Its lease ended while it ran: the row is another's, and its result too."""
    put("remember", "1")
    one = start()
    monkeypatch.setattr(one, "settle_ended", lambda: None)
    turns(one, lambda: one.ended)
    QueuedJob.objects.update(holder="another:1:1")
    monkeypatch.undo()
    one.settle_at = 0.0
    one.settle_ended()
    assert QueuedJob.objects.get().holder == "another:1:1" and not FinishedJob.objects.exists()
    assert not one.ended


def test_nothing_begins_while_it_stops(start):
    put("remember", "1")
    one = start()
    one.stop()
    one.turn()
    assert ran == [] and QueuedJob.objects.get().holder == ""
    assert one.is_finished() and one.leave() == 0


def test_what_it_had_claimed_is_given_back_when_it_stops(start):
    queue("", 1)
    one = start()
    one.lanes["publish"].staff = lambda: None  # no thread comes
    one.turn()
    assert QueuedJob.objects.get().holder == one.holder and one.is_behind()
    one.stop()
    one.turn()
    assert QueuedJob.objects.get().holder == "" and not one.claims()


@pytest.mark.parametrize("wish", ["quiet", "stop", ""])
def test_it_does_what_an_operator_wishes(start, wish):
    one = start()
    one.beat()
    Heartbeat.objects.ask(wish) if wish else None
    put("remember", "1")
    one.rounds.at["look"] = 0.0
    one.turn()
    assert one.is_quiet == (wish == "quiet") and bool(one.stopping_since) == (wish == "stop")
    if wish:
        assert ran == [] and QueuedJob.objects.get().holder == ""
    else:
        turns(one)
        assert ran == ["1"]


def test_a_quiet_one_goes_on_when_it_may(start):
    one = start()
    one.beat()
    Heartbeat.objects.ask("quiet")
    put("remember", "1")
    one.rounds.at["look"] = 0.0
    one.turn()
    Heartbeat.objects.ask("")
    turns(one)
    assert ran == ["1"]


def test_one_that_is_to_die_dies(start, monkeypatch):
    killed = []
    monkeypatch.setattr(module.os, "kill", lambda pid, number: killed.append((pid, number)))
    one = start()
    one.obey("quiet"), one.obey("stop"), one.obey("")
    assert killed == []
    one.obey("kill")
    assert killed == [(module.os.getpid(), signal.SIGKILL)]


def test_a_paused_queue_is_left_alone_and_the_others_go_on(start):
    queue("", 1)
    put("remember", "2")
    PausedQueue.objects.pause(QUEUE)
    one = start()
    turns(one, lambda: ran == ["2"])
    assert QueuedJob.objects.get(argument="1").holder == ""


# ── What came back from a dead worker ─────────────────────────────────────────────────────────
def test_only_the_first_worker_runs_what_must_run_alone(start):
    put("remember", "1"), alone("1")
    other = start(index=1)
    other.rounds.at["look"] = 0.0
    other.turn()
    assert QueuedJob.objects.get().holder == claiming.SOLO
    turns(start())
    assert ran == ["1"]


def test_beside_what_must_run_alone_nothing_begins(start):
    put("remember", "1"), alone("1"), put("remember", "2")
    one = start()
    one.lanes["housekeeping"].staff = lambda: None
    one.turn()
    held = dict(QueuedJob.objects.values_list("argument", "holder"))
    assert held == {"1": one.holder, "2": ""} and one.suspects
    one.rounds.at["look"] = 0.0
    one.turn()
    assert QueuedJob.objects.get(argument="2").holder == ""
    del one.lanes["housekeeping"].staff
    turns(one)
    assert ran == ["1", "2"] and not one.suspects


def test_what_must_run_alone_waits_for_those_at_work(start):
    put("remember", "1"), alone("1")
    one = start()
    one.lanes["import"].active = 1
    one.turn()
    assert QueuedJob.objects.get().holder == claiming.SOLO
    one.lanes["import"].active = 0
    turns(one)
    assert ran == ["1"]


def test_what_killed_each_of_its_workers_is_set_aside(start):
    put("remember", "1"), alone("1", claiming.SOLO_STARTS + 1)
    turns(start())
    assert ran == [] and "died each time" in SetAside.objects.get().reason


def test_what_cannot_be_read_is_set_aside_and_stops_nobody(start):
    put("remember", "1"), put("remember", "2")
    QueuedJob.objects.filter(argument="1").update(payload="nonsense", starts=1)
    one = start()
    turns(one)
    assert ran == ["2"] and SetAside.objects.count() == 1 and not one.suspects


def test_the_first_worker_takes_over_from_the_dead_of_this_machine(start, monkeypatch):
    found = []
    monkeypatch.setattr(claiming, "leave_behind_dead", lambda: found.append(1))
    for index in (0, 1):
        one = start(index)
        one.stop()
        assert one.work() == 0
    assert found == [1]


# ── Leases and beats ──────────────────────────────────────────────────────────────────────────
def test_it_renews_what_it_holds_and_nothing_else(start):
    queue("", 1, 2)
    one = start()
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


def test_it_renews_no_lease_before_it_is_time(start):
    queue("", 1)
    one = start()
    one.lanes["publish"].staff = lambda: None
    one.turn()
    QueuedJob.objects.update(lock=timezone.now())
    before = QueuedJob.objects.get().lock
    one.look_after()
    assert QueuedJob.objects.get().lock == before
    one.take_back()


@pytest.mark.parametrize(("index", "silent"), [(0, False), (0, True), (1, False)])
def test_who_could_not_renew_is_not_taken_for_dead(start, index, silent):
    """After a silence of the database everybody gets time for one more try; and one looks."""
    queue("", 1)
    assert claimed() == ["1"]
    QueuedJob.objects.update(lock=timezone.now() - HOUR)
    one = start(index)
    one.note_contact()
    one.fair_at = 0.0
    if silent:
        one.contact_at = 0.0
        one.note_contact()
    one.judge_others()
    expected = claiming.SOLO if (index, silent) == (0, False) else "host:1:1"
    assert QueuedJob.objects.get().holder == expected


def test_it_says_what_it_does_and_is_gone_when_it_leaves(start):
    one = start()
    one.turn()
    assert Heartbeat.objects.get(kind="worker").pk == one.heartbeat.pk
    assert one.leave() == 0
    assert not Heartbeat.objects.filter(kind="worker").exists()


def test_what_does_not_end_in_time_runs_alone_next(start, settings):
    settings.TIME_SCALE = 0.001
    queue("", 1, 2)
    one = start()
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
def test_a_job_that_takes_too_long_ends_its_worker(start, since, ends):
    queue("", 1)
    one = start()
    one.lanes["publish"].staff = lambda: None
    one.turn()
    claim, job = one.lanes["publish"].backlog.popleft()
    one.note_begun(0, module.Running("publish", claim, job, time.monotonic() - since))
    one.give_up_on_overdue()
    assert bool(one.stopping_since) == ends
    one.running.clear()


@pytest.mark.parametrize(("megabytes", "code"), [(1, 0), (10_000, FULL)])
def test_a_worker_that_has_grown_too_big_ends(start, monkeypatch, megabytes, code):
    monkeypatch.setattr(module, "megabytes", lambda: megabytes)
    one = start()
    one.give_up_when_full()
    assert (one.exit_code, bool(one.stopping_since)) == (code, bool(code))


def test_how_long_the_first_in_line_waits_is_said(start, caplog):
    queue("", 1)
    QueuedJob.objects.update(lock=timezone.now() - HOUR)
    one = start()
    one.is_quiet = True
    PausedQueue.objects.pause(QUEUE)
    one.take_due()
    assert one.board.waiting[0] == 0.0 and "its first job is due" not in caplog.text
    PausedQueue.objects.resume(QUEUE)
    one.take_due()
    assert one.board.waiting[0] > 3000 and f"Queue {QUEUE}: its first job" in caplog.text
    one.take_back()


def test_an_idle_worker_leaves_the_database_alone_until_something_rings(start):
    one = start()
    wait_for(lambda: one.turn() or not one.is_curious())  # its own beat rings
    one.is_rung = True
    assert one.is_curious()
    one.is_rung, one.wakes = False, time.time() - 1
    assert one.is_curious()
    one.wakes = time.time() + 100
    assert not one.is_curious() and 0 < one.patience() <= 100
    one.has_solo = True
    assert one.is_curious() and one.patience() <= module.SOLO_PATIENCE
