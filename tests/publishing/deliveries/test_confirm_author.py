"""A person says "it is there": that counts when the network says that this account wrote it."""

import io
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from publishing.deliveries.claims import take
from publishing.deliveries.confirm import confirm, objection
from publishing.deliveries.verify import Verifier
from social.connections.tokens import channel_grant
from social.networks.shapes import Found, Published
from tests.publishing.deliveries.stale import delivery_with_attempt
from tests.publishing.factories import (
    TEXT,
    create_requests,
    finish_send,
    let_time_pass,
    page_channel,
    post_by_hand,
    publish,
    reloaded,
    state_and_reason,
    verify_once,
    x_channel,
)
from tests.social.dancing import BICYCLES

READ_ONE = {"method": "GET", "path_regex": r"/2/tweets/\d+$|/\d+_\d+$"}


@pytest.fixture
def elsewhere(place, bob, sandbox):
    """An account of Bob's at the same network."""
    if place.network_name == "x":
        return x_channel(bob, told=sandbox.token("x", "bob"))
    return page_channel(bob, told=sandbox.token("facebook", "100000000000002", pages=[BICYCLES]))


@pytest.fixture
def claim_by(client_for, alice, run_jobs):
    """The ways to say "it is there, at this link", for somebody who is wrong: what they read."""

    def page(delivery, link):
        client, address = client_for(alice), reverse("posts:confirm", args=[delivery.job_id])
        client.post(address, {"link": link, "attempt": delivery.attempt})
        assert reloaded(delivery).is_claimed and "wrote" in reloaded(delivery).sentence
        run_jobs()
        return client.get(f"/status/{delivery.job_id}").json()["reason"]

    def command(delivery, link):
        with pytest.raises(CommandError) as refused:
            call_command("resolve", str(delivery.job_id), there=link, stdout=io.StringIO())
        assert refused.value.returncode == 2 and "\n" not in str(refused.value)
        return str(refused.value)

    return {"page": page, "command": command}


# ── Somebody else's link ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("how", ["page", "command"])
@pytest.mark.parametrize("readable", [True, False], ids=["readable", "hidden"])
def test_a_thief_gets_a_sentence_and_the_post_stays_its_owners(
    how, readable, place, elsewhere, in_doubt, asked_about, sandbox, claim_by, run_jobs
):
    """Both in doubt about the same words; the victim's post is live, its answer lost."""
    if readable:
        sandbox.change("public_content")
    victims = in_doubt(elsewhere, "reset.after", TEXT)
    there = sandbox.truth(text=TEXT)[0]
    thief = asked_about()
    link = f"{sandbox.url}{there['path']}" if place.network_name == "x" else there["id"]
    said = claim_by[how](thief, link)
    seen = readable or place.network_name == "x"
    reason = "claim_of_another" if seen else "claim_not_there"
    assert state_and_reason(thief) == ("unconfirmed", "person", reason)
    assert reloaded(thief).sentence == said and not reloaded(thief).claimed_id

    verify_once(victims)
    assert reloaded(victims).remote_id == there["id"]
    let_time_pass(minutes=30)
    run_jobs()
    assert len(sandbox.truth(text=TEXT)) == 1 and len(create_requests(sandbox)) == 2


def test_what_another_account_has_hides_nothing(place, elsewhere, in_doubt, sandbox):
    """However it came to that: no look of this account takes notice of it."""
    victims = in_doubt(elsewhere, "reset.after", TEXT)
    there = sandbox.truth(text=TEXT)[0]
    other = publish(place, TEXT)
    take(other)
    finish_send(other, Published(there["id"], "https://example.com/"))
    verify_once(victims)
    assert reloaded(victims).state == reloaded(other).state == "sent"
    assert reloaded(victims).remote_id == reloaded(other).remote_id == there["id"]


def test_an_imported_post_of_somebody_else_settles_nothing(place, in_doubt):

    delivery = in_doubt(place, "reset.after", TEXT)
    recent = place.network.recent(
        place.remote_id, place.handle, channel_grant(place), delivery.created_at
    )
    foreign = [replace(post, author_id="77") for post in recent.posts]
    assert foreign and not Verifier(reloaded(delivery)).settle_by_posts(foreign, recent.at)
    assert Verifier(reloaded(delivery)).settle_by_posts(recent.posts, recent.at)


def test_a_look_takes_no_notice_of_what_others_wrote(x, in_doubt, sandbox):
    delivery = in_doubt(x, "reset.before", TEXT)
    row = {"id": "1999999999999999999", "text": TEXT, "author_id": "77"}
    row |= {"created_at": delivery.attempts.get().started_at.isoformat()}
    answer = {"data": [row], "meta": {"result_count": 1}}
    fault = {"match": {"method": "GET"}, "action": {"status": 200, "json": answer}, "times": 1}
    sandbox.call("POST", "/faults", json=fault)
    verify_once(delivery)
    assert reloaded(delivery).is_verifying


# ── One's own ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("how", ["page", "command"])
def test_ones_own_post_counts_as_soon_as_the_network_has_said_so(
    how, place, asked_about, sandbox, client_for, alice, run_jobs
):
    delivery = asked_about(fault="reset.after")
    there = sandbox.truth(text=TEXT)[0]
    if how == "page":
        page = {"link": there["id"], "attempt": delivery.attempt}
        client_for(alice).post(reverse("posts:confirm", args=[delivery.job_id]), page)
        assert (
            state_and_reason(delivery) == ("unconfirmed", "", "claimed")
            and reloaded(delivery).is_verifying
        )
        run_jobs()
    else:
        told = io.StringIO()
        call_command("resolve", str(delivery.job_id), there=there["id"], stdout=told)
        assert " sent " in told.getvalue()
    delivery = reloaded(delivery)
    assert (delivery.state, delivery.remote_id) == ("sent", there["id"])
    assert delivery.remote_url.startswith(settings.X_API_URL.removesuffix("/x-api"))
    assert [look.sentence for look in delivery.verifications.all()] == ["Looked: it is there."]
    assert delivery.verifications.get().items == 1


def test_an_edited_post_of_ones_own_counts_too(place, asked_about, sandbox, run_jobs):
    delivery = asked_about(fault="reset.after")
    old = sandbox.truth(text=TEXT)[0]["id"]
    edited = sandbox.call("POST", "/posts", json={"edit": old, "text": "Other words."})
    assert confirm(delivery, edited["id"])
    run_jobs()
    assert reloaded(delivery).state == "sent"


def test_what_another_delivery_has_is_refused_at_once(place, asked_about, sandbox, run_jobs):
    first = publish(place, "Another one.")
    run_jobs()
    delivery = asked_about()
    with pytest.raises(ValueError, match="already belongs to another delivery"):
        confirm(delivery, reloaded(first).remote_id)
    assert state_and_reason(delivery) == ("unconfirmed", "person", "absent_again")


def test_a_post_that_another_one_in_doubt_has_made_is_not_given_away(
    place, asked_about, in_doubt, sandbox, run_jobs
):
    """Its words say whose it is: taken from it, they would go out again."""
    other = in_doubt(place, "reset.after", "Another one.")
    there = sandbox.truth(text="Another one.")[0]
    delivery = asked_about()
    assert confirm(delivery, there["id"])
    run_jobs()
    assert state_and_reason(delivery) == ("unconfirmed", "person", "claim_of_others_words")
    verify_once(other)
    assert reloaded(other).remote_id == there["id"]


@pytest.mark.parametrize(
    ("text", "state"), [("Later words.", "sent"), ("Earlier words.", "unconfirmed")]
)
def test_its_own_words_are_those_of_its_latest_try(
    text, state, place, asked_about, in_doubt, sandbox, run_jobs
):
    """Its post was changed between two tries, and another one in doubt says the same."""
    in_doubt(place, "reset.before", text)
    delivery = asked_about(text="Earlier words.")
    latest = delivery.attempts.get()
    latest.pk, latest.number, latest.text = None, latest.number + 1, "Later words."
    latest.save()
    assert confirm(delivery, post_by_hand(sandbox, place, text)["id"])
    run_jobs()
    assert reloaded(delivery).state == state


def test_two_people_at_one_page_do_not_take_each_others(bakery, bob, in_doubt, sandbox, run_jobs):
    told = sandbox.token("facebook", "100000000000001", pages=["alicesbakery"])
    told["user"] = {"id": "100000000000002", "name": "Bob"}  # both have a role there
    again = page_channel(bob, told=told)
    assert again.account == bakery.account
    one = in_doubt(bakery, "reset.after", "Of Alice's.")
    other = in_doubt(again, "reset.before", "Of Bob's.")
    there = sandbox.truth(text="Of Alice's.")[0]
    assert confirm(reloaded(other), there["id"])
    run_jobs()
    assert reloaded(other).reason == "claim_of_others_words"
    verify_once(one)
    assert reloaded(one).remote_id == there["id"]
    with pytest.raises(ValueError, match="already belongs to another delivery"):
        confirm(reloaded(other), there["id"])


def test_a_candidate_was_read_from_the_accounts_own_timeline(place, in_doubt, sandbox):
    delivery = in_doubt(place, "reset.after", TEXT)
    other = post_by_hand(sandbox, place, TEXT)
    verify_once(delivery)
    assert confirm(reloaded(delivery), other["id"])
    assert reloaded(delivery).remote_id == other["id"]


def test_candidates_are_still_there_after_a_wrong_link(place, in_doubt, sandbox, run_jobs):
    delivery = in_doubt(place, "reset.after", TEXT)
    other = post_by_hand(sandbox, place, TEXT)
    verify_once(delivery)
    shown = reloaded(delivery).candidates
    assert confirm(reloaded(delivery), "1234567890123")
    run_jobs()
    assert state_and_reason(delivery) == ("unconfirmed", "person", "claim_not_there")
    assert reloaded(delivery).candidates == shown and len(shown) == 2
    assert confirm(reloaded(delivery), other["id"]) and reloaded(delivery).state == "sent"


def test_of_a_post_whose_author_is_not_told_that_is_said(place):
    delivery = delivery_with_attempt(publish(place, TEXT))
    theirs = Found("1", "", TEXT, timezone.now(), author_id="somebody")
    assert objection(delivery, theirs) == "claim_of_another"
    assert objection(delivery, replace(theirs, author_id="")) == "claim_unsaid"
    assert objection(delivery, replace(theirs, author_id=place.remote_id)) == ""
