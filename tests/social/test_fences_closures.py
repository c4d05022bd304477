"""Channels and closures between two that know different things."""

from datetime import timedelta

import pytest
from django.utils import timezone

from social.models import Channel, Closure, network_closed, network_opened
from social.models.circuit_breaker import (
    CREDITS,
    KINDS,
    OUTAGE,
    PAUSED,
    RATE_LIMIT,
    forget_closures,
)
from social.networks import NETWORKS
from social.networks.shapes import Grant, Place
from tests.publishing.conftest import page_channel

from .test_fences import changes_nothing, fresh

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


# ── Closures ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def told():
    """(signal, bucket) of what was sent."""
    found = []

    def opened(closure, **kwargs):
        found.append(("opened", closure.bucket))

    def closed(closure, **kwargs):
        found.append(("closed", closure.bucket))

    network_opened.connect(opened), network_closed.connect(closed)
    yield found
    network_opened.disconnect(opened), network_closed.disconnect(closed)


def test_of_two_that_open_one_tells_it(told):
    Closure.objects.close("x", OUTAGE, "unreachable")
    assert Closure.objects.open("x", OUTAGE) and not Closure.objects.open("x", OUTAGE)
    assert told == [("closed", "x"), ("opened", "x")]


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_that_close_one_tells_it(told, kind):
    for _ in range(2):
        Closure.objects.close("x", kind, "unreachable")
    assert told == [("closed", "x")] and Closure.objects.count() == 1


def test_opened_is_what_was_named(told):
    Closure.objects.close("x", OUTAGE, "unreachable")
    Closure.objects.close("x", CREDITS, "credits")
    Closure.objects.close("facebook", OUTAGE, "unreachable")
    assert not Closure.objects.open("x", PAUSED)
    assert Closure.objects.open("x", OUTAGE)
    standing = Closure.objects.standing().values_list("bucket", "kind")
    assert set(standing) == {("x", CREDITS), ("facebook", OUTAGE)}


def test_the_second_pause_is_none(alice, bob):
    assert Closure.objects.pause("x", alice) and not Closure.objects.pause("x", bob)
    assert Closure.objects.get().by == alice


def test_one_of_two_workers_looks_whether_it_is_back():
    Closure.objects.close("x", OUTAGE, "unreachable")
    Closure.objects.update(until=timezone.now() - MINUTE)
    one, other = Closure.objects.to_look_at().get(), Closure.objects.to_look_at().get()
    assert one.look_later() and not other.look_later()
    now = Closure.objects.get()
    assert (now.times, now.until > timezone.now()) == (1, True)


@pytest.mark.parametrize("meanwhile", ["opened", "another"])
def test_what_was_opened_or_is_anothers_is_not_looked_at(meanwhile):
    Closure.objects.close("x", OUTAGE, "unreachable")
    until = timezone.now() - MINUTE
    Closure.objects.update(until=until)
    late = Closure.objects.to_look_at().get()
    Closure.objects.close("facebook", OUTAGE, "unreachable")
    Closure.objects.update(until=until)
    if meanwhile == "opened":
        Closure.objects.open("x", OUTAGE)
        assert not late.look_later()
    else:
        assert late.look_later()
    others = Closure.objects.get(bucket="facebook")
    assert (others.times, others.until) == (0, until)


def test_the_later_end_counts_whoever_says_it_last():
    early, late = timezone.now() + HOUR, timezone.now() + 2 * HOUR
    for until in (late, early, None):
        Closure.objects.close("x", RATE_LIMIT, "rate_limit", until, account="x:1")
    assert Closure.objects.get().until == late
    forget_closures()
    assert Closure.objects.over("x:1", "x").until == late
    assert Closure.objects.over("x:2", "x") is None


# ── A few places ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("places", "ticked"), [(1, True), (5, True), (6, False)])
def test_a_few_places_are_ticked_and_a_crowd_is_not(alice, channel, places, ticked):
    Channel.objects.update(chosen_at=None, disconnected_at=timezone.now())
    connection = fresh(channel.connection)
    connection.settle(
        (), [Place(f"7{n}", f"Page {n}", f"page{n}", token="t") for n in range(places)]
    )
    assert len(fresh(connection).offered) == places
    assert fresh(connection).is_ticked is ticked
    connection.channels.offered().first().choose()
    assert not fresh(connection).is_ticked  # only at the first time
