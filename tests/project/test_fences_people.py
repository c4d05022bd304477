"""Rows of the queue, schedules and workers between two that know different things: who puts in
line what a person has moved, a page that was open for long, two clusters."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from project.jobs.models import DeadLetter, FailureNote, Heartbeat, QueuedJob
from project.jobs.queue import queueing
from project.jobs.queue.timetable import bring_forward, queue_all, queue_due

from .test_fences_queue import pk, rows
from .test_queueing import QUEUE, claimed, queue

pytestmark = pytest.mark.django_db
ONE, OTHER = "host:1:1", "host:2:1"
MINUTE = timedelta(minutes=1)
COLUMNS = ("argument", "holder", "starts", "lock", "queue_position")


# ── Putting in line ───────────────────────────────────────────────────────────────────────────
def sleeper():
    """Due, and read by a worker that is about to put it in line."""
    queue("alice", 1, run_after=timezone.now() + MINUTE)
    OrmQ.objects.update(lock=timezone.now() - MINUTE)
    row = QueuedJob.objects.get()
    return [(row.pk, row.key, row.owner, row.lock)]


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"queue_position": 5},  # another worker was faster
        {"holder": ONE},  # and has even claimed it
        {"lock": timezone.now() + timedelta(days=1)},  # a person has moved it
    ],
)
def test_what_changed_since_it_was_read_is_not_put_in_line(meanwhile):
    seen = sleeper()
    QueuedJob.objects.update(**meanwhile)
    before = rows()
    queueing.put_in_line(seen)
    assert rows() == before


def test_what_did_not_change_is_put_in_line():
    queueing.put_in_line(sleeper())
    assert QueuedJob.objects.get().queue_position is not None


@pytest.mark.parametrize("change", [{"holder": ONE}, {"queue_position": 5}, {"key": "import"}])
def test_only_due_sleepers_of_these_queues_are_woken(change):
    sleeper()
    QueuedJob.objects.update(**change)
    before = rows()
    queueing.promote([QUEUE])
    assert rows() == before


# ── People ────────────────────────────────────────────────────────────────────────────────────
ACTS = {
    "move": lambda row: row.move(timezone.now() + MINUTE),
    "run now": lambda row: row.run_now(),
    "discard": lambda row: row.discard(),
    "prioritise": lambda row: row.prioritise(9),
    "raise": lambda row: QueuedJob.objects.filter(pk=row.pk).shift_priority(1),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_old_page_does_nothing_to_what_a_worker_holds(act):
    queue("", 1)
    page = QueuedJob.objects.get()
    assert claimed() == ["1"]
    before = rows()
    assert not ACTS[act](page)
    assert rows() == before and QueuedJob.objects.get().priority == 0


def test_a_row_that_another_worker_sets_aside_in_this_moment_is_there_once(monkeypatch):
    queue("", 1)
    row, find, left = pk("1"), OrmQ.objects.filter, ["another worker"]

    def meanwhile(**known):
        found = find(**known)
        if left:
            left.pop()
            found = Frozen(found.first())
            DeadLetter.objects.take_row(row, "unreadable")
        return found

    monkeypatch.setattr(OrmQ.objects, "filter", meanwhile)
    DeadLetter.objects.take_row(row, "unreadable")
    assert DeadLetter.objects.count() == 1


class Frozen:
    """What was found before."""

    def __init__(self, row):
        self.row = row

    def first(self):
        return self.row


def test_what_was_set_aside_is_released_once():
    queue("", 1)
    DeadLetter.objects.take_row(pk("1"), "unreadable")
    page, other = DeadLetter.objects.get(), DeadLetter.objects.get()
    page.release(), other.release()
    assert OrmQ.objects.count() == 1


def test_a_failure_is_retried_by_the_first_of_two_pages():
    FailureNote.objects.write({"id": "7", "func": "project.jobs.tasks.prune", "args": []}, "E")
    page = FailureNote.objects.filter(pk__in=["7"])
    assert page.retry_all()[0] == 1 and FailureNote.objects.filter(pk__in=["7"]).retry_all()[0] == 0
    assert OrmQ.objects.count() == 1


# ── The timetable ─────────────────────────────────────────────────────────────────────────────
def schedule(**more):
    fields = {"schedule_type": Schedule.MINUTES, "minutes": 5, "next_run": timezone.now() - MINUTE}
    return Schedule.objects.create(
        name="ours", func="project.jobs.tasks.prune", **{**fields, **more}
    )


def test_of_two_clusters_one_queues_what_is_due():
    due = schedule()
    queue_all([due.pk])
    queue_all([due.pk])  # it has read that it is due before
    assert OrmQ.objects.count() == 1


def test_what_was_stopped_meanwhile_is_not_queued():
    due = schedule()
    Schedule.objects.update(repeats=0)
    queue_all([due.pk]), queue_due()
    assert not OrmQ.objects.exists()


def test_only_what_a_wrong_clock_put_off_is_brought_forward():
    soon = schedule(next_run=timezone.now() + MINUTE)
    assert bring_forward() == 0
    Schedule.objects.update(next_run=timezone.now() + timedelta(hours=5), repeats=0)
    assert bring_forward() == 0
    Schedule.objects.update(repeats=-1)
    assert bring_forward() == 1
    soon.refresh_from_db()
    assert soon.next_run <= timezone.now()


# ── Workers and commands ────────────────────────────────────────────────────────────────────────
def test_a_command_is_for_workers_that_live():
    Heartbeat.objects.start("worker", 1)
    gone, cluster = Heartbeat.objects.start("worker", 2), Heartbeat.objects.start("cluster", 3)
    Heartbeat.objects.filter(pk=gone.pk).update(beat_at=timezone.now() - timedelta(hours=1))
    assert Heartbeat.objects.command("quiet") == 1
    assert Heartbeat.objects.command("quiet") == 0  # the second click
    commands = dict(Heartbeat.objects.values_list("pk", "command"))
    assert commands[gone.pk] == commands[cluster.pk] == ""


def test_a_new_process_is_not_told_what_was_commanded_of_the_old_one():
    Heartbeat.objects.start("worker", 1)
    Heartbeat.objects.command("stop")
    assert Heartbeat.objects.start("worker", 1).beat() == ""
