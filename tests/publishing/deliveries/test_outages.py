"""A network that is away is noticed once for all its deliveries, and asked by reading."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import claim, take
from publishing.deliveries.outages import DELIVERIES_OF_AN_OUTAGE, FAILURES_OF_AN_OUTAGE
from publishing.models import Attempt, Delivery
from social.connections.probe import probe_tripped
from social.models import CircuitBreaker, network_tripped
from social.networks import NETWORKS
from social.networks.errors import Limit, OutcomeUnknown, RateLimited, Rejected, TemporaryError
from tests.publishing.deliveries.accounts import accounts, everything_comes_back, fails, where
from tests.publishing.factories import (
    PUBLISHED,
    finish_send,
    let_time_pass,
    page_channel,
    publish,
    reloaded,
    x_channel,
)

pytestmark = pytest.mark.django_db
both = pytest.mark.parametrize("network", ["x", "facebook"])


@both
def test_a_network_that_is_away_is_noticed_once_and_asked_by_reading(
    network, alice, bob, sandbox, settings, run_jobs, caplog, closed
):
    channels = accounts(network, [alice, bob], sandbox)
    name = {"x": "X_API_URL", "facebook": "FACEBOOK_GRAPH_URL"}[network]
    home = getattr(settings, name)
    setattr(settings, name, "http://127.0.0.1:9")  # nobody listens
    some = [publish(channels[n % 2], f"Number {n}.") for n in range(12)]
    run_jobs()
    assert closed == [(network, "outage")]
    assert Attempt.objects.count() == FAILURES_OF_AN_OUTAGE
    waiting = [reloaded(d) for d in some if reloaded(d).waiting_for == "outage"]
    assert len(waiting) >= 12 - FAILURES_OF_AN_OUTAGE and {d.tries for d in waiting} == {0}
    assert waiting[0].sentence.startswith(f"{NETWORKS[network].label} could not be reached; next")
    first_verification = CircuitBreaker.objects.get().until
    for minutes in (2, 20, 20):  # it stays away: looked at now and then, and nothing is spent
        let_time_pass(minutes=minutes)
        probe_tripped()
        run_jobs()
    assert Attempt.objects.count() == FAILURES_OF_AN_OUTAGE and "failed" not in {
        s for s, _ in where(*some)
    }
    assert CircuitBreaker.objects.get().until - first_verification > timedelta(minutes=1)

    setattr(settings, name, home)
    since = len(sandbox.journal())
    let_time_pass(minutes=20)
    probe_tripped()
    assert {entry["method"] for entry in sandbox.journal()[since:]} == {"GET"}
    everything_comes_back(run_jobs)
    assert where(*some) == [("sent", "")] * 12
    assert len(sandbox.truth()) == 12
    said = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert len([line for line in said if line.startswith(f"{network} is closed")]) == 1
    assert len([line for line in said if line.startswith(f"{network} is open again")]) == 1


@both
@pytest.mark.parametrize("reason", ["no_answer", "cut_off", "server_error"])
def test_answers_that_never_come_count_as_away(network, reason, alice):
    channel = x_channel(alice) if network == "x" else page_channel(alice)
    fails(channel, FAILURES_OF_AN_OUTAGE - 1, OutcomeUnknown(reason))
    assert not CircuitBreaker.objects.exists()
    last = fails(channel, 1, OutcomeUnknown(reason))
    assert CircuitBreaker.objects.get().kind == "outage"
    assert reloaded(last).state == "unconfirmed"  # it may be there all the same


@pytest.mark.parametrize("answer", [PUBLISHED, Rejected("policy"), OutcomeUnknown("odd_answer")])
def test_one_answer_in_between_says_that_it_is_there(answer, channel):
    fails(channel, FAILURES_OF_AN_OUTAGE - 1, TemporaryError("unreachable"))
    delivery = publish(channel, "Answered.")
    take(delivery)
    finish_send(delivery, answer)
    fails(channel, FAILURES_OF_AN_OUTAGE - 1, TemporaryError("unreachable"))
    assert not CircuitBreaker.objects.exists()


def test_a_listener_that_fails_spoils_no_send(channel):
    def stumble(**kwargs):
        raise RuntimeError("no mail server")

    network_tripped.connect(stumble)
    try:
        last = fails(channel, FAILURES_OF_AN_OUTAGE, TemporaryError("unreachable"))
    finally:
        network_tripped.disconnect(stumble)
    assert where(last) == [("queued", "outage")]


def test_what_failed_here_says_nothing_of_the_network(channel):
    fails(channel, FAILURES_OF_AN_OUTAGE + 2, TemporaryError("too_slow_here"))
    assert not CircuitBreaker.objects.exists()


def test_one_delivery_alone_closes_nothing(channel):
    assert DELIVERIES_OF_AN_OUTAGE > 1
    delivery = publish(channel)
    for _ in range(FAILURES_OF_AN_OUTAGE):
        let_time_pass(seconds=5)
        Delivery.objects.update(next_attempt_at=timezone.now())
        delivery = reloaded(delivery)
        assert take(delivery)
        finish_send(delivery, TemporaryError("unreachable"))
    assert not CircuitBreaker.objects.exists() and reloaded(delivery).tries == FAILURES_OF_AN_OUTAGE


def test_failures_that_are_old_say_nothing_of_now(channel):
    fails(channel, FAILURES_OF_AN_OUTAGE - 1, TemporaryError("unreachable"))
    Attempt.objects.update(finished_at=timezone.now() - timedelta(minutes=3))
    fails(channel, 1, TemporaryError("unreachable"))
    assert not CircuitBreaker.objects.exists()


def test_one_network_that_is_away_closes_no_other(alice, channel):
    fails(page_channel(alice), FAILURES_OF_AN_OUTAGE, TemporaryError("unreachable"))
    assert CircuitBreaker.objects.blocking(channel.account, "x") is None
    assert claim(publish(channel, "To X.").job_id)


def test_a_home_that_is_away_closes_no_other_home(alice, bob):
    away, there = x_channel(alice), x_channel(bob, "bob")
    for channel, home in ((away, "green.example"), (there, "blue.example")):
        channel.connection.home = home
        channel.connection.save()
    fails(away, FAILURES_OF_AN_OUTAGE, TemporaryError("unreachable"))
    assert CircuitBreaker.objects.get().scope == "x@green.example"
    assert claim(publish(there, "To another home.").job_id)


def test_a_limit_of_the_whole_app_closes_the_home_that_said_so(alice):
    channel = x_channel(alice)
    channel.connection.home = "green.example"
    channel.connection.save()
    limit = Limit("day_limit", timezone.now() + timedelta(hours=1), of_all=True)
    fails(channel, 1, RateLimited("day_limit", limits=(limit,)))
    assert CircuitBreaker.objects.get().scope == "x@green.example"


def test_two_that_look_at_once_ask_once(channel, sandbox):
    CircuitBreaker.objects.trip("x", "outage", "unreachable")
    let_time_pass(minutes=1)
    one, other = CircuitBreaker.objects.get(), CircuitBreaker.objects.get()
    assert one.claim_probe() and not other.claim_probe()
