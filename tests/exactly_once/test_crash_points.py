"""A worker that dies at any step of a send (reliability.md 3.4), and a fresh one after it."""

import os
import re
import time

import pytest
from django.db.models import Q
from django_q.models import OrmQ

from publishing.deliveries.sweep import sweep
from publishing.models import Delivery
from publishing.states import DONE
from social.connections.connect import accept_grant
from social.connections.probe import probe_tripped
from social.models import Channel, CircuitBreaker, Connection
from social.models.circuit_breaker import forget_known_breakers
from tests import workers
from tests.pictures import drawn
from tests.publishing.factories import let_time_pass, publish

from .checker import ASKS, Check, truth_of
from .steps import INSIDE, KILLED, Struck

pytestmark = pytest.mark.django_db(transaction=True)
EVERY = "CRASHES" in os.environ  # all, also those that cannot make a difference
HARMLESS = re.compile(f"({INSIDE})?(select|begin)")
NETWORKS = {"x": "x", "facebook": "fb"}  # and how its faults are called
# What becomes of the create when nobody dies, and whether it is there then.
FATES = {
    "made": ("", True),
    "made, no answer": ("cut.after", True),
    "not made, no answer": ("cut.before", False),
    "made, refused all the same": ({"x": "403.right.after", "fb": "200.after"}, True),
    "made, no answer, hidden": ("cut.after", True),  # from reads that ask for a date
}
if EVERY:
    FATES["limited"] = ({"x": "429.window", "fb": "4"}, False)
    FATES["refused"] = ({"x": "403.policy", "fb": "100"}, False)
    FATES["no right"] = ({"x": "403.right", "fb": "200"}, False)
    FATES["made, no such place"] = ({"x": "404.after", "fb": "100.33.after"}, True)
    FATES["asked twice"] = ({"x": "403.duplicate.after", "fb": "506.after"}, True)
    FATES["made with a picture"] = ("", True)
CREATE = re.compile(r"bytes: POST \S+/(tweets|feed) ")


class Case:
    """One delivery, with what happens to it at the network, sent by a worker of its own."""

    def __init__(self, sandbox, channel: Channel, fate: str) -> None:
        self.sandbox, self.fate = sandbox, fate
        self.text = f"To {channel.account}, {fate}."
        preset, self.is_made = FATES[fate]
        if preset:
            prefix = NETWORKS[channel.network_name]
            name = preset if isinstance(preset, str) else preset[prefix]
            sandbox.arm(f"{prefix}.{name}", match={"text_contains": self.text.split(",")[0]})
        sandbox.change("hide", share=int("hidden" in fate))
        OrmQ.objects.all().delete()  # what earlier ones left is lost: that must not matter either
        CircuitBreaker.objects.all().delete()  # so many in doubt look like a network that is away
        forget_known_breakers()
        media = [(drawn(), "Red beside blue")] if "picture" in fate else []
        self.delivery = publish(channel, self.text, media=media)

    def run(self, die_at: int = 0) -> list[str]:
        """The steps it reached. What was sent has arrived when this returns."""
        worker = Struck(workers.run_one, at=die_at)
        steps = worker.wait()
        assert worker.code == (KILLED if die_at else 0), steps
        create = next((n for n, step in enumerate(steps) if CREATE.match(step)), len(steps))
        if self.is_made and "bytes are sent" in steps[create:]:
            until = time.monotonic() + 5
            while not self.sandbox.truth(text=self.text):
                assert time.monotonic() < until
        return steps


def points(steps: list[str], fate: str) -> list[int]:
    """The numbers of the steps to die before. Until the first byte all fates are alike, and after
    the last word about the delivery."""
    if EVERY:
        return list(range(1, len(steps) + 1))
    found = [n for n, step in enumerate(steps, 1) if not HARMLESS.match(step)]
    if fate == "made":
        return found
    first_byte = next(n for n, step in enumerate(steps, 1) if step.startswith("bytes"))
    return [n for n in found if n > first_byte and "django_q" not in steps[n - 1]]


def a_fresh_worker(run_jobs) -> None:
    """Settles it all, an hour later by its clock."""
    for _ in range(15):
        let_time_pass(minutes=5)
        sweep()
        probe_tripped()
        run_jobs()
        if not Delivery.objects.exclude(state__in=DONE).exclude(waiting_for__in=ASKS).exists():
            return


def people_come_back(run_jobs) -> None:
    """Who was told that a right is missing grants it, and what waited for that goes out."""
    cut_off = Q(blocked_reason__gt="") | Q(channels__blocked_reason__gt="")
    for connection in Connection.objects.filter(cut_off).distinct():
        accept_grant(connection, connection.person, connection.grant())
    a_fresh_worker(run_jobs)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_worker_may_die_at_every_step(network, crowd, sandbox, run_jobs):
    cases, labels = [], []
    for fate in FATES:
        steps = Case(sandbox, crowd(network), fate).run()
        for at in points(steps, fate):
            case = Case(sandbox, crowd(network), fate)
            assert len(case.run(die_at=at)) == at
            cases.append(case)
            labels.append(f"{fate}: {steps[at - 1]}")
    sandbox.disarm()
    a_fresh_worker(run_jobs)
    people_come_back(run_jobs)
    check = Check(truth_of(sandbox.truth(network)))
    print(f"\n→ {network}: a worker died at {len(cases)} steps; {check.says()}")
    assert not check.violations, "\n".join(check.violations)
    assert not check.questions, "\n".join(check.questions)
