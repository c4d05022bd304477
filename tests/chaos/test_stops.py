"""SIGTERM while many jobs are in flight: they end, what had not begun stays, nothing doubles."""

import time
from collections import Counter
from collections.abc import Callable

import pytest

from publishing.models import Delivery, Post
from social.models import Channel
from tests.hazards.stage import begun, eventually, is_empty, queue, touched, waiting
from tests.people import create_person
from tests.publishing.factories import page_channel, x_channel
from tests.sandbox import Sandbox
from tests.workers import Worker

from .counts import STOPS, say, spread

PATIENCE = 60  # seconds
JOBS = 100  # that wait, queued before each stop
WORKERS = {"COUNT": "3", "TIME_SCALE": "1"}
PEOPLE = 40  # each with an account at both networks
EACH = 2  # posts of each account; one at a time is in flight
SLOW = 500  # milliseconds that a network takes to create a post


def stop(worker: Worker) -> float:
    """Seconds until it was out, in order."""
    asked = time.monotonic()
    assert worker.stop() == 0, worker.output()
    assert touched() == 0
    return time.monotonic() - asked


def test_waiting_jobs_end_and_the_others_stay(hazardous, diary):
    seconds, flying = [], []
    for round in range(STOPS):
        worker = hazardous(**WORKERS)
        assert eventually(is_empty, PATIENCE), worker.output()  # what the last one left
        before = len(begun(diary))
        queue("wait", *range(round * JOBS, round * JOBS + JOBS), on="publish")
        assert eventually(lambda: len(begun(diary)) >= before + 50, PATIENCE), worker.output()  # noqa: B023
        seconds.append(stop(worker))
        flying.append(len(begun(diary)) - before)
        assert waiting("wait") == JOBS - flying[-1]
    last = hazardous(**WORKERS)
    assert eventually(is_empty, PATIENCE), last.output()
    assert begun(diary) == {("wait", str(key)): 1 for key in range(STOPS * JOBS)}
    say(f"SIGTERM with {min(flying)} to {max(flying)} waiting jobs in flight: {spread(seconds)}")


@pytest.fixture
def crowd(sandbox: Sandbox, transactional_db: None) -> list[Channel]:
    """Many accounts at networks that are slow and have no limits."""
    sandbox.call("POST", "/reset", json={"fixture": "crowd"})
    for endpoint in ("POST /2/tweets", "facebook.app", "facebook.page"):
        who = {"who": "app"} if endpoint.startswith("POST") else {}
        sandbox.change("bucket", endpoint=endpoint, limit=10_000_000, **who)
    for path in (r"^/2/tweets$", r"/feed$"):
        match = {"method": "POST", "path_regex": path}
        action = {"delay_ms": SLOW}
        sandbox.call("POST", "/faults", json={"match": match, "action": action, "times": None})
    return [channel for number in range(PEOPLE) for channel in accounts(sandbox, number)]


def accounts(sandbox: Sandbox, number: int) -> tuple[Channel, Channel]:
    name = f"crowd{number:03d}"
    user = create_person(name)
    page = page_channel(user, told=sandbox.token("facebook", str(910000000000000 + number)))
    return x_channel(user, told=sandbox.token("x", name)), page


def publish(channels: list[Channel], round: int) -> None:
    for channel in channels:
        user = channel.connection.user
        for number in range(EACH):
            Post.objects.publish(user, f"Number {round}.{number} of {user.username}", [channel])


def test_deliveries_end_and_the_others_stay(start_worker: Callable[..., Worker], sandbox, crowd):
    seconds, flying = [], []
    for round in range(STOPS):
        worker = start_worker(**WORKERS)
        assert eventually(lambda: not unsent(), PATIENCE), worker.output()
        publish(crowd, round)
        flying.append(most_in_flight())
        seconds.append(stop(worker))
        assert states() <= {"sent", "queued"}, worker.output()
    last = start_worker(**WORKERS)
    assert eventually(lambda: not unsent(), PATIENCE), last.output()
    made = Counter((post["network"], post["text"]) for post in sandbox.truth())
    assert len(made) == STOPS * EACH * len(crowd) and set(made.values()) == {1}
    say(f"SIGTERM with {min(flying)} to {max(flying)} deliveries in flight: {spread(seconds)}")


def states() -> set[str]:
    return set(Delivery.objects.values_list("state", flat=True))


def unsent() -> bool:
    return Delivery.objects.exclude(state="sent").exists()


def most_in_flight(wanted: int = 50) -> int:
    """As many as there come to be within two seconds, or as are wanted."""
    until, flying = time.monotonic() + 2, 0
    while flying < wanted and time.monotonic() < until:
        flying = Delivery.objects.filter(state="sending").count()
    return flying
