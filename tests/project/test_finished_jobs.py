"""Jobs that ended: failures by cause, retried or discarded by a person, and what is forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.tasks import async_task

from project.jobs.models import (
    AuditLogEntry,
    FailureGroup,
    FailureNote,
    FinishedJob,
    ForgottenJobs,
    QueuedJob,
)
from project.jobs.models import finished_jobs as finished_models
from project.jobs.models.failures import cause_of
from project.jobs.tasks import prune
from tests.project.job_samples import KNOWN

pytestmark = pytest.mark.django_db
FAILING = "tests.project.job_samples.fail"
ENDED = {"name": "n", "func": "f", "queue": "publish"}


@pytest.fixture(autouse=True)
def sample_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *KNOWN))


@pytest.mark.parametrize(
    "errors, cause",
    [
        (["KeyError: 'x1'", "KeyError: 'y2'"], "KeyError: …"),
        (['V: "a" of 3', 'V: "b c" of 14'], "V: … of #"),
        (["T: read timed out. (read timeout=4.97)"], "T: read timed out. (read timeout=#)"),
        (["E: http://a/1?x=2 is away", "E: https://b:80/ is away"], "E: … is away"),
        (["E: no ann@example.org", "E: no bob@example.net"], "E: no …"),
        (
            ["E: b6a7c6a5-2f0e-4d07-9d83-1fd5b64a7f0e", "E: 1fd5b64a7f0eb6a7c6a5", "E: 0x7f00a1"],
            "E: #",
        ),
        (["E: it isn't there, so we don't"], "E: it isn't there, so we don't"),
        (["E: 10.0.0.1:80", "E: 10.20.0.3:5432"], "E: #"),
        (["E:  two\n lines"], "E: two lines"),
    ],
)
def test_a_cause_is_an_error_without_its_particulars(errors, cause):
    assert {cause_of(error) for error in errors} == {cause}


def test_a_cause_fits_its_column():
    assert len(cause_of("x" * 900)) == 200


def failed(count: int, run_jobs: Any, queue: str = "import") -> None:
    for number in range(count):
        async_task(FAILING, number, group=f"user:{number}", broker=get_broker(queue))
    run_jobs(failing=True)


def note(key: str, error: str, func: str = FAILING, args: tuple = ()) -> None:
    FailureNote.objects.write({"id": key, "func": func, "args": args}, error)


def test_failures_of_one_cause_are_one_group(run_jobs):
    failed(3, run_jobs)
    note("other", "KeyError: 'x'")
    groups = {group.cause: group for group in FailureGroup.objects.all()}
    assert {cause: group.failures for cause, group in groups.items()} == {
        "RuntimeError: no luck with access_token=[redacted]": 3,
        "KeyError: …": 1,
    }
    of_it = FailureNote.objects.filter(cause__startswith="Runtime").order_by("failed_at")
    group = groups["RuntimeError: no luck with access_token=[redacted]"]
    assert (group.first, group.last) == (of_it[0].failed_at, of_it[2].failed_at)
    assert [row["failures"] for row in FailureNote.objects.groups()] == [1, 3]


def test_a_group_stands_for_the_same_row_while_more_fail(run_jobs):
    failed(1, run_jobs)
    before = FailureGroup.objects.get()
    failed(1, run_jobs)
    assert FailureGroup.objects.get() == before
    assert FailureNote.objects.like(FailureGroup.objects.all()).count() == 2


def test_nothing_fails_twice_by_itself(run_jobs):
    failed(1, run_jobs)
    assert run_jobs(until=timezone.now() + timedelta(days=30)) == []


def test_a_whole_group_is_retried_where_it_came_from(run_jobs, alice):
    failed(3, run_jobs)
    note("other", "KeyError: 'x'")
    chosen = FailureGroup.objects.filter(cause__startswith="Runtime")
    assert FailureNote.objects.like(chosen).retry_all(alice) == (3, {})
    queued = QueuedJob.objects.order_by("argument").values_list("key", "argument", "owner")
    assert list(queued) == [("import", str(n), f"user:{n}") for n in range(3)]
    assert FailureNote.objects.get().task_id == "other"
    assert not FinishedJob.objects.exists()
    assert str(AuditLogEntry.objects.get()) == "alice retried 3 failed jobs"


def test_retrying_twice_queues_once(run_jobs):
    failed(1, run_jobs)
    key = FailureNote.objects.get().pk
    assert FailureNote.objects.filter(pk=key).retry_all() == (1, {})
    assert FailureNote.objects.filter(pk=key).retry_all() == (0, {})
    assert QueuedJob.objects.count() == 1


def test_what_is_no_job_any_more_stays_and_says_why():
    note("a", "E: 1", "os.system", ("true",))
    note("b", "E: 2", args=(1,))
    done, refused = FailureNote.objects.all().retry_all()
    assert (done, dict(refused)) == (1, {"'os.system' is not a registered job": 1})
    assert FailureNote.objects.get().task_id == "a"
    assert QueuedJob.objects.get().key == "housekeeping"  # nobody knows where it came from


def test_failures_are_discarded_with_their_rows(run_jobs, alice):
    failed(2, run_jobs)
    assert FailureNote.objects.all().discard_all(alice) == 2
    assert not FailureNote.objects.exists()
    assert not FinishedJob.objects.exists()
    assert str(AuditLogEntry.objects.get()) == "alice discarded 2 failed jobs"


# ── What is forgotten ─────────────────────────────────────────────────────────────────────────
def end(count: int, **more: Any) -> None:
    now = timezone.now()
    FinishedJob.objects.bulk_create(
        FinishedJob(
            id=f"{more}{number}"[-32:],
            started=now,
            stopped=now - timedelta(minutes=number),
            **ENDED | more,
        )
        for number in range(count)
    )


def test_pruning_goes_in_batches_and_keeps_the_newest(settings, monkeypatch):
    settings.KEEP_FINISHED_JOBS = 4
    monkeypatch.setattr(finished_models, "ROWS_PER_DELETE", 3)
    end(8)
    end(4, queue="import")
    end(3, success=False)
    deleted: list[int] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("DELETE FROM django_q_task"):
            deleted.append(len(params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        prune()
    assert max(deleted) == 3
    assert sum(deleted) == 8
    kept = FinishedJob.objects.succeeded().values_list("queue", flat=True)
    assert sorted(kept) == ["import", "import", "publish", "publish"]
    assert FinishedJob.objects.filter(success=False).count() == 3


def test_pruning_much_goes_on_next_time(settings, monkeypatch):
    settings.KEEP_FINISHED_JOBS = 1
    monkeypatch.setattr(finished_models, "ROWS_PER_DELETE", 2)
    monkeypatch.setattr(finished_models, "DELETES_PER_QUEUE", 2)
    end(8)
    prune()
    assert FinishedJob.objects.count() == 4
    prune()
    assert FinishedJob.objects.count() == 1


def test_pruning_nothing():
    prune()
    end(2)
    prune()
    assert FinishedJob.objects.count() == 2


def test_what_is_counted_for_ever_never_shrinks(settings):
    end(5)
    end(2, success=False)
    end(1, queue=None)
    before = FinishedJob.objects.totals()
    assert before == {("publish", True): 5, ("publish", False): 2, ("", True): 1}
    settings.KEEP_FINISHED_JOBS = 1
    prune()
    prune()
    FinishedJob.objects.filter(success=False).forget()
    assert FinishedJob.objects.totals() == before
    assert (
        sum(ForgottenJobs.objects.values_list("jobs", flat=True)) == 8 - FinishedJob.objects.count()
    )
