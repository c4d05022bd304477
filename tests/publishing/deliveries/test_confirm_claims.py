"""What a person claims while its network cannot be asked_about, and two who decide at once."""

import io

import pytest
from django.core.management import CommandError, call_command

from publishing.deliveries.confirm import confirm
from publishing.deliveries.follow import verify_anew
from publishing.deliveries.misses import verifications_of
from publishing.deliveries.verify import Verifier, claim_verification
from tests.publishing.factories import TEXT, reconnect, reloaded, state_and_reason, verify_once

READ_ONE = {"method": "GET", "path_regex": r"/2/tweets/\d+$|/\d+_\d+$"}


# ── It cannot be asked ────────────────────────────────────────────────────────────────────────
def test_a_network_that_is_away_is_asked_again_and_not_for_ever(place, asked_about, sandbox):
    delivery = asked_about(fault="reset.after")
    fault = {"match": READ_ONE, "action": {"status": 503, "json": {}}, "times": None}
    sandbox.call("POST", "/faults", json=fault)
    assert confirm(delivery, sandbox.truth(text=TEXT)[0]["id"])
    for _ in range(8):
        assert reloaded(delivery).is_claimed and reloaded(delivery).is_verifying
        verify_once(delivery)
    assert state_and_reason(delivery) == ("unconfirmed", "person", "cannot_look_away")
    sandbox.disarm()
    verify_anew("cannot_look_away", place.network_name)
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_the_command_says_when_nobody_can_be_asked(place, asked_about, sandbox):
    delivery = asked_about(fault="reset.after")
    fault = {"match": READ_ONE, "action": {"status": 503, "json": {}}, "times": None}
    sandbox.call("POST", "/faults", json=fault)
    there = sandbox.truth(text=TEXT)[0]["id"]
    with pytest.raises(CommandError, match="next look"):
        call_command("resolve", str(delivery.job_id), there=there, stdout=io.StringIO())
    sandbox.disarm()
    verify_once(delivery)
    assert reloaded(delivery).state == "sent"


def test_a_dead_token_is_said_and_asked_after_reconnecting(place, asked_about, sandbox, run_jobs):
    delivery = asked_about(fault="reset.after")
    there = sandbox.truth(text=TEXT)[0]["id"]
    sandbox.change("revoke", user="alice")
    assert confirm(delivery, there)
    run_jobs()
    assert state_and_reason(delivery) == ("unconfirmed", "person", "cannot_look_token")
    reconnect(reloaded(delivery).channel, sandbox)
    assert state_and_reason(delivery) == ("unconfirmed", "", "claimed")
    verify_once(delivery)
    assert reloaded(delivery).remote_id == there


def test_without_credits_it_stays_a_question(x, in_doubt, sandbox, run_jobs):
    delivery = in_doubt(x, "reset.after", TEXT)
    sandbox.change("credits", credits=0)
    assert confirm(reloaded(delivery), sandbox.truth(text=TEXT)[0]["id"])
    run_jobs()
    assert state_and_reason(delivery) == ("unconfirmed", "person", "cannot_look_credits")


def test_a_disconnected_channel_cannot_ask(place, asked_about, sandbox):
    delivery = asked_about(fault="reset.after")
    place.connection.refresh_from_db()
    place.connection.disconnect()
    with pytest.raises(ValueError, match="disconnected"):
        confirm(reloaded(delivery), sandbox.truth(text=TEXT)[0]["id"])
    assert reloaded(delivery).waiting_for == "person"


@pytest.mark.parametrize("verb", ["send_again", "drop"])
def test_another_answer_takes_the_claim_back(verb, place, asked_about):
    delivery = asked_about()
    assert confirm(delivery, "1234567890123")
    assert getattr(reloaded(delivery), verb)()
    assert not reloaded(delivery).claimed_id


# ── Races ─────────────────────────────────────────────────────────────────────────────────────
def test_a_look_at_an_older_claim_does_not_settle_a_newer_one(place, asked_about, sandbox):
    delivery = asked_about(fault="reset.after")
    assert confirm(delivery, sandbox.truth(text=TEXT)[0]["id"])
    slow = claim_verification(delivery.job_id)
    assert confirm(reloaded(delivery), "1234567890123")
    Verifier(slow).verify()
    assert (reloaded(delivery).claimed_id[-13:], reloaded(delivery).state) == (
        "1234567890123",
        "unconfirmed",
    )


def test_a_claim_that_was_answered_meanwhile_settles_nothing(place, asked_about, sandbox):
    delivery = asked_about(fault="reset.after")
    assert confirm(delivery, sandbox.truth(text=TEXT)[0]["id"])
    slow = claim_verification(delivery.job_id)
    assert reloaded(delivery).drop()
    Verifier(slow).verify()
    assert reloaded(delivery).state == "canceled"


def test_looks_for_a_claim_prove_nothing_about_the_timeline(place, in_doubt, sandbox):
    delivery = in_doubt(place, "reset.before", TEXT)
    for number in range(5):
        assert confirm(reloaded(delivery), f"12345678901{number}")
        verify_once(delivery)
    assert reloaded(delivery).verifications.count() == 5
    assert not verifications_of(reloaded(delivery)).exists()


def test_the_same_claim_twice_is_one(place, asked_about):
    delivery = asked_about()
    stale = reloaded(delivery)
    assert confirm(delivery, "1234567890123") and not confirm(stale, "1234567890123")
