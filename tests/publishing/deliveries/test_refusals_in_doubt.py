"""A refusal that may have come although the post was made is looked up before anything goes again,
and before anybody is told that it failed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.reconciling import PROOF_SECONDS, SEND_DEADLINE_SECONDS
from publishing.deliveries.sweep import sweep
from publishing.deliveries.verify import Verifier, claim_verification
from publishing.models import Delivery
from tests.publishing.factories import (
    TEXT,
    create_requests,
    let_time_pass,
    post_by_hand,
    publish,
    reconnect,
    reloaded,
    verify_once,
    verify_until_settled,
)

RIGHTS = ["fb.3", "fb.10", "fb.200", "fb.283", "fb.190.role", "x.403.right"]
PLACES = ["fb.100.33", "fb.803", "x.404"]
OTHERS = ["x.403"]
FAILS = dict.fromkeys(PLACES, "not_found") | {"x.403": "forbidden"}


@pytest.fixture
def refused(request, sandbox, run_jobs):
    def refuse(preset, made):
        channel = request.getfixturevalue("bakery" if preset.startswith("fb.") else "x")
        sandbox.arm(f"{preset}.after" if made else preset)
        delivery = publish(channel, TEXT)
        run_jobs()
        delivery = reloaded(delivery)
        assert (delivery.state, delivery.waiting_for) == ("unconfirmed", "")
        return delivery

    return refuse


@pytest.mark.parametrize("preset", [*RIGHTS, *PLACES, *OTHERS])
def test_what_was_made_all_the_same_is_found(preset, refused, sandbox):
    delivery = refused(preset, made=True)
    assert "it may have taken the post all the same" in delivery.sentence
    verify_once(delivery)
    there = sandbox.truth(text=TEXT)
    assert (reloaded(delivery).state, reloaded(delivery).remote_id) == ("sent", there[0]["id"])
    assert len(there) == len(create_requests(sandbox)) == 1


@pytest.mark.parametrize("preset", [*RIGHTS, *PLACES, *OTHERS])
def test_also_when_it_is_seen_late_or_hidden_from_filters(preset, refused, sandbox):
    sandbox.change("hide")
    delivery = refused(preset, made=True)
    sandbox.change("hide", share=0)
    verify_once(delivery)
    assert reloaded(delivery).is_verifying
    wait = reloaded(delivery).next_verification_at - timezone.now()
    assert wait >= timedelta(seconds=SEND_DEADLINE_SECONDS + PROOF_SECONDS - 1)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent" and len(create_requests(sandbox)) == 1


@pytest.mark.parametrize("preset", ["fb.10", "fb.4", "fb.368", "x.404", "x.403"])
def test_a_clock_that_was_behind_when_it_was_tried_hides_nothing(preset, refused, sandbox):
    """Right again, it says that the try was long ago; the network's says that it was just now."""
    sandbox.change("hide")
    delivery = refused(preset, made=True)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    delivery.attempts.update(started_at=an_hour_ago)
    Delivery.objects.filter(pk=delivery.pk).update(next_verification_at=an_hour_ago)
    Verifier(claim_verification(delivery.job_id)).verify()
    assert reloaded(delivery).is_verifying
    sandbox.change("hide", share=0)
    verify_until_settled(delivery)
    assert reloaded(delivery).state == "sent" and len(create_requests(sandbox)) == 1


@pytest.mark.parametrize("preset", RIGHTS)
def test_what_was_not_made_waits_for_its_person_and_goes_after_that(
    preset, refused, sandbox, run_jobs
):
    delivery = refused(preset, made=False)
    assert reloaded(delivery).channel.state == "reconnect"
    for _ in range(2):
        verify_once(delivery)
    run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).waiting_for) == ("queued", "reconnect")
    reconnect(reloaded(delivery).channel, sandbox)
    run_jobs()
    assert reloaded(delivery).state == "sent" and len(sandbox.truth(text=TEXT)) == 1


@pytest.mark.parametrize("preset", [*PLACES, *OTHERS])
def test_what_was_not_made_has_failed_for_the_reason_that_was_given(preset, refused, sandbox):
    delivery = refused(preset, made=False)
    for _ in range(2):
        verify_once(delivery)
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("failed", FAILS[preset])
    assert reloaded(delivery).verifications.count() == 2 and len(create_requests(sandbox)) == 1


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("preset", ["fb.200", "fb.190.role"])
def test_another_post_there_meanwhile_and_a_reconnection_double_nothing(
    preset, made, refused, sandbox, run_jobs
):
    """The Page refuses only a repeat of the post before."""
    delivery = refused(preset, made)
    post_by_hand(sandbox, delivery.channel, "In between.")
    reconnect(delivery.channel, sandbox)
    run_jobs()
    for _ in range(3):
        let_time_pass(minutes=6)
        run_jobs()
    assert reloaded(delivery).state == "sent" and len(sandbox.truth(text=TEXT)) == 1


@pytest.mark.parametrize("made", [True, False])
def test_where_we_may_not_look_either_its_person_is_told_and_then_we_look(
    made, refused, sandbox, run_jobs
):
    delivery = refused("fb.200", made)
    scopes = ("pages_read_engagement", "pages_manage_posts")
    for scope in scopes:
        sandbox.change("drop_scope", scope=scope, user="100000000000001")
    verify_once(delivery)
    delivery = reloaded(delivery)
    assert (delivery.waiting_for, delivery.reason) == ("person", "cannot_look_permission")
    assert "then we look before anything goes again" in delivery.sentence
    let_time_pass(minutes=20)
    sweep()
    run_jobs()
    assert reloaded(delivery).waiting_for == "person" and len(create_requests(sandbox)) == 1

    reconnect(delivery.channel, sandbox)
    assert reloaded(delivery).is_verifying and reloaded(delivery).reason == "permission_in_doubt"
    verify_until_settled(delivery)
    run_jobs()
    assert reloaded(delivery).state == "sent" and len(sandbox.truth(text=TEXT)) == 1


def test_a_lost_role_is_looked_up_after_reconnecting_before_it_goes(bakery, sandbox, run_jobs):
    sandbox.arm("fb.190.492")
    delivery = publish(bakery, TEXT)
    run_jobs()
    verify_once(delivery)
    assert reloaded(delivery).reason == "cannot_look_token"
    sandbox.change("give_role", page="alicesbakery", user="100000000000001")
    reconnect(reloaded(delivery).channel, sandbox)
    verify_until_settled(delivery)
    run_jobs()
    assert reloaded(delivery).state == "sent" and len(sandbox.truth(text=TEXT)) == 1


def test_refusals_that_are_answers_are_no_outage(bakery, sandbox, run_jobs):
    sandbox.arm("fb.100.33", times=6)
    deliveries = [publish(bakery, f"{TEXT} {number}") for number in range(6)]
    run_jobs()
    assert {reloaded(it).reason for it in deliveries} == {"not_found_in_doubt"}


# ── Filters that hide ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("seconds", [120, None])
@pytest.mark.parametrize("fault", ["reset.after", "503"])
def test_what_a_filter_hides_is_not_absent(seconds, fault, place, in_doubt, sandbox):
    sandbox.change("hide", seconds=seconds)
    known = {"x": "503.after", "facebook": "2.after"}[place.network_name]
    delivery = in_doubt(place, known if fault == "503" else fault, TEXT)
    verify_until_settled(delivery)
    assert reloaded(delivery).state == "sent" and len(create_requests(sandbox)) == 1


def test_nor_is_it_explained_by_an_older_one(place, in_doubt, sandbox):
    """Refused as a duplicate of itself, and hidden: what is older explains nothing then."""
    at = (timezone.now() - timedelta(hours=9)).isoformat()
    post_by_hand(sandbox, place, TEXT, created_at=at)
    sandbox.change("hide")
    sandbox.change("duplicates", on=False)
    fault = "403.duplicate.after" if place.network_name == "x" else "506.after"
    delivery = in_doubt(place, fault, TEXT)
    verify_until_settled(delivery)
    assert reloaded(delivery).state == "sent"


def test_the_top_is_read_only_where_absence_would_follow(place, in_doubt, sandbox):
    delivery = in_doubt(place, "reset.before", TEXT)
    for _ in range(4):
        verify_once(delivery)
    before = len([e for e in sandbox.journal() if e["method"] == "GET"])
    verify_once(delivery)
    after = len([e for e in sandbox.journal() if e["method"] == "GET"])
    assert (before, after - before, reloaded(delivery).state) == (4, 2, "queued")


def test_a_top_that_cannot_be_read_proves_nothing(place, in_doubt, sandbox):
    delivery = in_doubt(place, "reset.before", TEXT)
    for _ in range(4):
        verify_once(delivery)
    fault = {"match": {"method": "GET"}, "action": {"status": 503, "json": {}}, "skip": 1}
    sandbox.call("POST", "/faults", json=fault)
    verify_once(delivery)
    assert (
        reloaded(delivery).is_verifying and reloaded(delivery).verifications.missed().count() == 1
    )
    verify_once(delivery)
    assert reloaded(delivery).state == "queued"
