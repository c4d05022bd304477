"""What became of one job: the JSON that programs rely on, and the fragment that pages poll."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.sweep import sweep
from publishing.states import DONE, STATES
from social.networks.errors import AuthorizationLost, OutcomeUnknown, RateLimited, TemporaryError
from social.polling import poll_delay
from tests.publishing.factories import (
    PUBLISHED,
    delivery_in_state,
    finish_send,
    let_time_pass,
    publish,
    reloaded,
)

HTML = {"HTTP_ACCEPT": "text/html"}


@pytest.fixture
def status(alice, client_for):
    browser = client_for(alice)
    return lambda delivery, **more: browser.get(f"/status/{delivery.job_id}", **more)


def told(status, delivery):
    return status(delivery).json()


def test_it_works(status, channel):
    """Word for word the example of the design: outside programs rely on it."""
    until = timezone.now().replace(microsecond=0) + timedelta(minutes=10)
    delivery = publish(channel)
    finish_send(claim(delivery.job_id), RateLimited("rate_limit", until=until))
    at = reloaded(delivery).next_attempt_at
    assert until <= at <= until + timedelta(seconds=10)  # not all accounts in the same moment
    until = at
    assert told(status, delivery) == {
        "job_id": str(delivery.job_id),
        "state": "queued",
        "waiting_for": "rate_limit",
        "channel": "x:alice",
        "network": "x",
        "url": None,
        "reason": f"X is limiting us; next try {until:%H:%M}"
        if until.date() == timezone.now().date()
        else f"X is limiting us; next try {until.day} {until:%b %H:%M}",
        "attempts": 1,
        "next_attempt_at": f"{until:%Y-%m-%dT%H:%M:%SZ}",
        "done": False,
    }


@pytest.mark.parametrize("state", STATES)
def test_every_state(state, status, channel):
    answer = told(status, delivery_in_state(channel, state))
    assert (answer["state"], answer["done"]) == (state, state in DONE)
    assert answer["waiting_for"] is None
    assert answer["url"] == (PUBLISHED.url if state == "sent" else None)
    assert bool(answer["next_attempt_at"]) == (state in ("queued", "unconfirmed"))
    assert bool(answer["reason"]) == (state in ("unconfirmed", "failed"))


def test_a_scheduled_one_says_when_in_its_own_zone(status, channel):
    at = datetime(timezone.now().year + 1, 7, 1, 12, tzinfo=UTC)
    answer = told(status, publish(channel, at=at, time_zone="Europe/Berlin"))
    assert answer["waiting_for"] == "time"
    assert answer["reason"] == f"Goes out 1 Jul {at.year} 14:00"
    assert answer["next_attempt_at"] == f"{at.year}-07-01T12:00:00Z"


def test_an_interrupted_one_says_when_it_is_looked_up(status, channel):
    delivery = claim(publish(channel).job_id)
    Sender(delivery).write_ahead()
    let_time_pass(minutes=5)
    sweep()
    answer = told(status, delivery)
    at = reloaded(delivery).next_verification_at
    assert answer["state"] == "unconfirmed"
    assert answer["next_attempt_at"] == f"{at:%Y-%m-%dT%H:%M:%SZ}"


def test_a_question_has_no_next_time(status, channel):
    delivery = delivery_in_state(channel, "unconfirmed")
    delivery.ask("several_there")
    answer = told(status, delivery)
    assert (answer["waiting_for"], answer["next_attempt_at"]) == ("person", None)
    assert answer["reason"].endswith("Look there, then choose below.")


def test_it_is_never_older_than_the_row(status, channel):
    delivery = publish(channel)
    assert told(status, delivery)["state"] == "queued"
    reloaded(delivery).cancel()
    assert told(status, delivery)["state"] == "canceled"
    assert "no-store" in status(delivery)["Cache-Control"]


def test_the_first_true_reason_is_kept(status, channel):
    first, second = publish(channel, "First."), publish(channel, "Second.")
    finish_send(claim(first.job_id), AuthorizationLost("password_changed"))
    claim(second.job_id)
    reloaded(first).channel.connection.mark_lost("token_dead")
    reasons = {told(status, delivery)["reason"] for delivery in (first, second)}
    assert reasons == {"The password at X was changed. Reconnect it."}


def test_what_is_tried_again_says_why_and_when(status, channel):
    delivery = publish(channel)
    finish_send(claim(delivery.job_id), TemporaryError("unreachable"))
    assert re.match(
        r"X could not be reached; next try .*\d\d:\d\d$", told(status, delivery)["reason"]
    )


def test_nobody_elses(channel, bob, client_for, client):
    delivery = publish(channel)
    assert client_for(bob).get(f"/status/{delivery.job_id}").status_code == 404
    assert client.get(f"/status/{delivery.job_id}").status_code == 302
    assert client_for(bob).get("/status/00000000-0000-0000-0000-000000000000").status_code == 404


# ── The fragment ──────────────────────────────────────────────────────────────────────────────
def test_a_page_asks_again_as_long_as_it_may_change(status, channel):
    page = status(publish(channel), HTTP_HX_REQUEST="true").content.decode()
    assert re.search(r'hx-get="/status/[^"]*polls=1&', page)
    assert 'hx-trigger="load delay:1s"' in page
    assert "<html" not in page


@pytest.mark.parametrize("state", [*DONE, "unconfirmed"])
def test_a_page_stops_asking_when_it_is_over_or_with_the_person(state, status, channel):
    delivery = delivery_in_state(channel, state)
    delivery.ask("several_there")
    assert "hx-get" not in status(delivery, **HTML).content.decode()


def test_a_page_asks_every_second_for_half_a_minute_then_slower_up_to_ten():
    delays = [poll_delay(polls) for polls in range(200)]
    assert delays[:30] == [1] * 30
    assert delays == sorted(delays) and delays[30] > 1 and max(delays) == 10


def test_a_page_that_has_asked_long_asks_slower(status, channel):
    delivery = publish(channel)
    browser_says = {"polls": "60"}
    page = status(delivery, data=browser_says, **HTML).content.decode()
    assert f"delay:{poll_delay(60)}s" in page and "polls=61" in page


@pytest.mark.parametrize("polls", ["", "-1", "x", "²", "9" * 5000])
def test_a_counter_that_makes_no_sense_starts_over(polls, status, channel):
    assert status(publish(channel), data={"polls": polls}, **HTML).status_code == 200


def test_what_is_new_is_announced_once(status, channel):
    delivery = publish(channel)
    assert 'id="said"' not in status(delivery, data={"seen": "Queued"}, **HTML).content.decode()
    assert 'id="said"' in status(delivery, data={"seen": "Sending"}, **HTML).content.decode()


def test_an_unconfirmed_one_offers_the_three_choices(status, channel):
    delivery = publish(channel)
    finish_send(claim(delivery.job_id), OutcomeUnknown("no_answer"))
    page = status(delivery, **HTML).content.decode()
    offered = set(re.findall(rf'action="/deliveries/{delivery.job_id}/(\w+)/"', page))
    assert offered == {"confirmations", "resends", "drops"}
