"""What workers do besides running jobs: they give way when they leak, grow and shrink, keep to
priorities and fairness, and do as they are told."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from project.jobs.models import Heartbeat, PausedQueue
from project.jobs.worker.priority import AUTOGROUP, WORKER_NICENESS
from project.web.visits import Visits
from tests.hazards.stage import all_ran_once, begun, entries, eventually, is_empty, queue, waiting


def order(diary) -> list[str]:
    return [entry.key for entry in entries(diary)]


def beats() -> set[int]:
    return set(Heartbeat.objects.filter(kind="worker").values_list("pid", flat=True))


def quietly(true: Callable[[], object], seconds: float = 2) -> bool:
    """Whether it stays so."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not true():
            return False
        time.sleep(0.05)
    return True


# ── Memory ────────────────────────────────────────────────────────────────────────────────────
def test_a_worker_that_leaks_is_replaced_and_nothing_is_lost(hazardous, diary):
    worker = hazardous(COUNT="1", JOB_MEMORY="200", TIME_SCALE="0.3")
    first = worker.children()
    queue("leak", *range(12))  # 30 MB each
    queue("nap", *range(60), on="publish")
    assert eventually(is_empty, 60), worker.output()
    assert set(begun(diary).values()) == {1}
    assert eventually(lambda: worker.children() not in ([], first))
    assert "is replaced" in worker.output()
    assert psutil.Process(worker.children()[0]).memory_info().rss < 250_000_000


# ── Growing and shrinking ─────────────────────────────────────────────────────────────────────
def test_workers_are_added_while_jobs_wait_and_let_go_afterwards(hazardous, diary):
    worker = hazardous(COUNT="1..4")
    assert len(worker.children()) == 1
    queue("wait", *range(40), on="import")  # two at a time in each
    assert eventually(lambda: len(worker.children()) == 4), worker.output()
    assert eventually(lambda: len(beats() & set(worker.children())) == 4)
    assert eventually(is_empty, 40), worker.output()
    assert all_ran_once(diary, "wait", range(40))
    assert eventually(lambda: len(worker.children()) == 1, 60), worker.output()
    assert eventually(lambda: beats() == set(worker.children()))
    assert worker.stop() == 0


# ── Order ─────────────────────────────────────────────────────────────────────────────────────
def test_the_higher_priority_of_a_queue_comes_first(hazardous, diary):
    queue("wait", "low", "lowest", on="import", priority=-1)
    queue("wait", *"abcd", on="import")
    queue("wait", "high", "higher", on="import", priority=5)
    worker = hazardous(COUNT="1", QUEUE="import")
    assert eventually(lambda: not waiting("wait")), worker.output()
    started = order(diary)
    # Two run at a time: of two that begin at once, either may say so first.
    assert {"high", "higher"} <= set(started[:3])
    assert {"low", "lowest"} <= set(started[-3:])


def test_who_queues_one_is_not_behind_who_queued_five_hundred(hazardous, diary):
    queue("nap", *range(500), on="import", owner="user:1")
    time.sleep(0.1)
    queue("nap", "single", on="import", owner="user:2")
    worker = hazardous(COUNT="1", QUEUE="import")
    assert eventually(lambda: "single" in order(diary)), worker.output()
    assert order(diary).index("single") < 10
    assert waiting("nap") > 400


# ── Told by a person ──────────────────────────────────────────────────────────────────────────
def test_a_paused_queue_waits_and_the_others_go_on(hazardous, diary):
    PausedQueue.objects.pause("import")
    worker = hazardous()
    queue("note", 1, on="import")
    queue("note", 2, on="publish")
    assert eventually(lambda: begun(diary)[("note", "2")]), worker.output()
    assert quietly(lambda: not begun(diary)[("note", "1")])
    PausedQueue.objects.resume("import")
    assert eventually(lambda: begun(diary)[("note", "1")]), worker.output()


def test_a_quiet_worker_ends_what_it_runs_and_takes_nothing_until_it_may(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("dawdle", 1)
    assert eventually(lambda: begun(diary)[("dawdle", "1")])
    Heartbeat.objects.command("quiet")
    time.sleep(1.5)  # it obeys at its next beat
    queue("note", 1, on="publish")
    assert eventually(lambda: not waiting("dawdle")), worker.output()
    assert quietly(lambda: not begun(diary)[("note", "1")])
    Heartbeat.objects.command("")
    assert eventually(lambda: begun(diary)[("note", "1")]), worker.output()
    assert set(begun(diary).values()) == {1}


def test_a_worker_told_to_stop_ends_its_jobs_and_another_takes_its_place(hazardous, diary):
    worker = hazardous(COUNT="1")
    told = worker.children()
    queue("wait", *range(30), on="publish")
    assert eventually(lambda: len(begun(diary)) == 24)
    Heartbeat.objects.command("stop")
    assert eventually(lambda: worker.children() not in ([], told)), worker.output()
    assert eventually(is_empty), worker.output()
    assert all_ran_once(diary, "wait", range(30))


def test_a_worker_told_to_die_is_replaced_and_its_jobs_run_again(hazardous, diary):
    worker = hazardous(COUNT="1")
    told = worker.children()
    queue("hang", "stuck")
    assert eventually(lambda: begun(diary)[("hang", "stuck")])
    Heartbeat.objects.command("kill")
    assert eventually(lambda: worker.children() not in ([], told)), worker.output()
    assert eventually(lambda: begun(diary)[("hang", "stuck")] == 2), worker.output()


def test_one_of_two_is_told_and_the_other_is_left_alone(hazardous, diary):
    worker = hazardous()
    assert eventually(lambda: len(beats()) == 2)
    one, other = sorted(beats())
    Heartbeat.objects.filter(pid=one).command("kill")
    assert eventually(lambda: one not in worker.children())
    assert other in worker.children()
    queue("note", *range(10))
    assert eventually(is_empty), worker.output()


def test_what_a_worker_does_stands_in_its_heartbeat(hazardous, diary):
    worker = hazardous(COUNT="1")
    queue("dawdle", 7, owner="user:3")
    doing = Heartbeat.objects.filter(kind="worker", pid__in=worker.children())
    assert eventually(lambda: doing.get().tasks)
    task = doing.get().tasks[0]
    assert (task.what, task.owner) == ("tests.hazards.tasks.dawdle(7)", "user:3")
    assert task.queue == "housekeeping"


def test_workers_give_way_while_somebody_is_at_the_pages(hazardous, tmp_path):
    """As a session, for where Linux shares processors out to sessions first."""
    worker = hazardous(VISITED_FILE=str(tmp_path / "visited"))
    assert eventually(lambda: len(beats()) == 2)
    main, usual = worker.process.pid, os.getpriority(os.PRIO_PROCESS, 0)
    for pid in beats():
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, usual + WORKER_NICENESS)
        assert os.getsid(pid) == main
    assert os.getpriority(os.PRIO_PROCESS, main) == usual
    if not AUTOGROUP.exists():
        return

    def says(niceness: int) -> Callable[[], bool]:
        group = Path(f"/proc/{main}/autogroup")
        return lambda: group.read_text().endswith(f"nice {niceness}\n")

    assert says(0)()
    Visits(tmp_path / "visited").note()
    assert eventually(says(WORKER_NICENESS))
    os.utime(tmp_path / "visited", (0, 0))  # long ago
    assert eventually(says(0))
