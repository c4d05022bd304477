"""What a network said no to and may have taken all the same: nobody is told that it failed."""

import pytest

from publishing.models import Delivery
from social.models import Closure
from social.networks.errors import RateLimited, Rejected, TemporaryError
from social.sandbox.presets import PRESETS

from .conftest import fresh, in_state, publish, settle, time_passes
from .test_faults import TEXT


def test_it_works(bakery, sandbox, run_jobs):
    """The person's three choices, and nobody behind it waits."""
    sandbox.arm("fb.4.after")
    delivery = publish(bakery, TEXT)
    run_jobs()
    there, second = sandbox.truth(text=TEXT)[0], publish(bakery, "Another one.")
    run_jobs()
    assert fresh(second).waiting_for == "rate_limit"
    time_passes(minutes=2)
    run_jobs()
    assert fresh(delivery).state == "unconfirmed" and fresh(second).state == "sent"
    assert fresh(delivery).confirm(f"https://www.facebook.com/{there['id']}")
    assert (fresh(delivery).state, fresh(delivery).remote_id) == ("sent", there["id"])


@pytest.mark.parametrize("preset", ["fb.4.after", "fb.368.after", "fb.3001.after"])
def test_sent_again_after_a_limit_a_duplicate_is_no_failure(preset, bakery, sandbox, run_jobs):
    sandbox.arm(preset)
    delivery = publish(bakery, TEXT)
    run_jobs()
    time_passes(minutes=61)
    assert fresh(delivery).send_again()
    run_jobs()
    assert (fresh(delivery).state, fresh(delivery).reason) == ("unconfirmed", "duplicate_seen")
    assert len(sandbox.truth(text=TEXT)) == 1


def test_a_duplicate_of_what_x_had_limited_is_no_failure(x, sandbox, run_jobs):
    """It limits a create that it took all the same; the next try finds it there."""
    action = PRESETS["x.429.window"].action
    sandbox.call("POST", "/faults", json={"action": action, "phase": "after"})
    delivery = publish(x, TEXT)
    run_jobs()
    assert fresh(delivery).waiting_for == "rate_limit"
    time_passes(minutes=16)
    run_jobs()
    assert (fresh(delivery).state, fresh(delivery).reason) == ("unconfirmed", "duplicate_seen")
    assert len(sandbox.truth(text=TEXT)) == 1


def test_a_duplicate_refusal_after_doubt_asks_the_person(channel):
    delivery = in_state(channel, "unconfirmed")
    delivery.send_again()
    settle(Delivery.objects.claim(delivery.job_id), Rejected("duplicate"))

    delivery = fresh(delivery)
    assert (delivery.state, delivery.reason) == ("unconfirmed", "duplicate_seen")
    assert "the earlier try may have landed" in delivery.sentence


@pytest.mark.parametrize("error", [RateLimited("rate_limit"), RateLimited("credits")])
def test_a_duplicate_refusal_after_a_limit_asks_the_person(error, channel):
    delivery = publish(channel)
    delivery.take()
    settle(delivery, error)
    Closure.objects.open("x", "credits")
    time_passes(hours=1)
    settle(Delivery.objects.claim(delivery.job_id), Rejected("duplicate"))
    assert (fresh(delivery).state, fresh(delivery).reason) == ("unconfirmed", "duplicate_seen")


@pytest.mark.parametrize("reason", ["unreachable", "too_slow_here"])
def test_a_duplicate_refusal_after_what_never_left_is_a_failure(reason, channel):
    delivery = publish(channel)
    delivery.take()
    settle(delivery, TemporaryError(reason))
    time_passes(minutes=5)
    settle(Delivery.objects.claim(delivery.job_id), Rejected("duplicate"))
    assert fresh(delivery).state == "failed"


def test_a_duplicate_refusal_of_a_first_try_is_a_failure(channel):
    delivery = publish(channel)
    delivery.take()
    settle(delivery, Rejected("duplicate"))
    assert fresh(delivery).state == "failed"
