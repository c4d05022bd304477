"""Two that act on one connection, channel or breaker, the second knowing only what stood there
before the first did."""

from datetime import timedelta

import pytest
from django.utils import timezone

from social.connections.connect import accept_grant
from social.connections.refresh import store_answer
from social.connections.tokens import fresh_grant
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost, TemporaryError
from social.networks.shapes import Grant
from tests.publishing.factories import page_channel, x_channel

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
    accept_grant(fresh(connection), connection.person, NEWER)
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
    connection.blocked_reason = "token_dead"
    assert not connection.may_be_renewed(now)
    connection.blocked_reason, connection.refresh_sealed = "", ""
    assert not connection.may_be_renewed(now)


def test_of_two_one_takes_the_renewal(connection):
    other = fresh(connection)
    assert connection.claim_renewal() and not other.claim_renewal()
    Connection.objects.update(renewing_until=timezone.now() - MINUTE)  # whoever had it is gone
    assert other.claim_renewal()


def test_the_first_reason_of_a_loss_stays(connection):
    late = fresh(connection)
    connection.mark_lost("token_dead")
    changes_nothing(lambda: late.mark_lost("suspended"), connection)


def test_the_loss_of_an_older_grant_says_nothing_of_the_newer(connection):
    connected_anew(connection)
    changes_nothing(lambda: connection.mark_lost("token_dead"), connection)


def test_what_an_older_grant_saw_does_not_count(connection):
    connected_anew(connection)
    settled = changes_nothing(lambda: store_answer(connection, ["tweet.write"], []), connection)
    assert settled is False


def test_what_is_seen_of_a_disconnected_one_does_not_count(connection):
    fresh(connection).disconnect()
    assert changes_nothing(lambda: store_answer(connection, ["tweet.write"], []), connection)


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
    assert fresh_grant(fresh(connection)).access == "newer-access"
    assert fresh(connection).renewing_until is None
    assert fresh(other).renewing_until == until


def test_a_failed_renewal_frees_its_row(connection, monkeypatch):
    def away(grant):
        raise TemporaryError("unreachable")

    Connection.objects.update(access_expires_at=timezone.now())
    monkeypatch.setattr(X, "renew", away)
    with pytest.raises(TemporaryError):
        fresh_grant(fresh(connection))
    assert fresh(connection).renewing_until is None and fresh(connection).blocked_reason == ""


def test_a_refused_renewal_is_remembered(connection, monkeypatch):
    def refused(grant):
        raise AuthorizationLost("token_dead")

    Connection.objects.update(access_expires_at=timezone.now())
    monkeypatch.setattr(X, "renew", refused)
    with pytest.raises(AuthorizationLost):
        fresh_grant(fresh(connection))
    assert fresh(connection).blocked_reason == "token_dead"


def test_what_another_has_renewed_meanwhile_is_not_renewed_again(connection, monkeypatch):
    """It took the renewal just after the other one gave it back."""
    Connection.objects.update(access_expires_at=timezone.now())
    late = fresh(connection)
    fresh(connection).keep_renewed(NEWER)

    def again(grant):
        raise AssertionError("renewed twice: the second may end both")

    monkeypatch.setattr(X, "renew", again)
    assert fresh_grant(late).access == "newer-access"


def test_whoever_waits_for_anothers_renewal_uses_it_or_comes_back(
    connection, settings, monkeypatch
):
    settings.TIME_SCALE = 0.02
    Connection.objects.update(access_expires_at=timezone.now())
    late = fresh(connection)
    assert fresh(connection).claim_renewal()
    with pytest.raises(TemporaryError):
        fresh_grant(late)
    monkeypatch.setattr("time.sleep", lambda seconds: fresh(connection).keep_renewed(NEWER))
    assert fresh_grant(late).access == "newer-access"
