"""Channels and circuit breakers between two that know different things."""

from datetime import timedelta

import pytest
from django.utils import timezone

from social.connections.refresh import store_answer
from social.models import Channel, CircuitBreaker, network_reset, network_tripped
from social.models.circuit_breaker import (
    BREAKER_KINDS,
    CREDITS,
    OUTAGE,
    PAUSED,
    RATE_LIMIT,
    forget_known_breakers,
)
from social.networks import NETWORKS
from social.networks.shapes import Grant, Place
from tests.publishing.factories import page_channel

from .test_fences_connections import changes_nothing, fresh

pytestmark = pytest.mark.django_db
X = NETWORKS["x"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NEWER = Grant("newer-access", "newer-refresh", timezone.now() + 2 * HOUR, ("tweet.read",))


# ── Channels ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def channel(alice):
    return page_channel(alice)


def test_what_was_disconnected_meanwhile_is_not_chosen(channel):
    Channel.objects.update(chosen_at=None)
    page = Channel.objects.get()
    Channel.objects.get().stop()
    changes_nothing(page.choose, channel.connection)


def test_the_second_click_on_choosing_changes_nothing(channel):
    page = Channel.objects.get()
    changes_nothing(page.choose, channel.connection)


def test_the_loss_of_an_older_token_says_nothing_of_the_newer(channel):
    page = Channel.objects.get()
    Channel.objects.get().take(Place(channel.remote_id, "Bakery", "bakery", token="newer"))
    changes_nothing(lambda: page.mark_lost("page_role"), channel.connection)


def test_the_first_reason_of_a_places_loss_stays(channel):
    late = Channel.objects.get()
    Channel.objects.get().mark_lost("page_role")
    changes_nothing(lambda: late.mark_lost("not_ticked"), channel.connection)


# ── Circuit breakers ──────────────────────────────────────────────────────────────────────────
@pytest.fixture
def told():
    """(signal, scope) of what was sent."""
    found = []

    def opened(breaker, **kwargs):
        found.append(("opened", breaker.scope))

    def closed(breaker, **kwargs):
        found.append(("closed", breaker.scope))

    network_reset.connect(opened), network_tripped.connect(closed)
    yield found
    network_reset.disconnect(opened), network_tripped.disconnect(closed)


def test_of_two_that_open_one_tells_it(told):
    CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    assert CircuitBreaker.objects.reset("x", OUTAGE) and not CircuitBreaker.objects.reset(
        "x", OUTAGE
    )
    assert told == [("closed", "x"), ("opened", "x")]


@pytest.mark.parametrize("kind", BREAKER_KINDS)
def test_of_two_that_close_one_tells_it(told, kind):
    for _ in range(2):
        CircuitBreaker.objects.trip("x", kind, "unreachable")
    assert told == [("closed", "x")] and CircuitBreaker.objects.count() == 1


def test_opened_is_what_was_named(told):
    CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    CircuitBreaker.objects.trip("x", CREDITS, "credits")
    CircuitBreaker.objects.trip("facebook", OUTAGE, "unreachable")
    assert not CircuitBreaker.objects.reset("x", PAUSED)
    assert CircuitBreaker.objects.reset("x", OUTAGE)
    tripped = CircuitBreaker.objects.tripped().values_list("scope", "kind")
    assert set(tripped) == {("x", CREDITS), ("facebook", OUTAGE)}


def test_the_second_pause_is_none(alice, bob):
    assert CircuitBreaker.objects.pause("x", alice) and not CircuitBreaker.objects.pause("x", bob)
    assert CircuitBreaker.objects.get().by == alice


def test_one_of_two_workers_looks_whether_it_is_back():
    CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    CircuitBreaker.objects.update(until=timezone.now() - MINUTE)
    one, other = CircuitBreaker.objects.to_probe().get(), CircuitBreaker.objects.to_probe().get()
    assert one.claim_probe() and not other.claim_probe()
    now = CircuitBreaker.objects.get()
    assert (now.times, now.until > timezone.now()) == (1, True)
    late = CircuitBreaker.objects.get()
    CircuitBreaker.objects.update(until=timezone.now() - MINUTE)  # of a later probe
    assert not late.claim_probe() and CircuitBreaker.objects.get().claim_probe()


@pytest.mark.parametrize("meanwhile", ["opened", "another"])
def test_what_was_opened_or_is_anothers_is_not_looked_at(meanwhile):
    CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    until = timezone.now() - MINUTE
    CircuitBreaker.objects.update(until=until)
    late = CircuitBreaker.objects.to_probe().get()
    CircuitBreaker.objects.trip("facebook", OUTAGE, "unreachable")
    CircuitBreaker.objects.update(until=until)
    if meanwhile == "opened":
        CircuitBreaker.objects.reset("x", OUTAGE)
        assert not late.claim_probe()
    else:
        assert late.claim_probe()
    others = CircuitBreaker.objects.get(scope="facebook")
    assert (others.times, others.until) == (0, until)


def test_of_a_network_that_is_not_here_any_more_nothing_is_told():
    for name in ("x", "facebook"):
        CircuitBreaker.objects.trip(name, OUTAGE, "unreachable")
    CircuitBreaker.objects.filter(scope="facebook").update(network_name="gone", scope="gone")
    assert [row.scope for row in CircuitBreaker.objects.tripped().of_networks()] == ["x"]


def test_the_later_end_counts_whoever_says_it_last():
    early, late = timezone.now() + HOUR, timezone.now() + 2 * HOUR
    for until in (late, early, None):
        CircuitBreaker.objects.trip("x", RATE_LIMIT, "rate_limit", until, account="x:1")
    assert CircuitBreaker.objects.get().until == late
    forget_known_breakers()
    assert CircuitBreaker.objects.blocking("x:1", "x").until == late
    assert CircuitBreaker.objects.blocking("x:2", "x") is None


# ── A few places ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("places", "ticked"), [(1, True), (5, True), (6, False)])
def test_a_few_places_are_ticked_and_a_crowd_is_not(alice, channel, places, ticked):
    Channel.objects.update(chosen_at=None, disconnected_at=timezone.now())
    connection = fresh(channel.connection)
    store_answer(
        connection, (), [Place(f"7{n}", f"Page {n}", f"page{n}", token="t") for n in range(places)]
    )
    assert len(fresh(connection).offered) == places
    assert fresh(connection).is_ticked is ticked
    connection.channels.offered().first().choose()
    assert not fresh(connection).is_ticked  # only at the first time
