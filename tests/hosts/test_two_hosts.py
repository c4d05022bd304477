"""Two machines by their names only, on either database: what one leaves behind, the other takes
over when nobody has renewed its lease."""

import pytest

from project.jobs.models import Heartbeat
from tests.hazards.stage import begun, entries, eventually, is_empty, queue
from tests.publishing.conftest import x  # noqa: F401
from tests.publishing.factories import publish, reloaded
from tests.workers import Worker

JOBS = range(2)


@pytest.fixture
def host(hazardous, start_worker, diary):
    """A worker that believes to be on a machine of this name."""

    def start(name: str) -> Worker:
        return start_worker(
            DJANGO_SETTINGS_MODULE="tests.hosts.settings",
            HOST_NAME=name,
            HAZARDS=str(diary),
            TIME_SCALE="0.05",
            COUNT="1",
        )

    return start


@pytest.mark.django_db(transaction=True)
def test_one_machine_takes_over_what_another_left(host, diary, x, sandbox):  # noqa: F811
    sandbox.arm("x.timeout.after")
    left = host("left")
    queue("dawdle", *JOBS, on="publish")
    delivery = publish(x)
    assert eventually(lambda: len(begun(diary)) == len(JOBS) and sandbox.truth()), left.output()
    left.kill()
    right = host("right")

    assert eventually(lambda: begun_by(right, diary) == set(map(str, JOBS))), right.output()
    assert eventually(lambda: reloaded(delivery).state != "sending"), right.output()
    assert reloaded(delivery).state in ("unconfirmed", "sent")  # found by now, perhaps
    assert eventually(is_empty), right.output()
    assert len(sandbox.truth()) == 1
    assert {row.host for row in Heartbeat.objects.filter(kind="worker")} == {"left", "right"}


def begun_by(worker: Worker, diary) -> set[str]:
    pids = worker.children()
    return {entry.key for entry in entries(diary) if entry.pid in pids}
