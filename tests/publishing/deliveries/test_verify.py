"""A delivery in doubt is looked up on the account's own timeline, and what stands there counts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.sweep import sweep
from tests.publishing.factories import (
    TEXT,
    create_requests,
    let_time_pass,
    publish,
    reloaded,
    verify_once,
    verify_until_settled,
)

WRITTEN = "  Café & <b>bread</b>:\r\nhttps://Example.com/?a=1&lt=2 “and” example.org/ ☕️ &amp; "


def test_it_works(place, in_doubt, sandbox, run_jobs):
    delivery = in_doubt(place)
    assert timezone.now() < delivery.next_verification_at < timezone.now() + timedelta(seconds=6)
    verify_once(delivery)
    there, delivery = sandbox.truth(text=TEXT), reloaded(delivery)
    assert (delivery.state, delivery.remote_id) == ("sent", there[0]["id"])
    assert delivery.remote_url.endswith(delivery.remote_id)
    assert len(there) == len(create_requests(sandbox)) == 1
    attempt = delivery.attempts.get()
    assert (attempt.outcome, attempt.reason, attempt.remote_id) == (
        ("sent", "found", delivery.remote_id)
    )


def test_what_is_not_there_goes_out_after_the_proof_and_not_before(
    place, in_doubt, sandbox, run_jobs
):
    delivery = in_doubt(place, "reset.before")
    begun = delivery.attempts.get().started_at
    for number in range(5):
        assert len(create_requests(sandbox)) == 1 and reloaded(delivery).state == "unconfirmed", (
            number
        )
        verify_once(delivery)
    delivery = reloaded(delivery)
    assert (delivery.state, delivery.reason) == ("queued", "absent")
    waited = timezone.now() - delivery.attempts.get().started_at
    assert timedelta(minutes=15) < waited < timedelta(minutes=16), begun
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert len(sandbox.truth(text=TEXT)) == 1 and len(create_requests(sandbox)) == 2


@pytest.mark.parametrize("verifications", [1, 4])
def test_what_becomes_visible_late_is_found(verifications, place, in_doubt, sandbox):
    sandbox.change("visibility_lag", ms=600_000)
    delivery = in_doubt(place)
    for _ in range(verifications):
        verify_once(delivery)
        assert reloaded(delivery).state == "unconfirmed"
    sandbox.clock(advance=601)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_both_tries_landed_and_both_ids_are_kept(place, in_doubt, sandbox, run_jobs):
    """The first one hidden for longer than any proof takes, and nothing guards against repeats."""
    sandbox.change("duplicates", on=False)
    sandbox.change("visibility_lag", ms=3_600_000)
    delivery = in_doubt(place)
    verify_until_settled(delivery)
    sandbox.change("visibility_lag", ms=0)
    sandbox.arm(f"{'x' if place.network_name == 'x' else 'fb'}.reset.after")
    run_jobs()
    sandbox.clock(advance=3601)
    verify_once(delivery)
    delivery, there = reloaded(delivery), {row["id"] for row in sandbox.truth(text=TEXT)}
    assert delivery.state == "sent"
    assert {attempt.remote_id for attempt in delivery.attempts.all()} == there
    assert len(there) == 2
    assert delivery.remote_id == delivery.attempts.first().remote_id  # what people saw first


def test_a_duplicate_refusal_of_the_resend_means_it_is_there(x, in_doubt, sandbox, run_jobs):
    sandbox.change("visibility_lag", ms=3_600_000)
    delivery = in_doubt(x)
    verify_until_settled(delivery)
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).reason) == (
        "unconfirmed",
        "duplicate_seen",
    )
    sandbox.clock(advance=3601)
    verify_once(delivery)
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == (
        ("sent", sandbox.truth(text=TEXT)[0]["id"])
    )


def test_a_duplicate_that_is_never_shown_is_a_question(x, in_doubt, sandbox, run_jobs):
    sandbox.change("visibility_lag", ms=36_000_000)
    delivery = in_doubt(x)
    verify_until_settled(delivery)
    run_jobs()
    verify_until_settled(delivery)
    assert (reloaded(delivery).waiting_for, reloaded(delivery).reason) == (
        "person",
        "duplicate_unseen",
    )
    assert len(create_requests(sandbox)) == 2


def test_what_the_network_loses_twice_is_a_question(place, in_doubt, sandbox, run_jobs):
    delivery = in_doubt(place, "reset.before")
    verify_until_settled(delivery)
    sandbox.arm(f"{'x' if place.network_name == 'x' else 'fb'}.reset.before")
    run_jobs()
    verify_until_settled(delivery)
    assert (reloaded(delivery).waiting_for, reloaded(delivery).reason) == ("person", "absent_again")


def test_our_own_crash_is_made_good_three_times(x, sandbox):
    delivery = publish(x, TEXT)
    for number in range(4):
        Sender(claim(delivery.job_id)).write_ahead()
        let_time_pass(minutes=3)
        sweep()
        assert (reloaded(delivery).reason, reloaded(delivery).next_verification_at is None) == (
            "interrupted",
            False,
        )
        verify_until_settled(delivery)
        assert reloaded(delivery).state == ("queued" if number < 3 else "unconfirmed")
    assert reloaded(delivery).reason == "absent_again"
    assert not create_requests(sandbox)


@pytest.mark.parametrize(("limit", "minutes"), [("4", 15), ("368", 60)])
@pytest.mark.parametrize("made", [True, False])
def test_a_limit_of_metas_costs_one_look_before_the_retry(
    limit, minutes, made, bakery, in_doubt, sandbox, run_jobs
):
    delivery = in_doubt(bakery, f"{limit}{'.after' if made else ''}")
    waits = delivery.next_verification_at - timezone.now()
    assert timedelta(minutes=minutes - 1) < waits <= timedelta(minutes=minutes)
    verify_once(delivery)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert reloaded(delivery).verifications.count() == len(sandbox.truth(text=TEXT)) == 1
    assert len(create_requests(sandbox)) == (1 if made else 2)


def test_what_networks_change_about_a_text_does_not_hide_it(place, in_doubt, sandbox):
    delivery = in_doubt(place, text=WRITTEN)
    verify_once(delivery)
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == (
        "sent",
        sandbox.truth()[0]["id"],
    )
