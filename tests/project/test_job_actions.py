"""What a person does to jobs, queues and workers: in place, and never to what is over."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from project.jobs.models import AuditLogEntry, DeadLetter, Heartbeat, PausedQueue, QueuedJob
from project.jobs.models import queued_jobs as queued_models
from project.jobs.queue import claiming, queueing
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import QUARANTINED, NewRow, insert
from publishing.models import Delivery, Post
from tests.addresses import things_of
from tests.project.job_samples import KNOWN, ran

pytestmark = pytest.mark.django_db
SAMPLE = "tests.project.job_samples.remember"
LATER = timedelta(hours=1)


@pytest.fixture(autouse=True)
def sample_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *KNOWN))
    ran.clear()


def job(argument: object = 1, wait: timedelta = timedelta(0), **more: Any) -> QueuedJob:
    made = Job.new(SAMPLE, argument, group=more.pop("group", None))
    insert([NewRow("housekeeping", made, timezone.now() + wait, **more)])
    return QueuedJob.objects.get(job=made.id)


def acts() -> list[str]:
    return [str(act) for act in AuditLogEntry.objects.order_by("id")]


# ── In place ──────────────────────────────────────────────────────────────────────────────────
def test_a_job_is_moved(run_jobs, alice):
    row, at = job(), timezone.now() + LATER
    assert row.move(at, alice)
    assert run_jobs() == []
    row.refresh_from_db()
    assert (row.lock, row.state) == (at, "scheduled")
    assert row.move(timezone.now())
    run_jobs()
    assert ran == [1]
    assert acts()[0].startswith(f"alice moved to {at:%Y-%m-%d}")


def test_a_job_in_the_future_runs_now_and_first(run_jobs, alice):
    job(1)
    row = job(2, LATER)
    assert row.run_now(alice)
    run_jobs()
    assert ran == [2, 1]
    assert acts() == [f"alice hurried {SAMPLE}(2)"]


def test_run_now_goes_before_the_owners_own_thousands(run_jobs):
    for number in range(4):
        job(number, group="user:1")
    assert job(9, group="user:1").run_now()
    run_jobs()
    assert ran == [9, 0, 1, 2, 3]


def test_priorities_are_given_raised_and_lowered(run_jobs, alice):
    first, second, third = job(1), job(2), job(3)
    assert third.prioritise(5, alice)
    assert QueuedJob.objects.filter(pk=second.pk).shift_priority(1, alice) == 1
    assert QueuedJob.objects.filter(pk=first.pk).shift_priority(-1, alice) == 1
    assert [act.did for act in AuditLogEntry.objects.order_by("id")] == [
        "gave priority 5 to", "raised", "lowered",
    ]  # fmt: skip
    run_jobs()
    assert ran == [3, 2, 1]


def test_a_priority_stops_where_a_person_may_not_go():
    row = job()
    row.prioritise(queued_models.HIGHEST_PRIORITY)
    assert QueuedJob.objects.all().shift_priority(1) == 0
    assert QueuedJob.objects.all().shift_priority(-1) == 1


def test_a_job_is_discarded(run_jobs, alice):
    assert job().discard(alice)
    assert run_jobs() == []
    assert acts() == [f"alice discarded {SAMPLE}(1)"]


def test_many_are_one_act(alice):
    for number in range(3):
        job(number)
    assert QueuedJob.objects.all().discard(alice) == 3
    assert acts() == ["alice discarded 3 jobs"]


VERBS: dict[str, Callable[[QueuedJob], bool]] = {
    "move": lambda row: row.move(timezone.now() + LATER),
    "run_now": lambda row: row.run_now(),
    "prioritise": lambda row: row.prioritise(7),
    "discard": lambda row: row.discard(),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_worker_holds_is_not_touched(verb):
    row = job()
    assert claiming.claim("housekeeping", "here:1:1", 1)
    before = QueuedJob.objects.values().get()
    assert not VERBS[verb](row)
    assert QueuedJob.objects.values().get() == before
    assert acts() == []


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_over_is_not_brought_back(verb, run_jobs):
    row = job()
    run_jobs()
    assert not VERBS[verb](row)
    assert not QueuedJob.objects.exists()
    assert acts() == []


def test_what_waits_to_run_alone_can_be_discarded_only():
    row = job()
    QueuedJob.objects.update(holder=QUARANTINED, starts=1)
    assert not any(VERBS[verb](row) for verb in ("move", "run_now", "prioritise"))
    assert row.discard()


@pytest.mark.parametrize("verb", VERBS)
def test_one_act_is_one_statement_on_the_queue(verb, django_assert_max_num_queries):
    row = job()
    # What it is called and what belongs to rooms, the statement, the act, the bell.
    with django_assert_max_num_queries(6):
        assert VERBS[verb](row)


def test_the_states():
    rows = {
        "queued": job(1),
        "scheduled": job(2, LATER),
        "running": job(3),
        "quarantined": job(4),
    }
    QueuedJob.objects.filter(pk=rows["running"].pk).update(holder="here:1:1")
    QueuedJob.objects.filter(pk=rows["quarantined"].pk).update(holder=QUARANTINED)
    for state, row in rows.items():
        assert getattr(QueuedJob.objects, state)().get() == row
        assert QueuedJob.objects.get(pk=row.pk).state == state


# ── Jobs of a delivery ────────────────────────────────────────────────────────────────────────
@pytest.fixture
def delivery(alice) -> Delivery:
    things_of(alice)
    post = Post.objects.of(alice).get()
    QueuedJob.objects.all().delete()
    at = timezone.now() + LATER
    post.deliveries.update(due_at=at, next_attempt_at=at, waiting_for="time", woken_at=None)
    post.deliveries.filter(channel__network_name="x").send_later()
    return post.deliveries.get(channel__network_name="x")


def of(delivery: Delivery) -> QueuedJob:
    return QueuedJob.objects.get(argument=str(delivery.job_id))


def test_to_discard_its_job_cancels_a_delivery(delivery, alice):
    assert of(delivery).discard(alice)
    delivery.refresh_from_db()
    assert delivery.state == "canceled"
    assert not QueuedJob.objects.filter(argument=str(delivery.job_id)).exists()
    assert acts() == [f"alice discarded publishing.tasks.send_delivery({delivery.job_id})"]


def test_to_run_its_job_now_sends_a_delivery_now(delivery, alice):
    for _ in range(3):  # others of the same person are in line
        made = Job.new("publishing.tasks.send_delivery", "nobody", group=f"user:{alice.pk}")
        insert([NewRow("publish", made, timezone.now())])
    assert of(delivery).run_now(alice)
    delivery.refresh_from_db()
    assert delivery.state == "queued"
    assert delivery.next_attempt_at <= timezone.now()
    first = QueuedJob.objects.queued().order_by("-priority", "queue_position", "id").first()
    assert first == of(delivery)  # one job, and before all others


@pytest.mark.parametrize("state", ["failed", "canceled"])
def test_a_job_left_in_line_brings_back_no_delivery(delivery, state):
    row = of(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(state=state, waiting_for="")
    assert not row.run_now()
    delivery.refresh_from_db()
    assert delivery.state == state
    assert row.discard()  # it has nothing to do any more


def test_what_is_being_sent_is_not_discarded(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(state="sending", waiting_for="")
    assert not of(delivery).discard()


def test_a_held_job_of_a_delivery_is_not_touched(delivery):
    row = of(delivery)
    QueuedJob.objects.update(holder="here:1:1")
    assert not row.discard()
    assert not row.run_now()
    delivery.refresh_from_db()
    assert delivery.state == "queued"


def test_only_the_queue_knows_the_priority_of_a_delivery(delivery):
    assert of(delivery).prioritise(3)
    assert of(delivery).priority == 3


def test_jobs_of_no_delivery_can_be_discarded():
    for argument in ("nonsense", "00000000-0000-4000-8000-000000000000"):
        made = Job.new("publishing.tasks.send_delivery", argument)
        insert([NewRow("publish", made, timezone.now())])
    assert QueuedJob.objects.all().run_now() == 0
    assert QueuedJob.objects.all().discard() == 2


# ── Queues and workers ────────────────────────────────────────────────────────────────────────
def test_a_queue_is_paused_and_resumed(alice):
    job()
    assert PausedQueue.objects.pause("housekeeping", alice)
    assert not PausedQueue.objects.pause("housekeeping", alice)
    assert queueing.take_snapshot(["housekeeping"]).queues["housekeeping"].is_paused
    assert PausedQueue.objects.resume("housekeeping", alice)
    assert not PausedQueue.objects.resume("housekeeping", alice)
    assert acts() == [
        "alice paused the queue housekeeping", "alice resumed the queue housekeeping",
    ]  # fmt: skip


def test_a_command_reaches_its_worker_at_the_next_beat(alice):
    worker = Heartbeat.objects.start("worker")
    assert Heartbeat.objects.filter(pk=worker.pk).command("quiet", alice) == 1
    assert Heartbeat.objects.filter(pk=worker.pk).command("quiet", alice) == 0
    assert worker.beat() == "quiet"
    assert Heartbeat.objects.filter(pk=worker.pk).command("", alice) == 1
    assert worker.beat() == ""
    assert [act.did for act in AuditLogEntry.objects.order_by("id")] == ["quieted", "resumed"]
    with pytest.raises(ValueError):
        Heartbeat.objects.command("dance")


def test_a_new_process_with_an_old_number_is_not_killed_for_it():
    worker = Heartbeat.objects.start("worker")
    Heartbeat.objects.command("kill")
    assert Heartbeat.objects.start("worker") == worker
    assert worker.beat() == ""


def test_what_a_worker_does_is_said_with_since_when_and_for_whom():
    worker = Heartbeat.objects.start("worker")
    doing = {"job": SAMPLE, "id": [5], "owner": "user:1", "queue": "publish", "seconds": 90}
    worker.beat([doing])
    worker.refresh_from_db()
    [task] = worker.tasks
    assert (task.what, task.owner) == (f"{SAMPLE}(5)", "user:1")
    assert worker.beat_at - task.since == timedelta(seconds=90)


def test_acts_outlive_the_account_of_who_did_them(alice):
    PausedQueue.objects.pause("publish", alice)
    alice.delete()
    assert acts() == ["alice paused the queue publish"]


# ── What could not be run ─────────────────────────────────────────────────────────────────────
def test_a_released_job_keeps_what_it_is_found_by(run_jobs, alice):
    made = Job.new(SAMPLE, 4, group="user:1")
    DeadLetter.objects.create(key="import", payload=made.payload(), reason="r").release(alice)
    row = QueuedJob.objects.get()
    assert (row.key, row.owner, row.argument) == ("import", "user:1", "4")
    DeadLetter.objects.create(key="import", payload="?", reason="r")
    assert DeadLetter.objects.all().discard(alice) == 1
    assert [act.did for act in AuditLogEntry.objects.order_by("id")] == ["released", "discarded"]
