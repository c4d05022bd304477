"""What our migrations, statements and workers need of django-q2's tables. An upgrade that changes
them fails here first: look at 0002_queue, queueing, claiming and running before going on."""

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from project.jobs.models import QueuedJob

OURS = {
    OrmQ: {
        "priority",
        "owner",
        "network",
        "func",
        "argument",
        "job",
        "queue_position",
        "starts",
        "holder",
    },
    Task: {"argument", "worker"},
    Schedule: set(),
}
THEIRS = {
    OrmQ: {"id", "key", "payload", "lock"},
    Task: {
        *("id", "name", "func", "hook", "args", "kwargs", "result", "group", "cluster"),
        *("started", "stopped", "success", "attempt_count"),
    },
    Schedule: {
        *("id", "name", "func", "hook", "args", "kwargs", "schedule_type", "minutes", "repeats"),
        *("next_run", "task", "cron", "cluster", "intended_date_kwarg"),
    },
}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", list(THEIRS), ids=lambda model: model.__name__)
def test_its_tables_have_their_columns_and_ours(model):
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, model._meta.db_table)
    assert {column.name for column in found} == THEIRS[model] | OURS[model]
    assert {field.column for field in model._meta.concrete_fields} == THEIRS[model]


def test_a_row_that_it_inserts_itself_is_one_of_ours():
    """It knows nothing of our columns: they have defaults."""
    row = OrmQ.objects.create(key="publish", payload="as it likes", lock=timezone.now())
    ours = QueuedJob.objects.get(pk=row.pk)
    assert (ours.priority, ours.starts, ours.holder, ours.queue_position) == (0, 0, "", None)


def test_what_it_finishes_itself_is_one_of_ours():
    now = timezone.now()
    Task.objects.create(id="1", name="one", func="f", started=now, stopped=now, success=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT argument, worker FROM django_q_task")
        assert cursor.fetchall() == [("", "")]


def test_a_task_is_kept_once():
    """Writing one down twice is ignored because of this key."""
    now = timezone.now()
    for _ in range(2):
        task = Task(id="1", name="one", func="f", started=now, stopped=now, success=True)
        try:
            task.save(force_insert=True)
        except IntegrityError:
            return
    pytest.fail("two of one id")
