"""What a network said no to and may have taken all the same: nobody is told that it failed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import claim, take
from publishing.deliveries.confirm import confirm
from publishing.deliveries.doubts import verify_anew
from publishing.deliveries.misses import mark_unread
from publishing.deliveries.reconciling import VERIFY_AFTER_SECONDS
from publishing.deliveries.send import Sender
from publishing.deliveries.sweep import sweep
from social.models import CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from social.networks.errors import RateLimited, Rejected, TemporaryError
from tests.publishing.factories import (
    TEXT,
    delivery_in_state,
    finish_send,
    let_time_pass,
    post_by_hand,
    publish,
    reloaded,
    verify_once,
    verify_until_settled,
)
from tests.sandbox import PRESETS


def test_it_works(bakery, sandbox, run_jobs):
    """The person's three choices, and nobody behind it waits."""
    sandbox.arm("fb.4.after")
    delivery = publish(bakery, TEXT)
    run_jobs()
    there, second = sandbox.truth(text=TEXT)[0], publish(bakery, "Another one.")
    run_jobs()
    assert reloaded(second).waiting_for == "rate_limit"
    let_time_pass(minutes=2)
    run_jobs()
    assert reloaded(delivery).state == "unconfirmed" and reloaded(second).state == "sent"
    assert confirm(reloaded(delivery), f"https://www.facebook.com/{there['id']}")
    CircuitBreaker.objects.all().delete()
    forget_known_breakers()
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == ("sent", there["id"])


@pytest.mark.parametrize("preset", ["fb.4.after", "fb.368.after", "fb.3001.after"])
def test_sent_again_after_a_limit_a_duplicate_is_no_failure(preset, bakery, sandbox, run_jobs):
    sandbox.arm(preset)
    delivery = publish(bakery, TEXT)
    run_jobs()
    let_time_pass(minutes=61)
    assert reloaded(delivery).send_again()
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).reason) == (
        "unconfirmed",
        "duplicate_seen",
    )
    assert len(sandbox.truth(text=TEXT)) == 1


def test_a_duplicate_of_what_x_had_limited_is_no_failure(x, sandbox, run_jobs):
    """It limits a create that it took all the same; the next try finds it there."""
    action = PRESETS["x.429.window"].action
    sandbox.call("POST", "/faults", json={"action": action, "phase": "after"})
    delivery = publish(x, TEXT)
    run_jobs()
    assert reloaded(delivery).waiting_for == "rate_limit"
    let_time_pass(minutes=16)
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).reason) == (
        "unconfirmed",
        "duplicate_seen",
    )
    assert len(sandbox.truth(text=TEXT)) == 1


def test_a_duplicate_refusal_after_doubt_asks_the_person(channel):
    delivery = delivery_in_state(channel, "unconfirmed")
    delivery.send_again()
    finish_send(claim(delivery.job_id), Rejected("duplicate"))

    delivery = reloaded(delivery)
    assert (delivery.state, delivery.reason) == ("unconfirmed", "duplicate_seen")
    assert "the earlier try may have landed" in delivery.sentence


@pytest.mark.parametrize("error", [RateLimited("rate_limit"), RateLimited("credits")])
def test_a_duplicate_refusal_after_a_limit_asks_the_person(error, channel):
    delivery = publish(channel)
    take(delivery)
    finish_send(delivery, error)
    CircuitBreaker.objects.reset("x", "credits")
    let_time_pass(hours=1)
    finish_send(claim(delivery.job_id), Rejected("duplicate"))
    assert (reloaded(delivery).state, reloaded(delivery).reason) == (
        "unconfirmed",
        "duplicate_seen",
    )


@pytest.mark.parametrize("reason", ["unreachable", "too_slow_here"])
def test_a_duplicate_refusal_after_what_never_left_is_looked_up(reason, channel):
    delivery = publish(channel)
    take(delivery)
    finish_send(delivery, TemporaryError(reason))
    let_time_pass(minutes=5)
    finish_send(claim(delivery.job_id), Rejected("duplicate"))
    assert (reloaded(delivery).state, reloaded(delivery).reason) == (
        "unconfirmed",
        "duplicate_at_once",
    )


# ── A first try that is refused as being there already ────────────────────────────────────────
ASKED_TWICE = {"x": "403.duplicate", "facebook": "506"}


@pytest.fixture
def refused(in_doubt):
    def refuse(place, made):
        fault = ASKED_TWICE[place.network_name]
        return in_doubt(place, f"{fault}.after" if made else fault, TEXT)

    return refuse


def test_asked_twice_on_its_way_it_is_found(place, refused, sandbox):
    delivery = refused(place, made=True)
    assert (delivery.reason, delivery.waiting_for) == ("duplicate_at_once", "")
    verify_once(delivery)
    there = sandbox.truth(text=TEXT)
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == ("sent", there[0]["id"])
    assert reloaded(delivery).attempts.get().outcome == "sent" and len(there) == 1


def test_an_earlier_post_explains_it_at_the_first_look(place, refused, sandbox):
    post_by_hand(sandbox, place, TEXT, created_at=(timezone.now() - timedelta(hours=9)).isoformat())
    delivery = refused(place, made=False)
    verify_once(delivery)
    delivery = reloaded(delivery)
    assert (delivery.state, delivery.reason) == ("failed", "duplicate")
    assert "the same text was posted there recently" in delivery.sentence
    assert not sandbox.truth(text=TEXT)  # which knows what programs made, not what people did


def test_so_does_another_delivery(place, sandbox, run_jobs):
    one = publish(place, TEXT)
    run_jobs()
    other = publish(place, TEXT)
    run_jobs()
    verify_once(other)
    assert (reloaded(one).state, reloaded(other).state) == ("sent", "failed")


def test_another_one_in_doubt_about_the_same_words_is_settled_first(x, in_doubt, run_jobs):
    one = in_doubt(x, "reset.after", TEXT)
    other = publish(x, TEXT)
    run_jobs()
    assert reloaded(other).reason == "duplicate_at_once"
    verify_once(other)
    assert reloaded(other).state == "unconfirmed"
    verify_once(one), verify_once(other)
    assert (reloaded(one).state, reloaded(other).state) == ("sent", "failed")


def test_what_is_not_there_at_all_has_failed(place, refused, sandbox):
    delivery = refused(place, made=False)
    verify_until_settled(delivery)
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("failed", "duplicate")
    assert reloaded(delivery).verifications.count() == len(
        VERIFY_AFTER_SECONDS
    ) and not sandbox.truth(text=TEXT)


def test_where_we_may_not_read_its_person_is_asked_and_may_have_us_look(place, refused, sandbox):
    delivery = refused(place, made=True)
    mark_unread(delivery, Rejected("forbidden"), timezone.now())
    delivery = reloaded(delivery)
    assert (delivery.waiting_for, delivery.reason) == ("person", "cannot_look_refused")
    assert verify_anew(delivery) and reloaded(delivery).reason == "duplicate_at_once"
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_a_late_refusal_as_a_duplicate_is_looked_up_too(x, sandbox):
    """Its lease had ended, so that it stood in doubt already."""
    delivery = publish(x, TEXT)
    taken = claim(delivery.job_id)
    attempt = Sender(taken).write_ahead()
    let_time_pass(minutes=5)
    sweep()
    Sender(taken).mark_failed(Rejected("duplicate"), attempt)
    post_by_hand(sandbox, x, TEXT)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"
