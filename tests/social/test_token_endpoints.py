"""What token endpoints say no with, through the real libraries: what becomes of the connection, and
what its person reads. What does not refuse the grant never costs it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from publishing.models import Delivery, Post
from social.models import CircuitBreaker, Connection
from social.models.circuit_breaker import forget_known_breakers
from social.networks.messages import sentence
from tests.sandbox import PRESETS

from .dancing import a_minute_passes, connect, dance

pytestmark = pytest.mark.django_db
DEAD, CHANGED = ("token_dead", ""), ("password_changed", "")  # (blocked_reason, last_error)
REFUSED, AWAY = ("", "app_refused"), ("", "unreachable")
CREDITS, LIMITED = ("", "credits"), ("", "rate_limit")
SEEN = {
    "token.x.invalid": DEAD,
    "token.x.invalid.wordless": DEAD,
    "token.x.invalid_grant": DEAD,
    "token.x.header": REFUSED,
    "token.x.client": REFUSED,
    "token.x.client_id": REFUSED,
    "token.x.parameter": REFUSED,
    "token.x.not_enrolled": REFUSED,
    "token.x.402": CREDITS,
    "token.x.429": LIMITED,
    "token.x.429.html": LIMITED,
    "token.x.503": AWAY,
    "token.x.400.html": AWAY,
    "token.x.400.list": AWAY,
    "token.x.200.list": AWAY,
    "token.x.200.empty": AWAY,
    "token.fb.190": DEAD,
    "token.fb.190.460": CHANGED,
    "token.fb.190.463": DEAD,
    "token.fb.102": DEAD,
    "token.fb.secret": REFUSED,
    "token.fb.101": REFUSED,
    "token.fb.101.unknown": REFUSED,
    "token.fb.190.app": REFUSED,
    "token.fb.200.app": REFUSED,
    "token.fb.1": AWAY,
    "token.fb.2": AWAY,
    "token.fb.4": LIMITED,
    "token.fb.html": AWAY,
    "token.fb.200.list": AWAY,
    "token.fb.200.empty": AWAY,
}


def network_of(preset: str) -> str:
    return "x" if preset.startswith("token.x.") else "facebook"


def near_its_end(connection: Connection) -> Connection:
    """So that it is renewed first."""
    now = timezone.now()
    Connection.objects.filter(pk=connection.pk).update(
        access_expires_at=now + timedelta(minutes=2), renewed_at=now - timedelta(hours=2)
    )
    connection.refresh_from_db()
    return connection


def refresh(connection: Connection, run_jobs) -> Connection:
    a_minute_passes()
    assert Connection.objects.get(pk=connection.pk).request_refresh()
    run_jobs()
    connection.refresh_from_db()
    return connection


def test_the_table_has_them_all():
    assert SEEN.keys() == {name for name in PRESETS if name.startswith("token.")}


@pytest.mark.parametrize("preset", SEEN)
def test_what_it_says_of_a_grant(preset, alice, client_for, sandbox, run_jobs):
    connection = near_its_end(connect(sandbox, alice, network_of(preset)))
    grant = connection.grant()
    sandbox.arm(preset)
    refresh(connection, run_jobs)
    (blocked, error), label = SEEN[preset], connection.network.label
    assert (connection.blocked_reason, connection.last_error) == (blocked, error)
    assert connection.blocked_sentence == sentence(blocked or error, label)
    assert (
        escape(connection.blocked_sentence) in client_for(alice).get("/channels/").content.decode()
    )
    assert connection.grant() == grant  # neither lost nor half of a new one
    sandbox.disarm()
    if not blocked:
        refresh(connection, run_jobs)
        assert (connection.blocked_reason, connection.last_error) == (
            "",
            "",
        ) and connection.grant() != grant


WAITING = {DEAD: "reconnect", REFUSED: "credits", CREDITS: "credits", LIMITED: "rate_limit"}


@pytest.mark.parametrize("preset", [name for name in SEEN if network_of(name) == "x"])
def test_what_a_post_does_then(preset, alice, sandbox, run_jobs):
    near_its_end(connect(sandbox, alice, "x"))
    sandbox.arm(preset)
    delivery = Post.objects.publish(alice, "Said once").deliveries.get()
    run_jobs()
    delivery.refresh_from_db()
    (blocked, error), waiting_for = SEEN[preset], WAITING.get(SEEN[preset], "backoff")
    assert (delivery.state, delivery.waiting_for) == ("queued", waiting_for)
    assert delivery.reason == (blocked or error)
    # What only an operator can settle closes the network, and tells staff; nothing else does.
    closed = CircuitBreaker.objects.tripped().of_networks().values_list("reason", flat=True)
    assert list(closed) == ([error] if waiting_for == "credits" else [])
    sandbox.disarm()
    CircuitBreaker.objects.all().delete()
    forget_known_breakers()
    Delivery.objects.update(next_attempt_at=timezone.now())
    run_jobs(until=timezone.now() + timedelta(days=1))
    assert len(sandbox.truth("x")) == (0 if blocked else 1)


@pytest.mark.parametrize("preset", SEEN)
def test_signing_in_is_refused_with_a_page(preset, alice, client_for, sandbox, run_jobs):
    """And what was connected before is as it was."""
    connection = connect(sandbox, alice, network_of(preset))
    grant = connection.grant()
    sandbox.arm(preset)
    answer = dance(client_for(alice), network_of(preset))
    assert answer.status_code == 401
    assert "Connecting did not work" in answer.content.decode()
    connection.refresh_from_db()
    assert (connection.blocked_reason, connection.grant()) == ("", grant)


@pytest.mark.parametrize("network", ["x", "facebook"])
def test_a_wrong_secret_here_cuts_nobody_off(network, alice, sandbox, run_jobs, settings):
    connection = near_its_end(connect(sandbox, alice, network))
    right = settings.X_CLIENT_SECRET, settings.FACEBOOK_APP_SECRET
    settings.X_CLIENT_SECRET = settings.FACEBOOK_APP_SECRET = "wrong"
    refresh(connection, run_jobs)
    assert (connection.blocked_reason, connection.last_error) == REFUSED
    settings.X_CLIENT_SECRET, settings.FACEBOOK_APP_SECRET = right
    refresh(connection, run_jobs)
    assert (connection.blocked_reason, connection.last_error) == ("", "")
