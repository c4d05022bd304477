"""Looking up refuses to guess, and what it could not see proves nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from publishing.deliveries import reconciling
from publishing.deliveries.claims import claim
from publishing.deliveries.confirm import confirm
from publishing.deliveries.verify import Verifier
from social import timing
from social.connections.probe import probe_tripped
from social.models import CircuitBreaker
from social.networks.errors import OutcomeUnknown
from social.networks.shapes import Published
from tests.publishing.factories import (
    TEXT,
    finish_send,
    let_time_pass,
    post_by_hand,
    publish,
    reconnect,
    reloaded,
    verify_once,
    verify_until_settled,
)

READ = {"method": "GET", "path_regex": r"/2/users/\d+/tweets$|/published_posts$"}


def test_of_two_that_could_be_it_none_is_taken_and_the_person_chooses(place, in_doubt, sandbox):
    delivery = in_doubt(place)
    other = post_by_hand(sandbox, place)
    verify_once(delivery)
    delivery = reloaded(delivery)
    assert (delivery.waiting_for, delivery.reason) == ("person", "several_there")
    shown = {post["id"] for post in delivery.candidates}
    assert shown == {row["id"] for row in sandbox.truth(text=TEXT, origin=None)}
    assert confirm(delivery, other["id"])
    assert reloaded(delivery).remote_id == other["id"]


@pytest.mark.parametrize("ahead", [{"minutes": 10}, {"hours": 5}])
def test_a_clock_that_was_ahead_hides_nothing(ahead, place, in_doubt, run_jobs):
    """Of the moment of the try, the network's own clock had told by its answer before."""
    publish(place, "Of yesterday.")
    run_jobs()
    delivery = in_doubt(place)
    assert delivery.attempts.update(started_at=timezone.now() + timedelta(**ahead)) == 1
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_an_id_of_another_delivery_is_never_taken(place, in_doubt, sandbox, run_jobs):
    sandbox.change("duplicates", on=False)
    publish(place, TEXT)
    run_jobs()
    delivery = in_doubt(place, "reset.before")
    verify_until_settled(delivery)
    assert reloaded(delivery).state == "queued"


def test_an_id_that_another_one_has_as_its_second_is_never_taken(x, in_doubt, sandbox, run_jobs):
    sandbox.change("duplicates", on=False)
    first, second = publish(x, TEXT), post_by_hand(sandbox, x)
    taken = claim(first.job_id)
    doubt = finish_send(taken, OutcomeUnknown("no_answer"))
    reloaded(first).send_again()
    run_jobs()
    doubt.close_sent(Published(second["id"], "https://x.example/"))
    delivery = in_doubt(x, "reset.before")
    verify_until_settled(delivery)
    assert reloaded(delivery).state == "queued"


def test_of_two_in_doubt_with_the_same_words_each_takes_its_own(x, in_doubt, sandbox):
    sandbox.change("duplicates", on=False)
    one = in_doubt(x)
    verify_once(one)
    other = in_doubt(x)
    verify_once(other)
    assert reloaded(one).state == reloaded(other).state == "sent"
    assert reloaded(one).remote_id != reloaded(other).remote_id


def test_when_another_one_takes_it_in_that_moment_it_looks_again(x, in_doubt, sandbox, monkeypatch):
    delivery = in_doubt(x)

    def lost(self, *args):
        raise IntegrityError("remote_id_belongs_to_one_delivery")

    with monkeypatch.context() as patched:
        patched.setattr(Verifier, "_settle_found", lost)
        verify_once(delivery)
    assert (
        reloaded(delivery).is_verifying and reloaded(delivery).attempts.get().outcome == "unknown"
    )
    assert reloaded(delivery).verifications.get().outcome == "again"
    soon = reloaded(delivery).next_verification_at - timezone.now()
    assert timedelta(0) < soon <= timing.delay(reconciling.VERIFY_AFTER_SECONDS[0])
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_an_edited_post_of_that_moment_is_no_proof_of_absence(place, in_doubt, sandbox):
    sandbox.change("visibility_lag", ms=1)
    delivery = in_doubt(place)
    sandbox.clock(advance=10)
    edit = {"edit": sandbox.truth(text=TEXT)[0]["id"], "text": "Hello, wörld!"}
    sandbox.call("POST", "/posts", json=edit)
    sandbox.clock(advance=10)
    verify_until_settled(delivery)
    assert (reloaded(delivery).waiting_for, reloaded(delivery).reason) == (
        "person",
        "changed_there",
    )
    assert [post["text"] for post in reloaded(delivery).candidates] == ["Hello, wörld!"]


@pytest.mark.parametrize("change", ["!!", "?!", "."])
def test_nearly_the_same_text_is_another_post(change, place, in_doubt, sandbox):
    delivery = in_doubt(place, "reset.before")
    post_by_hand(sandbox, place, f"Hello, world{change}")
    verify_until_settled(delivery)
    assert reloaded(delivery).state == "queued"


def test_it_looks_for_what_was_sent_not_for_what_stands_there_today(x, in_doubt, run_jobs, sandbox):
    delivery = in_doubt(x, "reset.before")
    type(delivery.post).objects.update(text="Changed by whatever means.")
    verify_until_settled(delivery)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert [row["text"] for row in sandbox.truth()] == [TEXT]


# ── It cannot look ────────────────────────────────────────────────────────────────────────────
def no_reading(sandbox, times=None, **action):
    sandbox.call("POST", "/faults", json={"match": READ, "action": action, "times": times})


def test_without_the_permission_to_read_it_asks_and_posting_goes_on(
    bakery, in_doubt, sandbox, run_jobs
):
    delivery = in_doubt(bakery)
    sandbox.change("drop_scope", scope="pages_read_engagement", user="100000000000001")
    verify_once(delivery)
    delivery = reloaded(delivery)
    assert (delivery.waiting_for, delivery.reason) == ("person", "cannot_look_permission")
    assert delivery.channel.state == "works"


def test_without_credits_it_asks(x, in_doubt, sandbox):
    delivery = in_doubt(x)
    sandbox.change("credits", credits=0)
    verify_once(delivery)
    assert (reloaded(delivery).waiting_for, reloaded(delivery).reason) == (
        "person",
        "cannot_look_credits",
    )


def test_a_token_that_just_ended_is_renewed_and_it_looks_again(x, in_doubt, sandbox):
    delivery = in_doubt(x)
    sandbox.change("expire_access", user="alice")
    verify_once(delivery)
    assert reloaded(delivery).is_verifying
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


@pytest.mark.parametrize("fault", ["reset.after", "reset.before"])
def test_a_dead_connection_asks_and_looks_when_it_is_made_again(fault, place, in_doubt, sandbox):
    delivery = in_doubt(place, fault)
    channel = reloaded(delivery).channel
    sandbox.change("revoke", user="alice")
    for _ in range(2):
        if reloaded(delivery).is_verifying:
            verify_once(delivery)
    delivery = reloaded(delivery)
    assert (delivery.waiting_for, delivery.reason) == ("person", "cannot_look_token")
    assert delivery.channel.state == "reconnect"

    reconnect(channel, sandbox)
    assert reloaded(delivery).is_verifying and reloaded(delivery).reason == "cut_off"
    verify_until_settled(delivery)
    assert reloaded(delivery).state == ("sent" if fault == "reset.after" else "queued")


@pytest.mark.parametrize("action", [{"status": 503}, {"reset": True}])
def test_a_network_that_is_away_is_asked_again_and_again_not_for_ever(
    action, place, in_doubt, sandbox
):
    delivery = in_doubt(place)
    no_reading(sandbox, **action)
    for number in range(8):
        assert reloaded(delivery).is_verifying, number
        verify_once(delivery)
    assert (reloaded(delivery).waiting_for, reloaded(delivery).reason) == (
        "person",
        "cannot_look_away",
    )
    assert reloaded(delivery).verifications.count() == 8


def test_what_it_could_not_see_is_no_proof(place, in_doubt, sandbox):
    delivery = in_doubt(place)
    no_reading(sandbox, times=5, status=200, json={})
    for _ in range(5):
        verify_once(delivery)
    assert reloaded(delivery).is_verifying
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def reads(sandbox):
    return [e for e in sandbox.journal() if e["method"] == "GET" and "/_sandbox" not in e["path"]]


def test_a_network_that_is_known_to_be_away_is_not_asked(place, in_doubt, sandbox):
    delivery = in_doubt(place)
    breaker = CircuitBreaker.objects.trip(place.network_name, "outage", "unreachable")
    before = len(reads(sandbox))
    verify_once(delivery)
    assert len(reads(sandbox)) == before and not reloaded(delivery).verifications.exists()
    breaker.refresh_from_db()
    assert (
        reloaded(delivery).is_verifying and reloaded(delivery).next_verification_at >= breaker.until
    )
    CircuitBreaker.objects.reset(place.network_name, "outage")
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_what_waits_for_it_too_long_is_asked_about(place, in_doubt, sandbox):
    delivery = in_doubt(place)
    CircuitBreaker.objects.trip(place.network_name, "outage", "unreachable")
    no_reading(sandbox, status=503)
    let_time_pass(hours=7)
    for _ in range(8):
        verify_once(delivery)
    assert (reloaded(delivery).waiting_for, reloaded(delivery).reason) == (
        "person",
        "cannot_look_away",
    )


@pytest.mark.parametrize("kind", ["paused", "credits"])
def test_a_network_closed_to_posting_is_looked_at_all_the_same(kind, place, in_doubt):
    delivery = in_doubt(place)
    CircuitBreaker.objects.trip(place.network_name, kind, "network_paused")
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_a_limit_on_posting_is_one_on_reading_where_they_are_one(place, in_doubt):
    delivery = in_doubt(place)
    until = timezone.now() + timedelta(minutes=20)
    CircuitBreaker.objects.trip(
        place.network_name, "rate_limit", "rate_limit", until, place.account
    )
    verify_once(delivery)
    assert reloaded(delivery).is_verifying == (place.network_name == "facebook")


def test_what_nobody_could_look_up_without_credits_is_looked_up_when_they_are_back(
    x, in_doubt, sandbox, run_jobs
):
    delivery = in_doubt(x)
    sandbox.change("credits", credits=0)
    verify_once(delivery)
    publish(x, "The next one finds it out.")
    run_jobs()
    assert reloaded(delivery).waiting_for == "person"
    sandbox.change("credits", credits=100)
    let_time_pass(minutes=20)
    probe_tripped()
    run_jobs()
    assert reloaded(delivery).state == "sent"


def test_a_limit_is_waited_for(x, in_doubt, sandbox):
    delivery = in_doubt(x)
    sandbox.change("bucket", endpoint="GET /2/users/:id/tweets", limit=0)
    verify_once(delivery)
    assert reloaded(delivery).next_verification_at > timezone.now() + timedelta(minutes=14)


def test_a_channel_that_was_disconnected_is_a_question_at_once(place, in_doubt):
    delivery = in_doubt(place)
    place.connection.refresh_from_db()
    place.connection.disconnect()
    delivery = reloaded(delivery)
    assert (delivery.waiting_for, delivery.reason) == ("person", "channel_gone_in_doubt")


def test_a_paused_channel_is_looked_at_all_the_same(x, in_doubt):
    delivery = in_doubt(x)
    x.pause()
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"
