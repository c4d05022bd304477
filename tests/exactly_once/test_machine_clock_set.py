"""The clock of a machine is set, an hour on or back, at any moment of a send."""

import datetime as real

import pytest
from django.utils import timezone

from publishing.deliveries import claims
from publishing.deliveries.send import Sender
from publishing.deliveries.sweep import sweep
from tests.publishing.factories import publish, reloaded

from .checker import Check, truth_of
from .test_crash_points import NETWORKS, a_fresh_worker

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = real.timedelta(hours=1)
# At the network, where it happens, and whether the clock is right again when the worker goes on.
CASES = [("x", "take", False), ("x", "check_length", False)]
CASES += [(network, "publish", back) for network in NETWORKS for back in (False, True)]


@pytest.fixture
def clock(monkeypatch):
    """Whatever asks Django what time it is, also as the default of a field."""

    class Clock(real.datetime):
        ahead = real.timedelta()

        @classmethod
        def now(cls, tz=None):
            return real.datetime.now(tz) + cls.ahead

    monkeypatch.setattr(timezone, "datetime", Clock)
    return Clock


def once_during(monkeypatch, where, step, act):
    call, left = getattr(where, step), [act]

    def interrupted(*args):
        while left:
            left.pop()()
        return call(*args)

    monkeypatch.setattr(where, step, interrupted)


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["on", "back"])
@pytest.mark.parametrize(("network", "step", "back"), CASES)
def test_a_jump_doubles_nothing(
    network, step, jump, back, clock, crowd, sandbox, run_jobs, monkeypatch
):
    """Others take the one who sends for gone, and act; then it goes on."""
    delivery = publish(crowd(network))

    def others_act():
        clock.ahead = jump
        sweep()
        run_jobs()
        if back:
            clock.ahead = real.timedelta()

    where = {"publish": type(delivery.channel.network), "take": claims, "check_length": Sender}
    once_during(monkeypatch, where[step], step, others_act)
    run_jobs()
    a_fresh_worker(run_jobs)
    check = Check(truth_of(sandbox.truth(network)))
    assert not check.violations, "\n".join(check.violations)
    assert reloaded(delivery).state == "sent"
