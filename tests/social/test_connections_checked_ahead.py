"""Renewed and checked ahead of time, so that no send waits for it or is the first to know."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from social import tasks
from social.connections.connect import accept_grant
from social.models import Channel, Connection
from social.networks.shapes import Grant

from .dancing import BAKERY, FB_ALICE, GARDEN, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def x(alice, sandbox) -> Connection:
    return connect(sandbox, alice, "x")


@pytest.fixture
def facebook(alice, sandbox) -> Connection:
    return connect(sandbox, alice, "facebook")


def ends_in(connection, **time):
    ends = timezone.now() + timedelta(**time)
    old = timezone.now() - timedelta(days=60)
    Connection.objects.update(access_expires_at=ends, renewed_at=old, checked_at=old)


def reload(connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def renew_ending(run_jobs) -> list[str]:
    OrmQ.objects.all().delete()
    tasks.renew_ending()
    ran = [job.func for job in run_jobs() if job.func.startswith("social.")]
    return [func.rpartition(".")[2] for func in ran]


# ── Renewed ───────────────────────────────────────────────────────────────────────────────────
def test_what_ends_soon_is_renewed_before_anybody_needs_it(x, sandbox, run_jobs):
    before = x.grant()
    ends_in(x, minutes=12)
    assert renew_ending(run_jobs) == ["renew_connection"]
    after = reload(x)
    assert after.grant().access != before.access and after.grant().refresh != before.refresh
    assert after.access_expires_at > timezone.now() + timedelta(hours=1)
    assert renew_ending(run_jobs) == []


def test_what_does_not_end_or_cannot_be_renewed_is_left_alone(x, run_jobs):
    ends_in(x, minutes=20)
    assert renew_ending(run_jobs) == []
    for change in (
        {"blocked_reason": "token_dead"},
        {"blocked_reason": "", "refresh_sealed": ""},
        {"refresh_sealed": "sealed", "disconnected_at": timezone.now()},
    ):
        ends_in(x, minutes=2)
        Connection.objects.update(**change)
        assert renew_ending(run_jobs) == []


def test_a_renewal_that_fails_for_now_is_repeated_by_the_timetable(x, sandbox, run_jobs):
    ends_in(x, minutes=12)
    sandbox.arm("oauth.token_503")
    assert renew_ending(run_jobs) == ["renew_connection"]
    assert (reload(x).blocked_reason, reload(x).renewing_until) == ("", None)
    assert renew_ending(run_jobs) == ["renew_connection"]
    assert renew_ending(run_jobs) == []


def test_a_renewal_that_is_refused_asks_the_person(x, sandbox, run_jobs):
    ends_in(x, minutes=12)
    sandbox.arm("oauth.refresh_reuse")
    renew_ending(run_jobs)
    assert reload(x).blocked_reason == "token_dead"
    assert renew_ending(run_jobs) == []


def test_months_long_tokens_are_renewed_by_a_refresh_once_a_day(facebook, run_jobs):
    before = facebook.grant()
    ends_in(facebook, days=20)
    assert renew_ending(run_jobs) == []
    ends_in(facebook, days=10)
    assert renew_ending(run_jobs) == ["refresh_connection"]
    assert reload(facebook).grant().access != before.access
    Connection.objects.update(access_expires_at=timezone.now() + timedelta(days=10))
    assert renew_ending(run_jobs) == []  # looked at today


# ── Checked ───────────────────────────────────────────────────────────────────────────────────
def check(connection) -> str:
    tasks.check_connection(str(connection.pk))
    return reload(connection).blocked_reason


def wrote(sandbox) -> list[str]:
    return [
        e["path"]
        for e in sandbox.journal()
        if e["method"] != "GET" and not e["path"].endswith("token")
    ]


def test_a_check_reads_and_notes_when(x, facebook, sandbox):
    for connection in (x, facebook):
        Connection.objects.update(checked_at=timezone.now() - timedelta(days=1))
        assert check(connection) == ""
        assert reload(connection).checked_at > timezone.now() - timedelta(minutes=1)
    assert wrote(sandbox) == []
    assert any(e["path"].endswith("/2/users/me") for e in sandbox.journal())


def test_an_access_token_that_ended_early_is_renewed(x, sandbox):
    sandbox.change("expire_access", network="x", user="alice")
    before = x.grant()
    assert check(x) == "" and reload(x).grant().access != before.access


def test_what_x_would_refuse_is_found(x, sandbox, alice):
    sandbox.change("suspend", user="alice")
    assert check(x) == "suspended"
    assert Channel.objects.of(alice).get().state_sentence.startswith("X has suspended this account")
    told = sandbox.token("x", "alice")
    accept_grant(reload(x), x.person, Grant(told["access_token"], told["refresh_token"]))
    sandbox.change("suspend", user="alice", on=False)
    sandbox.change("revoke", network="x", user="alice")
    assert check(x) == "token_dead"


@pytest.mark.parametrize(
    ("what", "more", "reason"),
    [
        ("password_change", {}, "password_changed"),
        ("checkpoint", {}, "checkpoint"),
        ("revoke", {"network": "facebook"}, "app_removed"),
        (
            "drop_scope",
            {"network": "facebook", "scope": "pages_manage_posts"},
            "permission_missing",
        ),
    ],
)
def test_what_facebook_would_refuse_is_found(what, more, reason, facebook, sandbox):
    sandbox.change(what, user=FB_ALICE, **more)
    assert check(facebook) == reason


def test_a_role_that_is_gone_is_found_for_its_page_alone(facebook, sandbox):
    sandbox.change("remove_role", page=BAKERY, user=FB_ALICE)
    assert check(facebook) == ""
    reasons = dict(facebook.channels.values_list("remote_id", "blocked_reason"))
    assert reasons[BAKERY] == "page_role" and reasons[GARDEN] == ""


def test_a_check_of_what_is_lost_or_gone_asks_nobody(x, sandbox):
    x.mark_lost("password_changed")
    assert check(x) == "password_changed"
    tasks.check_connection("00000000-0000-0000-0000-000000000000")
    assert not [e for e in sandbox.journal() if e["path"].endswith("/me")][1:]
