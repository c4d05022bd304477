"""The page that shows operators what every job is doing."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from project.jobs.models import (
    AuditLogEntry,
    DeadLetter,
    FailureNote,
    FinishedJob,
    Heartbeat,
    PausedQueue,
    QueuedJob,
)
from project.jobs.operations import monitor
from project.jobs.operations.advice import advised_slots
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import QUARANTINED, NewRow, insert
from project.jobs.templatetags.job_words import counted, job_word, lasting

pytestmark = pytest.mark.django_db
JOB = "project.jobs.tasks.prune"
MANAGE = ("add_pausedqueue", "delete_pausedqueue", "change_heartbeat")


@pytest.fixture
def operator(db: None, client_for: Callable[..., Client]) -> Client:
    return client_for(get_user_model().objects.create_superuser("root", "r@example.org", "x"))


@pytest.fixture
def staff(alice: Any, client_for: Callable[..., Client]) -> Callable[..., Client]:
    def with_permissions(*names: str) -> Client:
        alice.is_staff = True
        alice.save()
        alice.user_permissions.set(Permission.objects.filter(codename__in=names))
        return client_for(alice)

    return with_permissions


def queue(count: int = 1, name: str = "import", due: float = 0.0, func: str = JOB) -> None:
    at = timezone.now() + timedelta(seconds=due)
    insert([NewRow(name, Job.new(func), at) for _ in range(count)])


def ended(count: int, seconds: float = 2.0, name: str = "import", **more: Any) -> None:
    now = timezone.now()
    FinishedJob.objects.bulk_create(
        FinishedJob(
            id=f"{name}{seconds}{more}{n}"[-32:],
            name="n",
            func=JOB,
            queue=name,
            started=now - timedelta(seconds=seconds + n),
            stopped=now - timedelta(seconds=n),
            **more,
        )
        for n in range(count)
    )


def shown(name: str = "import") -> monitor.QueueReport:
    return next(queue for queue in monitor.queues() if queue.name == name)


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────
def test_a_queue_says_what_is_queued_scheduled_running_and_since_when():
    queue(3, due=-30)
    queue(2, due=600)
    queue(4)
    held = list(
        QueuedJob.objects.queued().order_by("-queue_position").values_list("pk", flat=True)[:3]
    )
    QueuedJob.objects.filter(pk__in=held[:2]).update(holder="here:1:1")
    QueuedJob.objects.filter(pk__in=held[2:]).update(holder=QUARANTINED)
    seen = shown()
    assert (seen.queued, seen.scheduled, seen.running, seen.quarantined) == (4, 2, 2, 1)
    assert 30 <= seen.overdue_seconds < 60
    assert (shown("mail").queued, shown("mail").overdue_seconds) == (0, 0)


def test_counts_stop_somewhere(monkeypatch):
    monkeypatch.setattr(monitor, "COUNT_LIMIT", 3)
    queue(5)
    queue(5, due=600)
    seen = shown()
    assert (seen.queued, seen.scheduled) == (4, 4)


def test_what_ended_is_counted_and_measured():
    ended(10, seconds=1.0)
    ended(9, seconds=3.0)
    ended(1, seconds=9.0, success=False)
    FinishedJob.objects.filter(success=False).update(stopped=timezone.now() - timedelta(minutes=5))
    seen = shown()
    assert (seen.minute.done, seen.minute.failed) == (19, 0)
    assert (seen.hour.done, seen.hour.failed) == (19, 1)
    assert seen.pace.rate == pytest.approx(19 / monitor.SAMPLE_SECONDS)
    assert (seen.pace.p50, seen.pace.p95) == (1.0, 3.0)


def test_a_sample_stands_for_many(monkeypatch):
    monkeypatch.setattr(monitor, "SAMPLED_JOBS", 10)
    ended(50)  # one a second
    assert shown().pace.rate == pytest.approx(10 / 9, rel=0.1)


def test_a_queue_that_did_nothing_has_no_pace_and_no_advice():
    seen = shown()
    assert (seen.pace.p50, seen.pace.p95, seen.advised) == (None, None, None)


@pytest.mark.parametrize(
    "rate, seconds, waiting, slots",
    [
        (60, 0.5, 0, 38),  # 30 under way at a time, and a quarter more
        (0.01, 0.1, 0, 1),
        (0, 2, 600, 25),  # ten a second, to be through within a minute
        (2, 3, 60, 12),
    ],
)
def test_advice_is_rate_times_duration_with_headroom(rate, seconds, waiting, slots):
    assert advised_slots(rate, seconds, waiting) == slots


def test_advice_comes_from_what_ran_and_stands_beside_what_is_there(settings):
    Heartbeat.objects.start("worker")
    Heartbeat.objects.start("worker", 2)
    ended(300, seconds=5.0)  # one a second
    assert (shown().slots, shown().advised) == (2 * settings.JOB_SLOTS["import"], 7)
    assert shown().is_small


@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="it reads small tables whole")
def test_no_look_reads_a_table_whole():
    asked: list[tuple[str, Any]] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        monitor.queues()
    for sql, params in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = [line[3] for line in cursor.fetchall()]
        assert not [line for line in plan if re.match(r"SCAN django_q_\w+$", line)], (sql, plan)


@pytest.mark.parametrize(
    "seconds, said",
    [(None, "\N{EN DASH}"), (0.0123, "12 ms"), (1.25, "1.2 s"), (45, "45 s"), (600, "10 min"),
     (7200, "2 h"), (864_000, "10 days")],
)  # fmt: skip
def test_how_long_is_said(seconds, said):
    assert lasting(seconds).replace("\N{NO-BREAK SPACE}", " ") == said


def test_how_many_and_which_job_is_said():
    assert (counted(9_999), counted(10_001)) == ("9,999", "over 10,000")
    assert job_word("publishing.tasks.send_delivery") == "publishing.send_delivery"
    assert job_word("project.jobs.tasks.prune(7)") == "jobs.prune(7)"


# ── The page ──────────────────────────────────────────────────────────────────────────────────
def fill(root: Any) -> None:
    queue(3)
    ended(5)
    worker = Heartbeat.objects.start("worker", 4711)
    doing = {"job": JOB, "id": [5], "owner": "user:8", "queue": "import", "seconds": 3}
    worker.beat([doing] * 7)
    FailureNote.objects.write({"id": "f", "func": JOB, "args": []}, "KeyError: 'secret <b>'")
    DeadLetter.objects.create(key="import", payload="?", reason="its worker <died>")
    PausedQueue.objects.pause("mail", root)


def test_everything_is_on_the_page(operator, alice):
    fill(alice)
    page = operator.get("/jobs/").content.decode()
    for said in ("4711", "jobs.prune(5)", "user:8", "and 2 more", "KeyError: …"):
        assert said in page
    assert "its worker &lt;died&gt;" in page
    assert "<strong>alice</strong> paused the queue mail" in page
    assert "Resume<span" in page
    assert 'style="' not in page
    assert "<script>" not in page
    assert "No worker is running" not in page


def test_what_polls_gets_only_what_changes(operator, alice):
    fill(alice)
    page = operator.get("/jobs/", headers={"HX-Request": "true"}).content.decode()
    assert page.startswith('<div id="monitor"')
    assert "<html" not in page


def test_an_empty_page_says_what_is_missing(operator):
    page = operator.get("/jobs/").content.decode()
    assert "No worker is running" in page
    assert "manage.py qcluster" in page


def test_the_page_costs_a_few_queries_however_much_there_is(
    operator, django_assert_max_num_queries
):
    for name in ("import", "publish", "mail"):
        queue(20, name)
        ended(20, name=name)
    with django_assert_max_num_queries(45):
        operator.get("/jobs/")


def test_queues_are_paused_and_resumed_by_a_click(operator):
    operator.post("/jobs/queues/import/pauses/")
    assert PausedQueue.objects.get().by.username == "root"
    assert "was paused already" in operator.post(
        "/jobs/queues/import/pauses/", follow=True
    ).content.decode()  # fmt: skip
    operator.post("/jobs/queues/import/resumptions/")
    assert not PausedQueue.objects.exists()
    assert operator.post("/jobs/queues/nonsense/pauses/").status_code == 404
    assert AuditLogEntry.objects.count() == 2


def test_workers_are_commanded_by_a_click(operator):
    worker = Heartbeat.objects.start("worker")
    for command in ("quiet", "", "stop", "kill"):
        operator.post(f"/jobs/workers/{worker.pk}/commands/", {"command": command})
        assert worker.beat() == command
    assert (
        operator.post(f"/jobs/workers/{worker.pk}/commands/", {"command": "x"}).status_code == 400
    )
    said = operator.post(
        "/jobs/workers/0/commands/", {"command": "kill"}, follow=True
    ).content.decode()
    assert "Nothing was sent" in said


# ── Who may ───────────────────────────────────────────────────────────────────────────────────
VERBS = ("/jobs/queues/mail/pauses/", "/jobs/queues/mail/resumptions/", "/jobs/workers/1/commands/")


def test_staff_see_what_they_may_see_and_have_the_buttons_they_may_use(staff):
    Heartbeat.objects.start("worker")
    assert staff().get("/jobs/").status_code == 403
    page = staff("view_queuedjob").get("/jobs/").content.decode()
    assert "<button" not in page.partition('id="monitor"')[2].partition("</main>")[0]
    page = staff("view_queuedjob", *MANAGE).get("/jobs/").content.decode()
    assert page.partition('id="monitor"')[2].partition("</main>")[0].count("<button") >= 8


def test_staff_without_the_permission_cannot_act(staff):
    for permissions in ((), ("view_queuedjob",)):
        client = staff(*permissions)
        assert {client.post(verb).status_code for verb in VERBS} == {403}
    assert not AuditLogEntry.objects.exists()


def test_permissions_without_being_staff_are_nothing(alice, client_for):
    alice.user_permissions.set(Permission.objects.filter(codename__in=("view_queuedjob", *MANAGE)))
    client = client_for(alice)
    assert client.get("/jobs/").status_code == 403
    assert {client.post(verb).status_code for verb in VERBS} == {403}


def test_strangers_are_sent_to_sign_in_and_forms_need_the_pages_token(operator):
    assert Client().get("/jobs/").headers["Location"] == "/accounts/login/?next=/jobs/"
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = operator.cookies
    assert {careful.post(verb).status_code for verb in VERBS} == {403}


def test_a_job_that_async_task_queued_is_seen(run_jobs):
    async_task(JOB, broker=get_broker("import"))
    assert shown().queued == 1
    run_jobs()
    assert shown().minute.done == 1
