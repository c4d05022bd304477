"""Waiting with a reason: what one delivery learns of an account or a network counts for all."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import claim, defer
from publishing.deliveries.follow import follow_opened
from publishing.deliveries.sweep import sweep
from publishing.models import Delivery
from social.connections.probe import probe_tripped
from social.models import CircuitBreaker, circuit_breaker
from social.models.circuit_breaker import forget_known_breakers
from social.networks.errors import RateLimited
from tests.publishing.deliveries.accounts import accounts, everything_comes_back, fails, where
from tests.publishing.factories import (
    create_requests,
    let_time_pass,
    page_channel,
    publish,
    reloaded,
    x_channel,
)

pytestmark = pytest.mark.django_db
both = pytest.mark.parametrize("network", ["x", "facebook"])


# ── Limits ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("network", "preset"), [("x", "x.429.window"), ("facebook", "fb.32")])
def test_a_limited_account_is_asked_once_and_the_others_go_on(
    network, preset, alice, bob, sandbox, run_jobs
):
    mine, other = accounts(network, [alice, bob], sandbox)
    sandbox.arm(preset)
    first = publish(mine, "First.")
    behind = [publish(mine, f"Behind it, {n}.") for n in range(3)]
    run_jobs()
    elsewhere = publish(other, "Elsewhere.")
    run_jobs()
    assert where(*behind) == [("queued", "rate_limit")] * 3
    assert where(elsewhere) == [("sent", "")]
    assert len(create_requests(sandbox)) == 2
    assert (
        {reloaded(d).attempt for d in behind}
        == {0}
        == {reloaded(d).tries for d in [first, *behind]}
    )
    assert len({reloaded(d).next_attempt_at for d in behind}) == 1  # they have an order
    let_time_pass(minutes=17)
    run_jobs()
    assert where(*behind) == [("sent", "")] * 3
    made = [row["text"] for row in sandbox.truth() if row["text"].startswith("Behind")]
    assert made == [f"Behind it, {n}." for n in (2, 1, 0)]


@pytest.mark.parametrize("network", ["x", "facebook"])
def test_a_limited_app_is_asked_once_for_all_its_accounts(network, alice, bob, sandbox, run_jobs):
    mine, other = accounts(network, [alice, bob], sandbox)
    if network == "x":
        limit = {"endpoint": "POST /2/tweets", "limit": 0, "window": 86400, "who": "app"}
        sandbox.change("bucket", **limit)
    else:
        sandbox.arm("fb.4", times=None)
    publish(mine, "First.")
    run_jobs()
    second = publish(other, "Second.")
    run_jobs()
    assert where(second) == [("queued", "rate_limit")]
    assert len(create_requests(sandbox)) == 1
    assert reloaded(second).sentence.startswith(f"{mine.network.label}")
    assert "next try" in reloaded(second).sentence


def test_of_several_resets_each_counts_for_its_own(alice, bob, sandbox, run_jobs):
    """The account's quarter of an hour and the app's day."""
    mine, other = accounts("x", [alice, bob], sandbox)
    headers = {
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": "+900",
        "x-user-limit-24hour-remaining": "0",
        "x-user-limit-24hour-reset": "+7200",
        "x-app-limit-24hour-remaining": "0",
        "x-app-limit-24hour-reset": "+3600",
    }
    refused = {"status": 429, "json": {"title": "Too Many Requests"}, "headers": headers}
    match = {"path_regex": "^/2/tweets$"}
    sandbox.call("POST", "/faults", json={"match": match, "action": refused})
    limited = publish(mine, "First.")
    run_jobs()
    second = publish(other, "Second.")
    run_jobs()
    after = [
        (reloaded(d).next_attempt_at - timezone.now()).total_seconds() for d in (limited, second)
    ]
    assert 7100 < after[0] < 7240 and 3500 < after[1] < 3640


def test_facebook_says_when_a_page_may_go_on(bakery, sandbox, run_jobs):
    usage = '{"61":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":25}]}'
    refused = {
        "status": 400,
        "json": {"error": {"code": 80001, "message": "(#80001) Too many calls"}},
        "headers": {"X-Business-Use-Case-Usage": usage},
    }
    match = {"method": "POST", "path_regex": r"/\d+/feed$"}
    sandbox.call("POST", "/faults", json={"match": match, "action": refused})
    publish(bakery, "First.")
    run_jobs()
    second = publish(bakery, "Second.")
    run_jobs()
    after = reloaded(second).next_attempt_at - timezone.now()
    assert timedelta(minutes=24) < after < timedelta(minutes=26)


def test_a_limit_without_an_end_lasts_longer_each_time(channel):
    waits = []
    for _ in range(8):
        breaker = CircuitBreaker.objects.trip(
            "x", "rate_limit", "rate_limit", account=channel.account
        )
        waits.append((breaker.until - timezone.now()).total_seconds())
        let_time_pass(seconds=waits[-1] + 1)
    assert 25 < waits[0] <= 60 and all(w <= 3600 for w in waits) and waits[-1] > 1800
    let_time_pass(hours=3)
    breaker = CircuitBreaker.objects.trip("x", "rate_limit", "rate_limit", account=channel.account)
    assert breaker.times == 0


def test_the_latest_end_that_was_said_counts(channel):
    now = timezone.now()
    for minutes in (10, 30, 20):
        CircuitBreaker.objects.trip(
            "x", "rate_limit", "day_limit", now + timedelta(minutes=minutes)
        )
    breaker = CircuitBreaker.objects.blocking(channel.account, "x")
    assert breaker.until == now + timedelta(minutes=30)


def test_accounts_come_back_one_after_the_other():
    until = datetime(2036, 1, 1, tzinfo=UTC)
    breaker = CircuitBreaker(scope="x", network_name="x", kind="rate_limit", until=until)
    after = [(breaker.again_at(f"x:{n}") - until).total_seconds() for n in range(200)]
    assert 0 <= min(after) < 3 and 27 < max(after) <= 30 and len(set(after)) > 190
    assert breaker.again_at("x:7") == breaker.again_at("x:7")


# ── Credits ───────────────────────────────────────────────────────────────────────────────────
def test_without_credits_the_whole_network_waits_and_the_operator_is_told(
    alice, bob, bakery, sandbox, run_jobs, caplog, closed
):
    mine, other = accounts("x", [alice, bob], sandbox)
    sandbox.change("credits", credits=0)
    first = publish(mine, "First.")
    run_jobs()
    rest = [publish(other, "Second."), publish(mine, "Third.")]
    page = publish(bakery, "To the Page.")
    run_jobs()
    assert where(first, *rest) == [("queued", "credits")] * 3
    assert where(page) == [("sent", "")]
    assert len([e for e in create_requests(sandbox) if e["path"].endswith("/2/tweets")]) == 1
    assert closed == [("x", "credits")]
    assert "x is closed: This server's credits at X are used up" in caplog.text

    let_time_pass(minutes=16)
    probe_tripped()
    run_jobs()
    assert where(first, *rest) == [("queued", "credits")] * 3
    sandbox.change("credits", credits=None)
    let_time_pass(minutes=31)
    probe_tripped()
    everything_comes_back(run_jobs)
    assert where(first, *rest) == [("sent", "")] * 3
    assert reloaded(first).tries == 0


@both
@pytest.mark.parametrize("reason", ["credits", "month_limit"])
def test_what_only_an_operator_can_change_closes_the_network(network, reason, alice):
    channel = x_channel(alice) if network == "x" else page_channel(alice)
    delivery = fails(channel, 1, RateLimited(reason))
    breaker = CircuitBreaker.objects.get()
    assert (breaker.scope, breaker.kind, breaker.reason) == (network, "credits", reason)
    assert where(delivery) == [("queued", "credits")] and "operator" in reloaded(delivery).sentence
    assert reloaded(delivery).next_attempt_at >= breaker.until


# ── An operator ───────────────────────────────────────────────────────────────────────────────
@both
def test_an_operator_pauses_and_resumes_a_network(network, alice, bob, sandbox, run_jobs):
    mine, other = accounts(network, [alice, bob], sandbox)
    assert CircuitBreaker.objects.pause(network, alice) and not CircuitBreaker.objects.pause(
        network, alice
    )
    some = [publish(mine, "First."), publish(mine, "Second."), publish(other, "Third.")]
    for _ in range(3):
        run_jobs()
        let_time_pass(minutes=5)
        sweep()
    assert where(*some) == [("queued", "paused")] * 3 and not create_requests(sandbox)
    assert not OrmQ.objects.exists()  # nobody is woken in vain
    assert "operator of this server has paused" in reloaded(some[0]).sentence
    assert CircuitBreaker.objects.reset(network, "paused") and not CircuitBreaker.objects.reset(
        network, "paused"
    )
    everything_comes_back(run_jobs)
    assert where(*some) == [("sent", "")] * 3


def test_a_channel_of_a_paused_network_is_paused_and_resumed_by_its_person(channel, alice):
    CircuitBreaker.objects.pause("x", alice)
    delivery = publish(channel)
    channel.pause()
    claim(delivery.job_id)
    assert reloaded(delivery).reason == "paused"
    channel.resume()
    claim(delivery.job_id)
    assert reloaded(delivery).reason == "network_paused"
    channel.pause()
    CircuitBreaker.objects.reset("x", "paused")
    sweep()
    let_time_pass(minutes=1)
    claim(delivery.job_id)
    assert reloaded(delivery).reason == "paused"


def test_what_began_to_wait_in_the_moment_of_resuming_is_swept_up(channel, alice, run_jobs):
    CircuitBreaker.objects.pause("x", alice)
    closed_a_moment_ago = CircuitBreaker.objects.blocking(channel.account, "x")
    CircuitBreaker.objects.reset("x", "paused")
    run_jobs()
    delivery = publish(channel)
    defer(delivery, closed_a_moment_ago.kind, closed_a_moment_ago.reason)  # by another process
    sweep()
    assert reloaded(delivery).next_attempt_at


# ── All of it together ────────────────────────────────────────────────────────────────────────
def test_what_needs_a_person_is_said_first(channel, alice):
    for kind in ("rate_limit", "outage", "credits"):
        CircuitBreaker.objects.trip("x", kind, "rate_limit")
        assert CircuitBreaker.objects.blocking(channel.account, "x").kind == kind
    CircuitBreaker.objects.pause("x", alice)
    assert CircuitBreaker.objects.blocking(channel.account, "x").kind == "paused"
    for kind in ("paused", "credits", "outage"):
        assert CircuitBreaker.objects.reset("x", kind)
    assert CircuitBreaker.objects.blocking(channel.account, "x").kind == "rate_limit"


def test_what_a_process_knows_is_read_once_in_a_while(channel, django_assert_num_queries):
    CircuitBreaker.objects.blocking(channel.account, "x")
    with django_assert_num_queries(0):
        for _ in range(100):
            CircuitBreaker.objects.blocking(channel.account, "x")
    forget_known_breakers()
    with django_assert_num_queries(1):
        CircuitBreaker.objects.blocking(channel.account, "x")


@pytest.mark.parametrize(
    ("kind", "blocks"), [("rate_limit", False), ("outage", True), ("credits", True)]
)
def test_a_limit_that_ends_keeps_nobody_out_until_it_is_read_again(
    kind, blocks, channel, monkeypatch
):
    """A process knows it for a moment longer; the others end when somebody says so."""
    until = timezone.now() + timedelta(minutes=10)
    CircuitBreaker.objects.trip("x", kind, "rate_limit", until)
    assert CircuitBreaker.objects.blocking(channel.account, "x")
    monkeypatch.setattr(circuit_breaker, "KNOWN_FOR_SECONDS", 3600)
    monkeypatch.setattr(timezone, "now", lambda: until)
    assert bool(CircuitBreaker.objects.blocking(channel.account, "x")) is blocks


def test_many_come_back_by_few_statements(channel, django_assert_max_num_queries):
    CircuitBreaker.objects.trip("x", "outage", "unreachable")
    waiting = [publish(channel, f"Number {n}.") for n in range(250)]
    Delivery.objects.update(
        waiting_for="outage", reason="unreachable", next_attempt_at=timezone.now()
    )
    OrmQ.objects.all().delete()
    CircuitBreaker.objects.reset("x", "outage")
    OrmQ.objects.all().delete()
    with django_assert_max_num_queries(30):
        follow_opened(CircuitBreaker.objects.get().pk)
    assert OrmQ.objects.count() == len(waiting)
    moments = set(Delivery.objects.values_list("next_attempt_at", flat=True))
    assert len(moments) == 3 and max(moments) < timezone.now() + timedelta(seconds=31)


@pytest.mark.parametrize("state", ["canceled", "rescheduled", "sent now"])
def test_a_person_may_still_decide_while_it_waits(state, channel):
    CircuitBreaker.objects.trip("x", "outage", "unreachable")
    delivery = publish(channel)
    claim(delivery.job_id)
    tomorrow = timezone.now() + timedelta(days=1)
    acts = {
        "canceled": (lambda d: d.cancel(), ("canceled", "")),
        "rescheduled": (lambda d: d.reschedule(tomorrow), ("queued", "time")),
        "sent now": (lambda d: d.retry(), ("queued", "")),
    }
    act, expected = acts[state]
    assert act(reloaded(delivery)) and where(delivery) == [expected]
    if state == "sent now":  # then it is asked anew, and nobody asks the network
        assert claim(delivery.job_id) is None
        assert where(delivery) == [("queued", "outage")]
