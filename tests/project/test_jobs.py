"""The queue: what may stand in a row, who reads it, and what happens to what nobody can read."""

import base64
import pickle
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.apps import apps
from django.core import signing
from django.db import connection, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Failure, OrmQ, Success, Task
from django_q.signing import SignedPackage
from django_q.tasks import async_task

from project.jobs.models import DeadLetter, FailureNote, Heartbeat, QueuedJob
from project.jobs.queue import claiming, queueing
from project.jobs.queue.job import PAYLOAD_SALT, Job, NotAJob, registered
from project.jobs.queue.queueing import NewRow, insert
from project.jobs.tasks import prune
from social.jobs import JobRequest, enqueue, enqueue_many
from tests.project.job_samples import KNOWN, ran

pytestmark = pytest.mark.django_db


def queue(name: str, *args: object, **options: object) -> str:
    return async_task(f"tests.project.job_samples.{name}", *args, **options)


@pytest.fixture(autouse=True)
def sample_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *KNOWN))
    ran.clear()


def test_a_row_is_signed_json_and_no_pickle():
    queue("remember", 7, group="g")
    row = OrmQ.objects.get()
    assert signing.loads(row.payload, salt=PAYLOAD_SALT)["args"] == [7]
    with pytest.raises(signing.BadSignature):
        SignedPackage.loads(row.payload)


def test_a_job_runs_once_and_leaves_nothing_but_its_name(run_jobs):
    queue("remember", "some-id")
    assert [job.func for job in run_jobs()] == ["tests.project.job_samples.remember"]
    assert ran == ["some-id"]
    assert not OrmQ.objects.exists()
    assert Success.objects.get().func.endswith("remember")


def test_a_failed_job_is_noted_in_one_line_without_secrets(run_jobs):
    queue("fail", 3)
    run_jobs(failing=True)
    note = FailureNote.objects.get()
    assert note.args == [3]
    assert note.error == "RuntimeError: no luck with access_token=[redacted]"
    assert Failure.objects.filter(pk=note.task_id).exists()
    assert not OrmQ.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT args, kwargs, result FROM django_q_task")
        assert cursor.fetchone() == (None, None, None)  # no pickle is even written


def test_a_failed_job_can_be_retried(run_jobs):
    queue("fail", 3)
    run_jobs(failing=True)
    assert FailureNote.objects.filter(pk=Failure.objects.get().pk).retry_all()[0] == 1
    assert not Failure.objects.exists()
    assert not FailureNote.objects.exists()
    assert Job.read(OrmQ.objects.get().payload).args == [3]


@pytest.mark.parametrize(
    "refused",
    [
        lambda: async_task("os.system", "true"),
        lambda: async_task(print, 1),
        lambda: enqueue("os.system", "true"),
        lambda: enqueue("tests.project.job_samples.remember", {"a": 1}),
        lambda: enqueue("tests.project.job_samples.remember", 1, owner="g" * 101),
        lambda: queue("remember", 1, 2),
        lambda: queue("remember", {"a": 1}),
        lambda: queue("remember", 1.5),
        lambda: queue("remember", True),
        lambda: queue("remember", "x" * 201),
        lambda: queue("remember", 1, colour="red"),
        lambda: queue("remember", 1, hook="os.system"),
        lambda: queue("remember", 1, group="g" * 101),
    ],
)
def test_what_is_not_a_registered_name_and_one_id_is_refused(refused):
    with pytest.raises(NotAJob):
        refused()
    assert not OrmQ.objects.exists()


def test_every_registered_job_can_be_queued_by_name():
    for name in registered() - KNOWN:
        async_task(name)
    assert OrmQ.objects.count() == len(registered() - KNOWN)


# ── When ──────────────────────────────────────────────────────────────────────────────────────
def put(name: str, *keys: object, **options: Any) -> None:
    enqueue_many(JobRequest(f"tests.project.job_samples.{name}", key, **options) for key in keys)


def test_run_after_is_not_before(run_jobs):
    put("remember", 1, run_after=timezone.now() + timedelta(minutes=5))
    assert run_jobs() == []
    run_jobs(until=timezone.now() + timedelta(minutes=6))
    assert ran == [1]


def test_the_oldest_due_comes_first(run_jobs):
    now = timezone.now()
    for number, minutes in ((1, 1), (2, 9), (3, 5)):
        put("remember", number, run_after=now - timedelta(minutes=minutes))
    run_jobs()
    assert ran == [2, 3, 1]


def test_one_job_is_one_insert(django_assert_num_queries):
    with django_assert_num_queries(1):
        enqueue("tests.project.job_samples.remember", "x", queue="stats", owner=7, network="x")
    row = QueuedJob.objects.get()
    assert (row.key, row.owner, row.network, row.argument) == ("stats", "user:7", "x", "x")


def test_a_job_that_names_no_queue_is_for_the_one_of_what_is_not_urgent():
    enqueue("tests.project.job_samples.remember", owner="mail")
    row = QueuedJob.objects.get()
    assert (row.key, row.owner, row.argument, row.priority) == ("housekeeping", "mail", "", 0)


def test_many_are_one_insert(django_assert_num_queries):
    with django_assert_num_queries(1):
        put("remember", *range(50))
    assert OrmQ.objects.count() == 50


def test_none_are_no_insert(django_assert_num_queries):
    with django_assert_num_queries(0):
        put("remember")


def test_many_of_which_one_is_refused_are_not_written():
    with pytest.raises(NotAJob):
        put("remember", 1, 1.5)
    put("remember", 3)
    assert [Job.read(row.payload).args for row in OrmQ.objects.all()] == [[3]]


def test_queueing_is_undone_with_the_transaction():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue("remember", 1)
        raise ZeroDivisionError
    assert not OrmQ.objects.exists()


def test_a_claimed_row_is_leased_and_an_empty_queue_is_only_looked_at(django_assert_num_queries):
    queue("remember", 1)
    assert len(claiming.claim("housekeeping", "here:1:1", 5)) == 1
    with django_assert_num_queries(1):
        snapshot = queueing.promote_due(["housekeeping"])
    assert not snapshot.queues["housekeeping"].may_begin
    assert claiming.claim("housekeeping", "here:2:1", 5) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_two_workers_never_claim_the_same_row():
    for number in range(20):
        queue("remember", number)
    claimed: list[int] = []

    def claim_until_empty(worker: int) -> None:
        while claims := claiming.claim("housekeeping", f"here:{worker}:1", 1):
            claimed.extend(claim.row for claim in claims)
        connection.close()

    threads = [Thread(target=claim_until_empty, args=[worker]) for worker in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(claimed) == sorted(OrmQ.objects.values_list("pk", flat=True))


def test_a_cluster_of_django_q2_throws_nothing_away():
    """Its workers would: what is no pickle of its own."""
    queue("remember", 1)
    with pytest.raises(NotImplementedError):
        get_broker().dequeue()
    assert OrmQ.objects.count() == 1


# ── What cannot be read ───────────────────────────────────────────────────────────────────────
class Exploit:
    def __reduce__(self) -> tuple:
        return ran.append, ("pwned",)


def plant(payload: str) -> None:
    past = timezone.now() - timedelta(hours=1)
    OrmQ.objects.create(key="housekeeping", payload=payload, lock=past)


UNREADABLE = {
    "stock pickle, rightly signed": lambda: SignedPackage.dumps(Exploit()),
    "nonsense": lambda: "nonsense",
    "nothing": lambda: "",
    "other salt": lambda: signing.dumps({"func": "os.system"}, salt="another"),
    "not a job": lambda: signing.dumps([1, 2], salt=PAYLOAD_SALT),
    "missing fields": lambda: signing.dumps({"func": "os.system"}, salt=PAYLOAD_SALT),
    "unregistered": lambda: as_signed(func="os.system", args=["true"]),
    "two arguments": lambda: as_signed(args=[1, 2]),
    "deep argument": lambda: as_signed(args=[[1]]),
    "no date": lambda: as_signed(queued_at="yesterday"),
    "date of the wrong type": lambda: as_signed(queued_at=5),
}


def as_signed(**changed: object) -> str:
    fields = {
        "id": "1" * 32,
        "name": "a",
        "func": "tests.project.job_samples.remember",
        "args": [1],
        "group": None,
        "queued_at": timezone.now().isoformat(),
    }
    return signing.dumps({**fields, **changed}, salt=PAYLOAD_SALT)


@pytest.mark.parametrize("make", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_dead_letter_and_its_neighbours_run(make, run_jobs):
    payload = make()
    queue("remember", 1)
    plant(payload)
    queue("remember", 2)
    run_jobs()
    aside = DeadLetter.objects.get()
    assert aside.payload == payload
    assert aside.reason
    assert ran == [1, 2]
    assert not OrmQ.objects.exists()


def test_rows_of_an_old_secret_key_still_run(run_jobs, settings):
    queue("remember", 1)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-is-long-enough-to-be-a-secret-key-0123456789"
    run_jobs()
    assert ran == [1]


def test_a_dead_letter_of_another_key_runs_when_it_is_released(run_jobs, settings):
    queue("remember", 1)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "forgotten" * 8
    run_jobs()
    aside = DeadLetter.objects.get()
    with pytest.raises(NotAJob):
        aside.release()
    settings.SECRET_KEY_FALLBACKS = [old]
    aside.release()
    aside.release()  # a second click
    run_jobs()
    assert ran == [1]
    assert not DeadLetter.objects.exists()


def test_pickles_of_finished_jobs_are_never_read(run_jobs):
    job = Job.new("tests.project.job_samples.remember", 1)
    insert([NewRow("housekeeping", job, timezone.now())])
    plant_task(job.id, job.name)
    run_jobs()
    for task in Task.objects.all():
        assert (task.args, task.kwargs, task.result) == (None, None, None)
    assert ran == [1]


def plant_task(key: str, name: str, hook: str = "os.system") -> None:
    """A row as somebody with the database's password could write it."""
    poison = base64.b64encode(pickle.dumps(Exploit())).decode()
    now = timezone.now()
    Task.objects.create(id=key, name=name, func="x", started=now, stopped=now, success=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_q_task SET args=%s, kwargs=%s, result=%s, hook=%s WHERE id=%s",
            [poison, poison, poison, hook, key],
        )


# ── Being alive ───────────────────────────────────────────────────────────────────────────────
def test_a_heartbeat_says_that_somebody_works():
    assert not Heartbeat.objects.alive()
    heartbeat = Heartbeat.objects.start("jobs")
    assert Heartbeat.objects.alive()
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(seconds=45))
    assert not Heartbeat.objects.alive()
    heartbeat.beat()
    assert Heartbeat.objects.alive()


def test_pruning_forgets_the_dead_and_the_oldest_successes(settings):
    settings.KEEP_FINISHED_JOBS = 2
    Heartbeat.objects.start("jobs")
    Heartbeat.objects.update(beat_at=timezone.now() - timedelta(days=2))
    now = timezone.now()
    for number in range(4):
        stopped = now - timedelta(minutes=number)
        Task.objects.create(id=str(number), name="n", func="f", started=now, stopped=stopped)
    prune()
    assert not Heartbeat.objects.exists()
    assert set(Success.objects.values_list("pk", flat=True)) == {"0", "1"}
