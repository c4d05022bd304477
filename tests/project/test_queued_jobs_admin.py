"""The list of pending jobs: found by what they are, changed until a worker has them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone

from project.jobs.models import AuditLogEntry, Heartbeat, PausedQueue, QueuedJob
from project.jobs.operations.admin import base
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import QUARANTINED, NewRow, insert
from publishing.models import Delivery
from tests.addresses import things_of

pytestmark = pytest.mark.django_db
LIST = "/admin/jobs/queuedjob/"
JOB = "project.jobs.tasks.prune"


@pytest.fixture
def operator(db: None, client_for: Any) -> Client:
    return client_for(get_user_model().objects.create_superuser("root", "r@example.org", "x"))


def job(wait: float = 0, queue: str = "housekeeping", network: str = "", **more: Any) -> QueuedJob:
    made = Job.new(JOB, **more)
    insert([NewRow(queue, made, timezone.now() + timedelta(minutes=wait), network=network)])
    return QueuedJob.objects.get(job=made.id)


def found(client: Client, query: str = "") -> set[int]:
    page = client.get(f"{LIST}?{query}").content.decode()
    return {int(row) for row in re.findall(r'name="_selected_action" value="(\d+)"', page)}


def act(client: Client, action: str, *rows: QueuedJob) -> str:
    asked = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, asked, follow=True).content.decode()


def test_jobs_are_found_by_state_queue_network_job_and_words(operator):
    queued, scheduled, running, alone = job(), job(5, "import", "x", group="user:77"), job(), job()
    QueuedJob.objects.filter(pk=running.pk).update(holder="here:1:1")
    QueuedJob.objects.filter(pk=alone.pk).update(holder=QUARANTINED)
    rows = {"queued": queued, "scheduled": scheduled, "running": running, "quarantined": alone}
    for state, row in rows.items():
        assert found(operator, f"state={state}") == {row.pk}
    for query in ("key=import", "network=x", "q=user:77", f"q={scheduled.job[:9]}"):
        assert found(operator, query) == {scheduled.pk}, query
    assert len(found(operator, f"func={JOB}")) == 4
    assert found(operator, "func=publishing.tasks.sweep") == set()


def test_a_list_counts_no_further_than_is_quick(operator, monkeypatch):
    monkeypatch.setattr(base.OperatedAdmin, "list_per_page", 3)
    monkeypatch.setattr("social.admin.ROWS_COUNTED", 4)
    rows = [job() for _ in range(6)]
    assert found(operator) == {row.pk for row in rows[:3]}
    assert found(operator, "p=2") == {rows[3].pk}
    assert "4 queued jobs" in operator.get(LIST).content.decode()


@pytest.mark.parametrize(
    "query, index",
    [
        ("state=queued", "jobs_ready"),
        ("state=queued&key=publish", "jobs_ready"),
        ("state=scheduled", "jobs_asleep"),
        ("state=scheduled&key=publish", "jobs_asleep"),
        ("state=running", "jobs_held"),
        ("state=quarantined", "jobs_held"),
    ],
)
@pytest.mark.skipif("connection.vendor == 'postgresql'", reason="it reads small tables whole")
def test_the_order_of_a_long_list_is_that_of_an_index(operator, query, index):
    asked: list[tuple[str, Any]] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'ORDER BY "django_q_ormq"' in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        operator.get(f"{LIST}?{query}")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])
        plan = " ".join(str(line) for line in cursor.fetchall())
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_the_actions(operator):
    first, second = job(5), job()
    assert "1 moved to the front" in act(operator, "run_now", first)
    assert "1 raised" in act(operator, "raise_priority", second)
    assert "1 lowered" in act(operator, "lower_priority", first)
    assert "2 discarded" in act(operator, "discard", first, second)
    assert not QueuedJob.objects.exists()
    assert set(AuditLogEntry.objects.values_list("who", flat=True)) == {"root"}


def test_actions_say_what_did_not_happen(operator):
    free, held = job(), job()
    QueuedJob.objects.filter(pk=held.pk).update(holder="here:1:1")
    said = act(operator, "discard", free, held)
    assert "1 discarded" in said
    assert "1 had changed meanwhile" in said
    assert QueuedJob.objects.get() == held


# ── One job's form ────────────────────────────────────────────────────────────────────────────
def form_of(client: Client, row: QueuedJob) -> dict[str, str]:
    """What its page would send if nothing was changed on it."""
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    inputs = re.findall(r"<input[^>]*>", page)
    named = {re.search(r'name="([^"]*)"', tag)[1]: tag for tag in inputs if 'name="' in tag}
    values = {name: re.search(r'value="([^"]*)"', tag) for name, tag in named.items()}
    return {n: v[1] for n, v in values.items() if v and n.startswith(("lock", "prio", "initial"))}


def send(client: Client, row: QueuedJob, form: dict[str, str]) -> str:
    return client.post(f"{LIST}{row.pk}/change/", form, follow=True).content.decode()


def test_time_and_priority_are_changed_and_nothing_else(operator):
    row = job(60)
    form = form_of(operator, row)
    at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    form |= {"lock_0": f"{at:%Y-%m-%d}", "lock_1": f"{at:%H:%M:%S}", "priority": "7"}
    send(operator, row, form | {"key": "import", "payload": "x", "holder": "me"})
    row.refresh_from_db()
    assert (row.lock, row.priority, row.key, row.holder) == (at, 7, "housekeeping", "")
    assert row.read().func == JOB


def test_what_was_not_changed_on_the_page_stays_as_it_is_now(operator):
    row = job(60)
    form = form_of(operator, row)
    at = timezone.now() + timedelta(days=9)
    row.move(at)  # by somebody else meanwhile
    send(operator, row, form | {"priority": "7"})
    row.refresh_from_db()
    assert (row.lock, row.priority) == (at, 7)


def test_a_form_of_a_job_that_is_over_changes_nothing_and_says_so(operator, run_jobs):
    row = job()
    form = form_of(operator, row)
    run_jobs()
    said = send(operator, row, form | {"priority": "7"})
    assert "ran or was discarded meanwhile. Nothing was changed" in said
    assert not QueuedJob.objects.exists()


def test_a_form_of_a_job_that_a_worker_has_changes_nothing_and_says_so(operator):
    row = job()
    form = form_of(operator, row)
    QueuedJob.objects.update(holder="here:1:1")
    before = QueuedJob.objects.values().get()
    assert "A worker has this job already" in send(operator, row, form | {"priority": "7"})
    assert QueuedJob.objects.values().get() == before


def test_a_job_that_is_claimed_while_the_form_is_read_is_not_changed(operator, monkeypatch):
    row = job()
    form = form_of(operator, row)

    def too_late(*_: Any) -> bool:
        QueuedJob.objects.filter(pk=row.pk).delete()
        return False

    monkeypatch.setattr(QueuedJob, "prioritise", too_late)
    assert "Nothing was changed" in send(operator, row, form | {"priority": "7"})
    assert not QueuedJob.objects.exists()


@pytest.mark.parametrize("wrong", [{"priority": "101"}, {"lock_0": "yesterday"}, {"lock_0": ""}])
def test_nonsense_in_the_form_is_refused(operator, wrong):
    row = job()
    before = QueuedJob.objects.values().get()
    assert "Please correct the error" in send(operator, row, form_of(operator, row) | wrong)
    assert QueuedJob.objects.values().get() == before


def test_the_time_of_a_delivery_is_moved_on_its_own_row(operator, alice):
    things_of(alice)
    row = QueuedJob.objects.filter(key="publish").first()
    at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    form = form_of(operator, row) | {"lock_0": f"{at:%Y-%m-%d}", "lock_1": f"{at:%H:%M:%S}"}
    send(operator, row, form)
    delivery = Delivery.objects.get(job_id=row.argument)
    assert (delivery.due_at, delivery.waiting_for) == (at, "time")
    assert [job.lock for job in QueuedJob.objects.filter(argument=row.argument)] == [at]


# ── Who may ───────────────────────────────────────────────────────────────────────────────────
def test_who_may_only_look_cannot_act(alice, client_for):
    alice.is_staff = True
    alice.save()
    for name in ("view_queuedjob", "view_heartbeat", "view_pausedqueue"):
        alice.user_permissions.add(Permission.objects.get(codename=name))
    client, row, worker = client_for(alice), job(), Heartbeat.objects.start("worker")
    assert found(client) in ({row.pk}, set())  # without actions there is nothing to tick
    act(client, "discard", row)
    assert client.post(f"{LIST}{row.pk}/change/", {"priority": "7"}).status_code == 403
    asked = {"action": "kill", "_selected_action": [worker.pk]}
    client.post("/admin/jobs/heartbeat/", asked)
    assert client.post("/admin/jobs/pausedqueue/add/", {"queue": "mail"}).status_code == 403
    assert QueuedJob.objects.get().priority == 0
    assert worker.beat() == ""
    assert not PausedQueue.objects.exists()


def test_workers_are_commanded_from_their_list(operator):
    worker = Heartbeat.objects.start("worker")
    for action, command in (("quiet", "quiet"), ("go_on", ""), ("stop", "stop"), ("kill", "kill")):
        asked = {"action": action, "_selected_action": [worker.pk]}
        said = operator.post("/admin/jobs/heartbeat/", asked, follow=True).content.decode()
        assert "1 told" in said
        assert worker.beat() == command


def test_a_queue_is_paused_and_resumed_in_its_list(operator):
    operator.post("/admin/jobs/pausedqueue/add/", {"queue": "mail"})
    assert PausedQueue.objects.get().by.username == "root"
    operator.post("/admin/jobs/pausedqueue/mail/delete/", {"post": "yes"})
    assert not PausedQueue.objects.exists()
    assert list(AuditLogEntry.objects.order_by("id").values_list("did", flat=True)) == [
        "paused",
        "resumed",
    ]
