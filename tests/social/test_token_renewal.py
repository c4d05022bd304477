"""Renewing X's tokens: ahead of time, once, saved before used, and never the wrong way round."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from publishing.models import Delivery, Post
from social.connections.tokens import fresh_grant
from social.models import Connection
from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost, TemporaryError

from .dancing import connect, dance

pytestmark = pytest.mark.django_db
X = NETWORKS["x"]


@pytest.fixture
def connection(alice, sandbox) -> Connection:
    return connect(sandbox, alice, "x")


def ends_in(connection: Connection, **time) -> Connection:
    Connection.objects.filter(pk=connection.pk).update(
        access_expires_at=timezone.now() + timedelta(**time),
        renewed_at=timezone.now() - timedelta(hours=2),  # an old grant, near its end
    )
    connection.refresh_from_db()
    return connection


def renewals(sandbox) -> int:
    return len([e for e in sandbox.journal() if e["path"].endswith("/2/oauth2/token")])


def creates(sandbox) -> list[int]:
    return [e["status"] for e in sandbox.journal() if e["path"] == "/2/tweets"]


def post(user) -> Delivery:
    return Post.objects.publish(user, "Said once").deliveries.get()


def test_a_grant_that_is_about_to_end_is_renewed_first(alice, connection, sandbox, run_jobs):
    before = ends_in(connection, minutes=2).grant()
    delivery = post(alice)
    run_jobs()
    delivery.refresh_from_db()
    connection.refresh_from_db()
    after = connection.grant()
    assert (delivery.state, renewals(sandbox), creates(sandbox)) == ("sent", 1, [201])
    assert after.access != before.access and after.refresh != before.refresh
    assert connection.access_expires_at > timezone.now() + timedelta(hours=1)
    assert connection.renewing_until is None


def test_a_grant_with_time_left_is_not_renewed(connection, sandbox):
    assert fresh_grant(ends_in(connection, hours=1)) == connection.grant()
    assert renewals(sandbox) == 0


def test_a_token_that_the_network_refuses_is_renewed_once(alice, connection, sandbox, run_jobs):
    """It ended before its time; nobody needs to reconnect for that."""
    sandbox.change("expire_access", network="x", user="alice")
    delivery = post(alice)
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, renewals(sandbox), creates(sandbox)) == ("sent", 1, [401, 201])


def test_a_clock_that_was_set_back_after_a_renewal_loses_nobody(
    alice, connection, sandbox, run_jobs
):
    ahead = timezone.now() + timedelta(hours=5)
    Connection.objects.update(renewed_at=ahead, access_expires_at=ahead + timedelta(hours=2))
    sandbox.change("expire_access", network="x", user="alice")
    delivery = post(alice)
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, renewals(sandbox), creates(sandbox)) == ("sent", 1, [401, 201])
    assert Connection.objects.get().blocked_reason == ""


def test_a_renewed_token_that_is_refused_too_asks_the_person(alice, connection, sandbox, run_jobs):
    match = {"path_regex": "^/2/tweets$"}
    refused = {"status": 401, "json": {"title": "Unauthorized", "status": 401}}
    sandbox.call("POST", "/faults", json={"match": match, "action": refused, "times": None})
    delivery = post(alice)
    run_jobs()
    delivery.refresh_from_db()
    connection.refresh_from_db()
    assert (delivery.state, delivery.waiting_for) == ("queued", "reconnect")
    assert connection.blocked_reason == "token_dead"
    assert (renewals(sandbox), creates(sandbox)) == (1, [401, 401])


@pytest.mark.parametrize("preset", ["oauth.token_503", None], ids=["503", "cut"])
def test_a_renewal_that_fails_for_now_disconnects_nobody(
    alice, connection, sandbox, run_jobs, preset
):
    ends_in(connection, minutes=2)
    cut = {"match": {"path_regex": "/token$"}, "action": {"close": True}}
    sandbox.arm(preset) if preset else sandbox.call("POST", "/faults", json=cut)
    delivery = post(alice)
    run_jobs()
    delivery.refresh_from_db()
    connection.refresh_from_db()
    assert (delivery.state, delivery.waiting_for) == ("queued", "backoff")
    assert (connection.blocked_reason, connection.renewing_until) == ("", None)
    assert creates(sandbox) == []
    Delivery.objects.update(next_attempt_at=timezone.now())
    run_jobs(until=timezone.now() + timedelta(minutes=5))
    delivery.refresh_from_db()
    assert delivery.state == "sent"


def test_a_refresh_token_that_was_used_asks_the_person(alice, connection, sandbox, run_jobs):
    ends_in(connection, minutes=2)
    sandbox.arm("oauth.refresh_reuse")
    delivery = post(alice)
    run_jobs()
    delivery.refresh_from_db()
    connection.refresh_from_db()
    assert (delivery.waiting_for, connection.blocked_reason) == ("reconnect", "token_dead")
    connection.mark_lost("checkpoint")
    connection.refresh_from_db()
    assert connection.blocked_reason == "token_dead"


def test_without_a_refresh_token_the_person_is_asked(alice, sandbox, run_jobs):
    connection = connect(sandbox, alice, "x", scopes=["tweet.read", "tweet.write", "users.read"])
    sandbox.change("expire_access", network="x", user="alice")
    post(alice)
    run_jobs()
    connection.refresh_from_db()
    assert (connection.blocked_reason, renewals(sandbox)) == ("token_dead", 0)


# ── More than one at once ─────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_a_renewal_is_committed_before_its_token_is_used(
    alice, connection, sandbox, run_jobs, monkeypatch
):
    """Were the worker to die now, the only refresh token that works would be in the database."""
    stored, publish = [], X.publish

    def look() -> None:
        stored.append(Connection.objects.get().grant().access)
        connections.close_all()

    def watched(place_id, handle, outgoing, grant):
        other = threading.Thread(target=look)  # another database connection
        other.start()
        other.join()
        stored.append(grant.access)
        return publish(place_id, handle, outgoing, grant)

    ends_in(connection, minutes=2)
    monkeypatch.setattr(X, "publish", watched)
    post(alice)
    run_jobs()
    assert stored[0] == stored[1] and renewals(sandbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_renew_once(connection, sandbox):
    ends_in(connection, minutes=2)
    slow = {"match": {"path_regex": "/token$"}, "action": {"delay_ms": 700}}
    sandbox.call("POST", "/faults", json=slow)
    grants, start = [], threading.Barrier(4)

    def work() -> None:
        mine = Connection.objects.get()
        start.wait()
        try:
            grants.append(fresh_grant(mine))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert renewals(sandbox) == 1
    assert len(grants) == 4 and len({grant.access for grant in grants}) == 1
    assert X.person(grants[0]).handle == "alice"


def test_a_renewal_that_never_comes_back_is_waited_for_and_then_taken_over(
    connection, settings, sandbox
):
    settings.TIME_SCALE = 0.05
    ends_in(connection, minutes=2)
    later = timezone.now() + timedelta(minutes=1)
    Connection.objects.update(renewing_until=later)  # a worker that was killed
    with pytest.raises(TemporaryError):
        fresh_grant(connection)
    Connection.objects.update(renewing_until=timezone.now())
    fresh_grant(connection)
    assert renewals(sandbox) == 1


def test_a_renewal_never_overwrites_a_grant_that_is_newer(
    alice, connection, client_for, sandbox, monkeypatch
):
    """The person reconnects while a worker waits for the renewal of the old grant."""
    renew = X.renew

    def meanwhile(grant):
        renewed = renew(grant)
        dance(client_for(alice), "x")
        return renewed

    monkeypatch.setattr(X, "renew", meanwhile)
    grant = fresh_grant(ends_in(connection, minutes=2))
    stored = Connection.objects.get().grant()
    assert grant == stored and stored.scopes  # those that came with the new one


def test_a_renewal_leaves_nothing_on_a_row_that_was_wiped(
    connection, sandbox, run_jobs, monkeypatch
):
    renew = X.renew

    def meanwhile(grant):
        renewed = renew(grant)
        Connection.objects.get().disconnect()
        run_jobs()
        return renewed

    monkeypatch.setattr(X, "renew", meanwhile)
    with pytest.raises(AuthorizationLost):
        fresh_grant(ends_in(connection, minutes=2))
    kept = Connection.objects.get()
    assert (kept.access_sealed, kept.refresh_sealed, kept.blocked_reason) == ("", "", "")
