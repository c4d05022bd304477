"""A worker that dies at any step of a send to a network that knows requests by their keys: one post
each, and nobody is asked."""

import pytest
from django_q.models import OrmQ

from publishing.deliveries.sweep import sweep
from publishing.models import Delivery
from social.models import CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from tests import workers
from tests.people import create_person
from tests.publishing.conftest import add_keyed, keyed_channel
from tests.publishing.factories import let_time_pass, publish

from .steps import KILLED, Struck
from .test_crash_points import EVERY, HARMLESS

pytestmark = pytest.mark.django_db(transaction=True)
FATES = ("made", "cut after", "cut before", "killed before", "killed after")
ROUNDS = 6  # until all is settled: a lease, and a repeat or two


@pytest.fixture(params=[True, False], ids=["finds by key", "keeps keys"])
def keyed(request, monkeypatch, tmp_path):
    return add_keyed(monkeypatch, tmp_path, request.param)


@pytest.fixture
def shelves():
    """A channel of somebody new, each time."""
    numbers = iter(range(400))

    return lambda: keyed_channel(create_person(f"shelf{next(numbers):03d}"))


def send(keyed, channel, fate, at=0):
    """By a worker of its own that dies there: the steps that it reached."""
    OrmQ.objects.all().delete()
    CircuitBreaker.objects.all().delete()  # so many in doubt look like a network that is away
    forget_known_breakers()
    publish(channel, f"{fate}, {at}.")
    keyed.fates = [fate]
    worker = Struck(workers.run_one, at=at)
    steps = worker.wait()
    assert worker.code == (KILLED if at or "killed" in fate else 0), steps
    keyed.fates = []
    return steps


def test_a_worker_may_die_at_every_step(keyed, shelves, run_jobs):
    count = 0
    for fate in FATES:
        steps = send(keyed, shelves(), fate)
        for at in [n for n, step in enumerate(steps, 1) if EVERY or not HARMLESS.match(step)]:
            assert len(send(keyed, shelves(), fate, at)) == at
            count += 1
    for _ in range(ROUNDS):
        CircuitBreaker.objects.all().delete()
        forget_known_breakers()
        let_time_pass(minutes=3)
        sweep()
        run_jobs()
    print(f"\n→ a worker died at {count} steps, {len(keyed.requests)} requests")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    texts = [there["text"] for there in keyed.posts]
    assert len(texts) == len(set(texts)) == Delivery.objects.count()
