"""Every named fault of the sandbox: what the row says, what the person reads, what really is."""

import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.reconciling import VERIFY_AFTER_SECONDS
from publishing.deliveries.sweep import sweep
from social.connections.connect import accept_grant
from social.connections.probe import probe_tripped
from social.sandbox.core.presets import AUTHORIZE
from tests.publishing.deliveries.fault_table import SEEN
from tests.publishing.factories import TEXT, create_requests, let_time_pass, publish, reloaded
from tests.sandbox import PRESETS

TOO_LONG, QUICK = 4, 0.05  # seconds of a hang; the TIME_SCALE that makes us give up long before
AFTER = [name for name in SEEN if PRESETS[name].phase == "after"]
LATE_SECONDS = ["x.late", "fb.late"]


@pytest.fixture
def under(request, sandbox, settings, monkeypatch):
    """Publish under a fault, to the network that it is about; nobody looks it up meanwhile."""
    monkeypatch.setattr(
        "publishing.deliveries.reconciling.VERIFY_AFTER_SECONDS", (400, *VERIFY_AFTER_SECONDS)
    )

    def publish_under(preset):
        channel = request.getfixturevalue("bakery" if preset.startswith("fb.") else "x")
        lasting = PRESETS[preset].action.keys() & {"hang_s", "drip_s", "delay_ms"}
        settings.TIME_SCALE = QUICK if lasting and preset != "slow" else 1
        if preset.startswith("oauth."):
            channel.connection.access_expires_at = timezone.now()  # to be renewed first
            channel.connection.save()
        seconds = 0.1 if preset == "slow" else TOO_LONG
        sandbox.arm(preset, **({"seconds": seconds} if lasting else {}))
        return publish(channel, TEXT)

    return publish_under


def test_the_table_has_every_fault_of_a_create_or_a_token():
    acting = {name for name, preset in PRESETS.items() if preset.match is not AUTHORIZE}
    # The others are tried in social/test_handshakes.py, test_tokens.py and test_circles.py,
    # in social/bluesky, social/mastodon and publishing/comments.
    others = re.compile(r"tls\.|token\.|\w+\.lists\.|bsky\.|mast\.|comment\.")
    assert {name for name in acting if not others.match(name)} == SEEN.keys()
    assert {name for name, seen in SEEN.items() if seen.made and seen.state != "sent"} == set(AFTER)


@pytest.mark.parametrize("preset", SEEN)
def test_fault(preset, under, sandbox, run_jobs, client_for, alice):
    seen, delivery = SEEN[preset], under(preset)
    run_jobs()
    told = client_for(alice).get(f"/status/{delivery.job_id}").json()
    delivery = reloaded(delivery)

    assert (told["state"], told["waiting_for"]) == (seen.state, seen.waiting_for)
    assert (delivery.reason, told["attempts"]) == (seen.reason, seen.attempts)
    says = seen.says.format(network=delivery.channel.network.label)
    assert (told["reason"] or "").startswith(says)
    assert bool(told["reason"]) == bool(seen.says)
    assert (delivery.channel.state == "reconnect") == seen.trouble
    assert len(sandbox.truth(text=TEXT)) == seen.made
    assert delivery.attempts.count() == delivery.attempt


@pytest.mark.parametrize("preset", AFTER + LATE_SECONDS)
def test_what_is_there_is_found_and_never_sent_again(preset, under, sandbox, run_jobs):
    delivery = under(preset)
    run_jobs()
    wait_until_made(sandbox)
    for _ in range(3):
        let_time_pass(hours=5)
        sweep()
        run_jobs(until=timezone.now() + timedelta(days=1))

    assert reloaded(delivery).state == "sent"
    assert len(create_requests(sandbox)) == 1
    assert [row["id"] for row in sandbox.truth(text=TEXT)] == [reloaded(delivery).remote_id]


def wait_until_made(sandbox):
    deadline = time.monotonic() + 10
    while not sandbox.truth(text=TEXT):
        assert time.monotonic() < deadline
        time.sleep(0.05)


WAITED = {"x.429.window": 16, "x.402": 16, "oauth.token_503": 2}


@pytest.mark.parametrize(("preset", "minutes"), WAITED.items())
def test_what_was_put_off_goes_out_by_itself(preset, minutes, under, sandbox, run_jobs):
    delivery = under(preset)
    run_jobs()
    let_time_pass(minutes=minutes)
    probe_tripped()  # the timetable does that every minute
    run_jobs(until=timezone.now() + timedelta(minutes=1))
    let_time_pass(minutes=1)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert len(sandbox.truth(text=TEXT)) == 1


def test_what_was_put_off_until_tomorrow_is_asked_about_then(under, sandbox, run_jobs):
    delivery = under("x.429.day")
    run_jobs()
    let_time_pass(hours=24, minutes=1)
    run_jobs()
    assert reloaded(delivery).waiting_for == "held"
    reloaded(delivery).retry()
    run_jobs()
    assert reloaded(delivery).state == "sent"


@pytest.mark.parametrize("preset", ["x.401.revoked", "fb.190.460"])
def test_what_waits_for_a_reconnection_goes_out_after_it(preset, under, sandbox, run_jobs):
    delivery = under(preset)
    run_jobs()
    sandbox.disarm()
    sandbox.change("give_role", page="alicesbakery", user="100000000000001")
    reconnect(delivery.channel, sandbox)
    run_jobs()
    assert reloaded(delivery).state == "sent"
    assert reloaded(delivery).channel.state == "works"


def reconnect(channel, sandbox):
    network, connection = channel.network_name, channel.connection
    told = sandbox.token(network, connection.remote_id)
    connection.refresh_from_db()
    grant = connection.grant()
    refresh = told.get("refresh_token", "")
    accept_grant(connection, connection.person, type(grant)(told["access_token"], refresh))


def test_a_network_that_cannot_be_reached_is_tried_six_times(x, settings, run_jobs):
    settings.X_API_URL = "http://127.0.0.1:9"  # nobody listens
    delivery = publish(x)
    for tries in range(1, 7):
        run_jobs()
        assert reloaded(delivery).tries == tries
        let_time_pass(minutes=18)

    delivery = reloaded(delivery)
    assert (delivery.state, delivery.reason, delivery.attempt) == ("failed", "unreachable", 6)
    assert "tried six times" in delivery.sentence


def test_a_lost_page_leaves_the_others_alone(bakery, x, under, run_jobs):
    under("fb.190.492")
    run_jobs()
    bakery.connection.refresh_from_db()
    assert not bakery.connection.blocked_reason
    assert reloaded(publish(x)).channel.state == "works"
