"""Two that act on one connection, channel or closure, the second knowing only what stood there
before the first did."""

from datetime import timedelta

import pytest
from django.utils import timezone

from social.models import Channel, Closure, Connection, network_closed, network_opened
from social.models.closures import CREDITS, KINDS, OUTAGE, PAUSED, RATE_LIMIT, forget_closures
from social.networks import NETWORKS
from social.networks.base import Grant, Place
from social.networks.errors import AuthorizationLost, TemporaryError
from tests.publishing.conftest import page_channel, x_channel

pytestmark = pytest.mark.django_db
X = NETWORKS["x"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NEWER = Grant("newer-access", "newer-refresh", timezone.now() + 2 * HOUR, ("tweet.read",))


@pytest.fixture
def connection(alice):
    return fresh(x_channel(alice).connection)


def fresh(connection):
    return Connection.objects.get(pk=connection.pk)


def row(connection):
    return (
        Connection.objects.values().get(pk=connection.pk),
        list(Channel.objects.filter(connection=connection).values()),
    )


def changes_nothing(act, connection):
    before = row(connection)
    result = act()
    assert row(connection) == before
    return result


def connected_anew(connection):
    fresh(connection).take(connection.person, NEWER)
    return fresh(connection)


# ── The grant ─────────────────────────────────────────────────────────────────────────────────
def test_what_a_renewal_gave_is_not_put_over_a_newer_grant(connection):
    connected_anew(connection)
    kept = changes_nothing(lambda: connection.keep_renewed(Grant("late", "late")), connection)
    assert kept is False


def test_what_a_renewal_gave_is_not_put_where_the_other_half_is_newer(connection):
    """One of the two tokens alone may have changed: neither is ours to write then."""
    for field in ("access_sealed", "refresh_sealed"):
        late = fresh(connection)
        Connection.objects.filter(pk=connection.pk).update(**{field: f"another {field}"})
        assert not changes_nothing(lambda late=late: late.keep_renewed(Grant("a", "b")), connection)


def test_the_refusal_of_an_older_token_ends_no_newer_one(connection):
    begun = timezone.now() + MINUTE
    connected_anew(connection)
    changes_nothing(lambda: connection.may_be_renewed(since=begun), connection)


def test_the_refusal_of_todays_token_makes_it_end(connection):
    assert connection.may_be_renewed(since=timezone.now())
    assert fresh(connection).access_expires_at <= timezone.now()


@pytest.mark.parametrize(("renewed", "may"), [(-MINUTE, True), (MINUTE, False), (HOUR, True)])
def test_a_renewal_since_then_is_not_repeated(connection, renewed, may):
    """One of the future was before a clock was set back."""
    since = timezone.now() - HOUR / 2
    connection.renewed_at = since + renewed
    assert connection.may_be_renewed(since) is may


def test_what_is_lost_or_cannot_be_renewed_is_not_renewed(connection):
    now = timezone.now()
    connection.trouble = "token_dead"
    assert not connection.may_be_renewed(now)
    connection.trouble, connection.refresh_sealed = "", ""
    assert not connection.may_be_renewed(now)


def test_of_two_one_takes_the_renewal(connection):
    other = fresh(connection)
    assert connection._take_renewal() and not other._take_renewal()
    Connection.objects.update(renewing_until=timezone.now() - MINUTE)  # whoever had it is gone
    assert other._take_renewal()


def test_the_first_reason_of_a_loss_stays(connection):
    late = fresh(connection)
    connection.mark_lost("token_dead")
    changes_nothing(lambda: late.mark_lost("suspended"), connection)


def test_the_loss_of_an_older_grant_says_nothing_of_the_newer(connection):
    connected_anew(connection)
    changes_nothing(lambda: connection.mark_lost("token_dead"), connection)


def test_what_an_older_grant_saw_does_not_count(connection):
    connected_anew(connection)
    settled = changes_nothing(lambda: connection.settle(["tweet.write"], []), connection)
    assert settled is False


def test_what_is_seen_of_a_disconnected_one_does_not_count(connection):
    fresh(connection).disconnect()
    assert changes_nothing(lambda: connection.settle(["tweet.write"], []), connection)


def test_tokens_are_not_wiped_once_it_is_connected_again(connection):
    late = fresh(connection)
    late.disconnect()
    connected_anew(connection)
    changes_nothing(late.wipe, connection)
    assert fresh(connection).grant().access == "newer-access"


def test_wiped_are_the_tokens_of_that_connection_alone(alice, connection):
    other = page_channel(alice)
    fresh(connection).disconnect()
    before = row(other.connection)
    fresh(connection).wipe()
    assert row(other.connection) == before
    gone = fresh(connection)
    assert gone.access_sealed == gone.refresh_sealed == "" and gone.access_expires_at is None


def test_a_renewal_frees_its_own_row_only(alice, connection, monkeypatch):
    other = page_channel(alice).connection
    Connection.objects.update(access_expires_at=timezone.now(), renewing_until=None)
    until = timezone.now() + MINUTE
    Connection.objects.filter(pk=other.pk).update(renewing_until=until)
    monkeypatch.setattr(X, "renew", lambda grant: NEWER)
    assert fresh(connection).fresh_grant().access == "newer-access"
    assert fresh(connection).renewing_until is None
    assert fresh(other).renewing_until == until


def test_a_failed_renewal_frees_its_row(connection, monkeypatch):
    def away(grant):
        raise TemporaryError("unreachable")

    Connection.objects.update(access_expires_at=timezone.now())
    monkeypatch.setattr(X, "renew", away)
    with pytest.raises(TemporaryError):
        fresh(connection).fresh_grant()
    assert fresh(connection).renewing_until is None and fresh(connection).trouble == ""


def test_a_refused_renewal_is_remembered(connection, monkeypatch):
    def refused(grant):
        raise AuthorizationLost("token_dead")

    Connection.objects.update(access_expires_at=timezone.now())
    monkeypatch.setattr(X, "renew", refused)
    with pytest.raises(AuthorizationLost):
        fresh(connection).fresh_grant()
    assert fresh(connection).trouble == "token_dead"


def test_what_another_has_renewed_meanwhile_is_not_renewed_again(connection, monkeypatch):
    """It took the renewal just after the other one gave it back."""
    Connection.objects.update(access_expires_at=timezone.now())
    late = fresh(connection)
    fresh(connection).keep_renewed(NEWER)

    def again(grant):
        raise AssertionError("renewed twice: the second may end both")

    monkeypatch.setattr(X, "renew", again)
    assert late.fresh_grant().access == "newer-access"


def test_whoever_waits_for_anothers_renewal_uses_it_or_comes_back(
    connection, settings, monkeypatch
):
    settings.TIME_SCALE = 0.02
    Connection.objects.update(access_expires_at=timezone.now())
    late = fresh(connection)
    assert fresh(connection)._take_renewal()
    with pytest.raises(TemporaryError):
        late.fresh_grant()
    monkeypatch.setattr("time.sleep", lambda seconds: fresh(connection).keep_renewed(NEWER))
    assert late.fresh_grant().access == "newer-access"


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
