"""The operators' pages over rows that somebody else may have written: nothing in them runs."""

import base64
import pickle
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from django_q.signing import SignedPackage

from project.jobs.models import (
    AuditLogEntry,
    DeadLetter,
    FailureGroup,
    FailureNote,
    FinishedJob,
    Heartbeat,
    PausedQueue,
    QueuedJob,
)
from project.jobs.queue.job import Job
from project.jobs.queue.timetable import queue_due
from tests.project.job_samples import KNOWN, ran

pytestmark = pytest.mark.django_db
SAMPLE = "tests.project.job_samples.remember"


@pytest.fixture(autouse=True)
def sample_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *KNOWN))
    ran.clear()
    cache.clear()


@pytest.fixture
def operator(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("root", "r@example.org", "x"))
    return client


class Exploit:
    def __reduce__(self) -> tuple:
        return ran.append, ("pwned",)


def poison() -> str:
    return base64.b64encode(pickle.dumps(Exploit())).decode()


def plant_tasks() -> None:
    now = timezone.now()
    for key, success in (("a" * 32, True), ("b" * 32, False)):
        Task.objects.create(
            id=key, name=key, func="os.system", started=now, stopped=now, success=success
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_q_task SET args=%s, kwargs=%s, result=%s, hook='os.system'",
            [poison()] * 3,
        )


def plant_everything() -> None:
    plant_tasks()
    now = timezone.now()
    stock = SignedPackage.dumps(
        {"id": "c" * 32, "name": "c", "func": Exploit(), "args": (), "kwargs": {}, "started": now}
    )
    OrmQ.objects.create(key="housekeeping", payload=stock, lock=now)
    OrmQ.objects.create(key="housekeeping", payload=Job.new(SAMPLE, 5).payload(), lock=now)
    Schedule.objects.create(name="evil", func="os.system", args="'touch /pwned'", hook="os.system")
    DeadLetter.objects.create(key="housekeeping", payload=stock, reason="planted")
    FailureNote.objects.write({"id": "b" * 32, "func": "os.system", "args": ["x"]}, "Error: no")
    Heartbeat.objects.start("worker")
    PausedQueue.objects.pause("import")


SHOWN = (QueuedJob, FinishedJob, FailureNote, FailureGroup, DeadLetter, Heartbeat, AuditLogEntry)
EDITED = (Schedule, PausedQueue)


def address(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def pages_of(model: type) -> list[str]:
    rows = [address(model, "changelist"), address(model, "changelist") + "?q=system"]
    for row in model.objects.values_list("pk", flat=True):
        rows += [address(model, page, row) for page in ("change", "history", "delete")]
    return rows


@pytest.mark.parametrize("model", (*SHOWN, *EDITED), ids=lambda model: model.__name__)
def test_nothing_runs_when_an_operator_opens_every_page(operator, model):
    plant_everything()
    for page in pages_of(model):
        answer = operator.get(page)
        forbidden = model in SHOWN and page.endswith("delete/")
        assert answer.status_code == (403 if forbidden else 200), page
    assert ran == []


@pytest.mark.parametrize("model", (QueuedJob, FailureNote, FailureGroup, DeadLetter))
def test_nothing_runs_when_an_operator_discards_everything(operator, model):
    plant_everything()
    act(operator, model, "discard")
    assert not model.objects.exists()
    assert ran == []


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model.__name__)
def test_nothing_runs_when_an_operator_deletes_everything(operator, model):
    plant_everything()
    chosen = list(model.objects.values_list("pk", flat=True))
    asked = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    operator.post(address(model, "changelist"), asked)
    assert not model.objects.exists()
    assert ran == []
    assert AuditLogEntry.objects.filter(who="root").exists()


def test_nothing_runs_when_the_worker_meets_it(run_jobs):
    plant_everything()
    queue_due()
    assert [job.args for job in run_jobs() if job.func == SAMPLE] == [[5]]
    assert ran == [5]
    reasons = set(DeadLetter.objects.values_list("reason", flat=True))
    assert "schedule evil: a job takes neither keyword arguments nor a hook" in reasons


def test_the_stock_pages_are_gone(operator):
    for model in (OrmQ, Success, Failure, Schedule):
        assert type(admin.site._registry[model]).__module__.startswith(
            "project.jobs.operations.admin"
        )
    assert Task not in admin.site._registry


@pytest.mark.parametrize(
    "old, new", [(OrmQ, QueuedJob), (Success, FinishedJob), (Failure, FailureNote)]
)
def test_the_stock_addresses_lead_to_ours(operator, old, new):
    answer = operator.get(address(old, "changelist"))
    assert answer.headers["Location"] == address(new, "changelist")
    answer = operator.get(address(old, "change", 1))
    assert answer.headers["Location"] == address(new, "change", 1)
    assert old._meta.verbose_name_plural.capitalize() not in str(operator.get("/admin/").content)


def test_the_queue_shows_what_waits(operator):
    plant_everything()
    page = operator.get(address(QueuedJob, "changelist")).content.decode()
    assert SAMPLE in page
    assert "unreadable: not signed by this instance" in page


@pytest.mark.parametrize("model", SHOWN)
def test_rows_of_programs_are_not_added(operator, model):
    plant_everything()
    assert operator.get(address(model, "add")).status_code == 403


@pytest.mark.parametrize("model", [model for model in SHOWN if model is not QueuedJob])
def test_rows_of_programs_are_not_changed(operator, model):
    plant_everything()
    row = model.objects.values_list("pk", flat=True).first()
    assert operator.post(address(model, "change", row), {"key": "x"}).status_code == 403


def act(client: Client, model: type, action: str, *chosen: object) -> str:
    rows = chosen or list(model.objects.values_list("pk", flat=True))
    asked = {"action": action, "_selected_action": rows}
    return client.post(address(model, "changelist"), asked, follow=True).content.decode()


def test_a_failed_job_is_retried_by_a_click(operator, run_jobs):
    plant_tasks()
    FailureNote.objects.write({"id": "b" * 32, "func": SAMPLE, "args": [9]}, "Error: no")
    assert "Error: no" in operator.get(address(FailureNote, "changelist")).content.decode()
    assert "1 is queued again" in act(operator, FailureNote, "retry")
    run_jobs()
    assert ran == [9]
    assert not Failure.objects.exists()


def test_a_failed_job_that_is_not_registered_is_not_retried(operator):
    plant_everything()
    OrmQ.objects.all().delete()
    assert "is not a registered job" in act(operator, FailureNote, "retry")
    assert Failure.objects.exists()
    assert not OrmQ.objects.exists()


def test_failures_are_shown_and_retried_by_cause(operator, run_jobs):
    for number in range(3):
        task = {"id": str(number), "func": SAMPLE, "args": [number]}
        FailureNote.objects.write(task, f"Error: no {number}")
    FailureNote.objects.write({"id": "x", "func": SAMPLE, "args": [9]}, "KeyError: 'a'")
    page = operator.get(address(FailureGroup, "changelist")).content.decode()
    link = f"{address(FailureNote, 'changelist')}?func={SAMPLE}&amp;cause=Error%3A+no+%23"
    assert f'<a href="{link}">3</a>' in page
    of_it = operator.get(link.replace("&amp;", "&")).content.decode()
    assert "Error: no 2" in of_it
    assert "KeyError" not in of_it
    group = FailureGroup.objects.get(cause="Error: no #")
    assert "3 are queued again" in act(operator, FailureGroup, "retry", group.pk)
    run_jobs()
    assert sorted(ran) == [0, 1, 2]
    assert FailureNote.objects.get().pk == "x"
    assert "gone already" in act(operator, FailureGroup, "retry", group.pk)


def test_finished_jobs_show_where_and_how_long(operator):
    now = timezone.now()
    FinishedJob.objects.create(
        id="a", name="a", func=SAMPLE, argument="7", owner="user:1", queue="import",
        worker="web-1:99", started=now - timedelta(seconds=1.25), stopped=now,
    )  # fmt: skip
    page = operator.get(address(FinishedJob, "changelist") + "?queue=import").content.decode()
    for shown in ("import", "web-1:99", "1.250", "user:1"):
        assert shown in page


def test_a_dead_letter_is_released_by_a_click(operator, run_jobs):
    DeadLetter.objects.create(key="housekeeping", payload=Job.new(SAMPLE, 4).payload(), reason="r")
    assert "is in the queue again" in act(operator, DeadLetter, "release")
    run_jobs()
    assert ran == [4]


def schedule_form(**changed: object) -> dict[str, object]:
    tomorrow = timezone.now() + timedelta(days=1)
    return {
        "name": "mine",
        "func": SAMPLE,
        "args": "7",
        "schedule_type": "D",
        "minutes": "",
        "repeats": "-1",
        "next_run_0": f"{tomorrow:%Y-%m-%d}",
        "next_run_1": "09:00",
        **changed,
    }


def test_a_schedule_takes_a_registered_job_and_one_id(operator):
    operator.post(address(Schedule, "add"), schedule_form())
    assert Schedule.objects.get().func == SAMPLE
    operator.post(address(Schedule, "add"), schedule_form(name="text", args='"an-id"'))
    assert Schedule.objects.get(name="text").args == '"an-id"'


@pytest.mark.parametrize(
    "changed",
    [
        {"func": "os.system"},
        {"args": "'x'"},
        {"args": "[1]"},
        {"args": '"touch /x"'},
        {"args": "__import__('os')"},
        {"schedule_type": "C"},
        {"name": "timetable: mine"},
    ],
    ids=str,
)
def test_a_schedule_takes_nothing_else(operator, changed):
    answer = operator.post(address(Schedule, "add"), schedule_form(**changed))
    assert answer.status_code == 200
    assert not Schedule.objects.exists()


def test_kwargs_and_hook_cannot_be_smuggled_into_a_schedule(operator):
    smuggled = schedule_form(kwargs="a=1", hook="os.system", cluster="x", cron="* * * * *")
    operator.post(address(Schedule, "add"), smuggled)
    schedule = Schedule.objects.get()
    assert (schedule.kwargs, schedule.hook, schedule.cluster) == (None, None, None)


def test_the_timetable_can_be_paused_but_not_changed(operator):
    schedule = Schedule.objects.create(name="timetable: a", func=SAMPLE, schedule_type="I")
    page = address(Schedule, "change", schedule.pk)
    operator.post(page, schedule_form(func=next(iter(KNOWN)), repeats="0"))
    schedule.refresh_from_db()
    assert (schedule.func, schedule.repeats) == (SAMPLE, 0)
    assert operator.get(address(Schedule, "delete", schedule.pk)).status_code == 403
