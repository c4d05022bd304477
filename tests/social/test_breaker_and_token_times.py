"""What is easily lost when code is moved: each was in a trial, and no other test noticed."""

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from social import timing
from social.connections.probe import probe_tripped
from social.connections.tokens import RENEW_BEFORE, fresh_grant
from social.models import CircuitBreaker, Connection
from social.models.circuit_breaker import CREDITS, OUTAGE, PAUSED, RATE_LIMIT
from social.networks.errors import Rejected, TemporaryError
from social.networks.http import CALL_DEADLINE, Deadline, NetworkAdapter, wire_error
from tests.sandbox import PRESETS

from .dancing import connect

pytestmark = pytest.mark.django_db


def test_what_was_opened_by_hand_is_closed_anew_for_as_long_as_ever(db):
    far = timezone.now() + timedelta(days=30)
    CircuitBreaker.objects.trip("x", CREDITS, "credits", far)
    assert CircuitBreaker.objects.reset("x", CREDITS)
    again = CircuitBreaker.objects.trip("x", CREDITS, "credits")
    assert timezone.now() < again.until < timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize("times, opens", [(1, True), (2, False)])
def test_one_odd_token_does_not_keep_a_network_closed(alice, bob, sandbox, times, opens):
    connect(sandbox, alice, "x"), connect(sandbox, bob, "x", "bob")
    past = timezone.now() - timedelta(minutes=1)
    breaker = CircuitBreaker.objects.trip("x", CREDITS, "app_refused")
    CircuitBreaker.objects.filter(pk=breaker.pk).update(until=past)
    action = PRESETS["x.403.app_only"].action
    fault = {"action": action, "match": {"path_regex": "/users/me$"}, "times": times}
    sandbox.call("POST", "/faults", json=fault)
    probe_tripped()
    assert CircuitBreaker.objects.tripped().exists() is not opens


def test_a_token_that_lasts_is_used_without_a_question(alice, sandbox):
    connect(sandbox, alice, "x")
    row = Connection.objects.get()
    with CaptureQueriesContext(connection) as asked:
        assert fresh_grant(row).access
    assert len(asked) == 0


def test_a_token_is_renewed_while_it_still_lasts_for_a_whole_send():
    assert RENEW_BEFORE >= 5 * timedelta(seconds=CALL_DEADLINE)


@pytest.mark.parametrize(
    "status, kind",
    [
        (None, TemporaryError),
        (399, TemporaryError),
        (400, Rejected),
        (499, Rejected),
        (500, TemporaryError),
    ],
)
def test_what_cannot_be_read_counts_by_its_status(status, kind):
    error = ValueError("no JSON")
    error.was_sent = True
    assert type(wire_error(error, status, creating=False)) is kind


def test_a_breaker_says_how_long_it_lasts():
    until = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
    assert CircuitBreaker(kind=RATE_LIMIT).lasts == "until somebody resumes it"
    assert CircuitBreaker(kind=RATE_LIMIT, until=until).lasts == "until 2026-11-29 12:30:00 UTC"
    assert (
        CircuitBreaker(kind=CREDITS, until=until).lasts
        == "looking again at 2026-11-29 12:30:00 UTC"
    )


@pytest.mark.parametrize(
    "kind, seconds", [(CREDITS, 4 * 3600), (OUTAGE, 900), (RATE_LIMIT, 3600), (PAUSED, None)]
)
def test_what_closes_again_and_again_is_closed_for_so_long_at_most(kind, seconds, monkeypatch):
    monkeypatch.setattr(timing.random, "uniform", lambda low, high: high)
    later = CircuitBreaker(kind=kind, times=30).later()
    if seconds is None:
        assert later is None
    else:
        left = (later - timezone.now()).total_seconds()
        assert seconds - 60 < left <= seconds


def test_a_grant_without_a_new_refresh_token_keeps_the_old_one(alice, sandbox):
    connect(sandbox, alice, "x")
    row = Connection.objects.get()
    before = row.refresh_sealed
    grant = row.grant()
    row.keep(replace(grant, refresh=""))
    assert row.refresh_sealed == before
    row.keep(replace(grant, refresh="another"))
    assert row.grant().refresh == "another"


def test_a_proxy_is_managed_once():
    adapter = NetworkAdapter("X_API_URL", settings.X_API_URL, CALL_DEADLINE)
    assert adapter.proxy_manager_for("http://127.0.0.1:9") is adapter.proxy_manager_for(
        "http://127.0.0.1:9"
    )


def test_a_deadline_keeps_no_process_that_ends():
    assert Deadline(5).timer.daemon


def test_the_second_handle_of_a_cut_connection_is_given_back():
    with Deadline(5) as deadline:
        ours, theirs = socket.socketpair()
        assert deadline.watch(ours)
        held = deadline.socket
    assert held.fileno() == -1 and deadline.socket is None
    ours.close(), theirs.close()


@pytest.mark.parametrize(
    "life, left, ends_soon",
    [
        (None, 199, True),
        (None, 201, False),
        (60, 29, True),  # within half of a short life
        (60, 31, False),
        (-60, 199, True),  # a clock was set back since
        (-60, 201, False),
        (10_000, 199, True),
        (10_000, 201, False),
    ],
)
def test_a_token_is_renewed_before_its_end_but_not_all_its_life(life, left, ends_soon):
    ends = timezone.now() + timedelta(seconds=left)
    begun = ends - timedelta(seconds=life) if life else None
    row = Connection(access_expires_at=ends, renewed_at=begun)
    assert row.ends_within(timedelta(seconds=200)) is ends_soon


def test_each_network_is_paused_by_itself(django_user_model):
    operator = django_user_model.objects.create(username="operator")
    assert CircuitBreaker.objects.pause("facebook", operator)
    assert CircuitBreaker.objects.pause("x", operator)
    assert not CircuitBreaker.objects.pause("x", operator)


def test_what_was_never_renewed_may_be(alice, sandbox):
    connect(sandbox, alice, "x")
    Connection.objects.update(renewed_at=None)
    assert Connection.objects.get().may_be_renewed(since=timezone.now())
