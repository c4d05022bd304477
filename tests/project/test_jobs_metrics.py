"""/metrics: what Prometheus and platforms that scale read."""

import re
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from project.jobs.models import DeadLetter, FailureNote, FinishedJob, Heartbeat, PausedQueue
from project.jobs.operations.metrics import HELP, as_text
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import NewRow, insert
from project.jobs.tasks import prune
from publishing.states import STATES
from tests.addresses import things_of

pytestmark = pytest.mark.django_db
JOB = "project.jobs.tasks.prune"
LINE = re.compile(r'fanfare_(\w+)(\{\w+="[^"\n]*"(?:,\w+="[^"\n]*")*\})? (-?\d+(?:\.\d+)?)')


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    caches["process"].clear()


def ask(token: str | None = "metrics-token-of-the-tests", scheme: str = "Bearer"):
    headers = {"Authorization": f"{scheme} {token}"} if token is not None else {}
    return Client().get("/metrics", headers=headers)


def read(text: str | None = None) -> dict[str, float]:
    """name{labels} → value. Whatever else is in the text must explain a name that follows."""
    values, explained = {}, ""
    for line in (text or ask().content.decode()).splitlines():
        if line.startswith("# "):
            _, word, explained, *rest = line.split(" ", 3)
            assert word in ("HELP", "TYPE")
            assert rest
        else:
            name, labels, value = LINE.fullmatch(line).groups()
            assert explained == f"fanfare_{name}"
            assert f"{name}{labels or ''}" not in values
            values[f"{name}{labels or ''}"] = float(value)
    return values


@pytest.mark.parametrize(
    "token, scheme",
    [
        (None, ""),
        ("", "Bearer"),
        ("wrong", "Bearer"),
        ("metrics-token-of-the-tests", "Basic"),
        ("Ångström", "Bearer"),
    ],
)
def test_nobody_reads_it_without_the_token(token, scheme):
    answer = ask(token, scheme)
    assert answer.status_code == 403
    assert b"fanfare_" not in answer.content


def test_without_a_token_set_there_is_no_such_page(settings):
    settings.METRICS_TOKEN = ""
    assert ask("").status_code == 404
    assert ask(None).status_code == 404


def test_it_is_text_that_prometheus_reads():
    answer = ask()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = answer.content.decode()
    assert text.endswith("\n")
    assert read(text)
    for name, (kind, _) in HELP.items():
        assert name.endswith("_total") == (kind == "counter")


def test_every_number(alice, settings):
    now = timezone.now()
    for seconds in (-30, -20, 600):
        insert([NewRow("import", Job.new(JOB), now + timedelta(seconds=seconds))])
    for n in range(3):
        FinishedJob.objects.create(
            id=str(n), name="n", func=JOB, queue="import", started=now - timedelta(seconds=2),
            stopped=now, success=n > 0,
        )  # fmt: skip
    Heartbeat.objects.start("worker")
    FailureNote.objects.write({"id": "0", "func": JOB, "args": []}, "E")
    DeadLetter.objects.create(key="import", payload="?", reason="r")
    PausedQueue.objects.pause("mail")
    things_of(alice)
    found = read()
    assert 30 <= found.pop('queue_oldest_due_seconds{queue="import"}') < 60
    expected = {
        'queue_waiting{queue="import"}': 2,
        'queue_asleep{queue="import"}': 1,
        'queue_running{queue="import"}': 0,
        'queue_paused{queue="import"}': 0,
        'queue_paused{queue="mail"}': 1,
        'queue_slots{queue="import"}': settings.JOB_SLOTS["import"],
        'queue_advised_slots{queue="import"}': 1,
        'jobs_finished_total{queue="import",outcome="success"}': 2,
        'jobs_finished_total{queue="import",outcome="failure"}': 1,
        "jobs_failed": 1,
        "jobs_set_aside": 1,
        'deliveries{state="queued"}': 2,
        'deliveries{state="failed"}': 0,
        "workers": 1,
    }
    assert {name: found.get(name) for name in expected} == expected
    assert {f'deliveries{{state="{state}"}}' for state in STATES} <= found.keys()
    assert 'queue_advised_slots{queue="mail"}' not in found  # nobody knows


def test_a_counter_never_shrinks_and_is_exact(settings):
    now = timezone.now()
    for n in range(5):
        FinishedJob.objects.create(
            id=str(n), name="n", func=JOB, queue="mail", started=now,
            stopped=now - timedelta(minutes=n),
        )  # fmt: skip
    settings.KEEP_FINISHED_JOBS = 2
    prune()
    assert FinishedJob.objects.count() == 2
    assert read()['jobs_finished_total{queue="mail",outcome="success"}'] == 5


def test_odd_names_and_large_numbers_are_written_as_they_should():
    text = as_text(iter([("jobs_finished_total", {"queue": 'a"b\\c\nd'}, 123456789)]))
    assert text.splitlines()[-1] == 'fanfare_jobs_finished_total{queue="a\\"b\\\\c\\nd"} 123456789'
