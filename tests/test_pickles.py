"""Whoever can write a row of the database runs no code with it, in no process."""

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from picklefield.fields import PickledObjectField

from project.jobs.models import DeadLetter
from project.jobs.queue.timetable import queue_due
from tests.project.test_cache import Bomb, bomb_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def armed(tmp_path):
    """Finished and failed jobs, a queue row and a session that make a file when they are read."""
    now, path = timezone.now(), tmp_path / "ran"
    with connection.cursor() as cursor:
        for key, success in (("a" * 32, True), ("b" * 32, False)):
            Task.objects.create(
                id=key, name=key, func="publishing.tasks.sweep", started=now, stopped=now,
                success=success,
            )  # fmt: skip
        cursor.execute(
            "UPDATE django_q_task SET args = %s, kwargs = %s, result = %s", [bomb_at(path)] * 3
        )
    OrmQ.objects.create(key="publish", payload=bomb_at(path), lock=now)
    Session.objects.create(session_key="s" * 32, session_data=bomb_at(path), expire_date=now)
    yield path
    assert not path.exists()


def test_rows_of_jobs_run_nothing_in_the_pages(armed, admin_client):
    for model in (Task, Success, Failure):
        for row in model.objects.all():
            assert (row.args, row.kwargs, row.result) == (None, None, None)
    for page in ("django_q/success", "django_q/failure", "jobs/finishedjob", "jobs/failurenote"):
        for where in (f"/admin/{page}/", f"/admin/{page}/{'a' * 32}/change/"):
            admin_client.get(where, follow=True)
    assert admin_client.get("/jobs/").status_code == 200
    page = admin_client.get("/admin/jobs/queuedjob/")
    assert page.status_code == 200


def test_a_row_of_the_queue_runs_nothing_in_a_worker(armed, run_jobs):
    run_jobs(failing=True)
    assert DeadLetter.objects.exists() or OrmQ.objects.exists()


def test_a_session_runs_nothing(armed, client):
    client.cookies[settings.SESSION_COOKIE_NAME] = "s" * 32
    assert client.get("/settings/").status_code == 302
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"


def test_a_schedule_runs_what_is_registered_and_nothing_else(armed, run_jobs):
    Schedule.objects.create(
        func="os.mkdir", args=f"({str(armed)!r},)", schedule_type="O", next_run=timezone.now()
    )
    queue_due()
    run_jobs(failing=True)


def test_every_pickled_column_is_one_that_nobody_reads():
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, PickledObjectField):
                assert issubclass(model, Task), f"{model.__name__}.{field.name} is a pickle"
                assert field.to_python("x") is None


def test_the_bomb_is_one(tmp_path):
    Bomb(tmp_path / "ran").__reduce__()[0](*Bomb(tmp_path / "ran").__reduce__()[1])
    assert (tmp_path / "ran").exists()
