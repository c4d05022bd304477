"""A worker that stands still (SIGSTOP, a machine that sleeps) while others take it for gone."""

import time

import pytest
from django_q.models import OrmQ

from publishing.deliveries import send as sending
from social.networks import http
from tests import workers
from tests.publishing.factories import publish

from .checker import Check, truth_of
from .steps import INSIDE, Struck, freeze
from .test_crash_points import NETWORKS, a_fresh_worker

pytestmark = pytest.mark.django_db(transaction=True)
WINDOW = 0.5  # seconds instead of half a minute, within which a send must have begun


def in_a_hurry() -> None:
    """A worker for which a short while is long."""
    sending.SEND_WINDOW_SECONDS = WINDOW
    http.scaled = lambda _: WINDOW  # of each call's deadline
    workers.run_one()


def points(steps: list[str]) -> list[int]:
    """Where it holds no lock that others would wait for, until its first byte."""
    first_byte = next(n for n, step in enumerate(steps) if step.startswith("bytes"))
    inside = [step.startswith(INSIDE) for step in steps[:first_byte]]
    return [number for number, is_inside in enumerate(inside, 1) if not is_inside]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_worker_that_wakes_late_sends_nothing(network, crowd, sandbox, run_jobs):
    publish(crowd(network), "How many steps?")
    steps, frozen = Struck(workers.run_one).wait(), []
    for at in points(steps):
        OrmQ.objects.all().delete()
        publish(crowd(network), f"Frozen before step {at}.")
        frozen.append(Struck(in_a_hurry, at=at, strike=freeze))
        frozen[-1].wait_until_frozen()
    woken = time.monotonic() + WINDOW
    a_fresh_worker(run_jobs)
    time.sleep(max(0.0, woken - time.monotonic()))
    for worker in frozen:
        worker.thaw()
        worker.wait()
    a_fresh_worker(run_jobs)
    check = Check(truth_of(sandbox.truth(network)))
    print(f"\n→ {network}: a worker was frozen at {len(frozen)} steps; {check.says()}")
    assert not check.violations, "\n".join(check.violations)
    assert set(check.states) == {"sent"}
