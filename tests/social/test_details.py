"""What is easily lost when code is moved: each was in a trial, and no other test noticed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from social.models import Closure, Connection, open_what_answers
from social.models.closures import CREDITS, RATE_LIMIT
from social.models.tokens import RENEW_BEFORE
from social.networks.errors import Rejected, TemporaryError
from social.networks.http import CALL_DEADLINE, wire_error
from social.sandbox.presets import PRESETS

from .dancing import connect

pytestmark = pytest.mark.django_db


def test_what_was_opened_by_hand_is_closed_anew_for_as_long_as_ever(db):
    far = timezone.now() + timedelta(days=30)
    Closure.objects.close("x", CREDITS, "credits", far)
    assert Closure.objects.open("x", CREDITS)
    again = Closure.objects.close("x", CREDITS, "credits")
    assert timezone.now() < again.until < timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize("times, opens", [(1, True), (2, False)])
def test_one_odd_token_does_not_keep_a_network_closed(alice, bob, sandbox, times, opens):
    connect(sandbox, alice, "x"), connect(sandbox, bob, "x", "bob")
    past = timezone.now() - timedelta(minutes=1)
    closure = Closure.objects.close("x", CREDITS, "app_refused")
    Closure.objects.filter(pk=closure.pk).update(until=past)
    action = PRESETS["x.403.app_only"].action
    fault = {"action": action, "match": {"path_regex": "/users/me$"}, "times": times}
    sandbox.call("POST", "/faults", json=fault)
    open_what_answers()
    assert Closure.objects.standing().exists() is not opens


def test_a_token_that_lasts_is_used_without_a_question(alice, sandbox):
    connect(sandbox, alice, "x")
    row = Connection.objects.get()
    with CaptureQueriesContext(connection) as asked:
        assert row.fresh_grant().access
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


def test_a_closure_says_how_long_it_lasts():
    until = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
    assert Closure(kind=RATE_LIMIT).lasts == "until somebody resumes it"
    assert Closure(kind=RATE_LIMIT, until=until).lasts == "until 2026-11-29 12:30:00 UTC"
    assert Closure(kind=CREDITS, until=until).lasts == "looking again at 2026-11-29 12:30:00 UTC"
