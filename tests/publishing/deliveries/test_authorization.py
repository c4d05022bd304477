"""A lost authorization: its posts wait, its person is asked once, and connecting again lets them
go. Whoever posts later is warned while there is still time."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import claim
from publishing.deliveries.follow import check_ahead_later
from publishing.deliveries.send import Sender
from publishing.models import Notice
from social.connections.connect import accept_grant
from social.connections.refresh import refresh, store_answer
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost
from social.networks.shapes import Grant, Place
from tests import workers
from tests.publishing.deliveries.accounts import accounts, where
from tests.publishing.factories import (
    HOUR,
    create_requests,
    let_time_pass,
    page_channel,
    publish,
    reloaded,
    verify_once,
    x_channel,
)

pytestmark = pytest.mark.django_db
both = pytest.mark.parametrize("network", NETWORKS)
DEATHS = int(os.environ.get("DEATHS", "12"))  # `DEATHS=500 pytest …` by hand


def told() -> list[tuple[str, Any, int]]:
    """(kind, connection, how many posts wait) of every loss that a person was told of."""
    notices = Notice.objects.filter(kind__in=("lost", "places")).order_by("pk")
    return [(notice.kind, notice.connection_id, notice.count) for notice in notices]


def grant_of(sandbox, network: str, number: int) -> dict:
    if network == "x":
        return sandbox.token("x", f"crowd{number:03d}")
    return sandbox.token("facebook", str(910000000000000 + number))


def kill_everything(sandbox, channels):
    sandbox.change("expire_access")
    for channel in channels:
        if channel.network_name == "x":
            sandbox.change("kill_refresh", user=channel.handle)


def connect_again(sandbox, channel):
    connection = Connection.objects.get(pk=channel.connection_id)
    told = sandbox.token(connection.network_name, connection.remote_id)
    accept_grant(
        connection, connection.person, Grant(told["access_token"], told.get("refresh_token", ""))
    )


def test_many_tokens_that_die_at_once_fail_nothing(db, sandbox, run_jobs, monkeypatch):
    monkeypatch.setattr(workers, "TOO_MANY", 100 * DEATHS)
    sandbox.call("POST", "/reset", json={"fixture": "crowd"})
    channels = []
    for number in range(DEATHS):
        user = get_user_model().objects.create_user(f"crowd{number:03d}")
        network = ("x", "facebook")[number % 2]
        make = x_channel if network == "x" else page_channel
        channels.append(make(user, told=grant_of(sandbox, network, number // 2)))
    kill_everything(sandbox, channels)
    posts = [publish(channel, f"Number {n}.") for channel in channels for n in range(2)]
    run_jobs()
    assert set(where(*posts)) == {("queued", "reconnect")}
    assert sorted(told()) == sorted(("lost", channel.connection_id, 2) for channel in channels)
    assert not OrmQ.objects.exists()  # nobody tries in vain meanwhile

    for channel in channels:
        connect_again(sandbox, channel)
    run_jobs()
    assert set(where(*posts)) == {("sent", "")}
    assert len(sandbox.truth()) == len(posts) and len(told()) == len(channels)
    assert not Notice.objects.open().exists()


@both
def test_what_is_late_when_its_person_connects_again_is_asked_about(
    network, alice, sandbox, run_jobs
):
    (channel,) = accounts(network, [alice], sandbox)
    kill_everything(sandbox, [channel])
    delivery = publish(channel)
    run_jobs()
    let_time_pass(hours=3)
    connect_again(sandbox, channel)
    run_jobs()
    assert where(delivery) == [("queued", "held")]
    assert reloaded(delivery).retry()
    run_jobs()
    assert where(delivery) == [("sent", "")]


def test_a_lost_page_is_told_by_itself(bakery, x, sandbox, run_jobs):
    sandbox.change("remove_role", page="alicesbakery", user="100000000000001")
    delivery = publish(bakery)
    publish(x)
    run_jobs()
    assert where(delivery) == [("unconfirmed", "")]  # looked up before it waits
    assert told() == [("places", bakery.connection_id, 0)]


# ── Ahead of a scheduled post ─────────────────────────────────────────────────────────────────
def checked(channel, **ago) -> None:
    Connection.objects.update(checked_at=timezone.now() - timedelta(**ago))


def check_ahead(run_jobs) -> list[str]:
    OrmQ.objects.exclude(lock__gt=timezone.now()).delete()
    Connection.objects.update(refresh_not_before=None)  # the last look was a minute ago
    check_ahead_later()
    ran = [job.func.rpartition(".")[2] for job in run_jobs()]
    return [name for name in ran if name == "check_connection"]


@both
def test_a_person_is_warned_an_hour_before_a_scheduled_post(network, alice, bob, sandbox, run_jobs):
    mine, other = accounts(network, [alice, bob], sandbox)
    soon = publish(mine, "Soon.", at=timezone.now() + timedelta(minutes=58))
    publish(mine, "Sooner.", at=timezone.now() + timedelta(minutes=30))
    publish(other, "Much later.", at=timezone.now() + 3 * HOUR)
    checked(mine, hours=2)
    kill_everything(sandbox, [mine])
    Channel.objects.filter(pk=mine.pk).update(chosen_at=None)
    assert check_ahead(run_jobs) == []
    Channel.objects.filter(pk=mine.pk).update(chosen_at=timezone.now())
    assert check_ahead(run_jobs) == ["check_connection"]
    assert told() == [("lost", mine.connection_id, 2)]
    channel = Channel.objects.get(pk=mine.pk)
    assert channel.state == "reconnect" and "Reconnect it" in channel.state_sentence
    assert where(soon) == [("queued", "time")] and not create_requests(sandbox)
    assert check_ahead(run_jobs) == []  # asked already

    connect_again(sandbox, mine)
    run_jobs()
    assert Channel.objects.get(pk=mine.pk).state == "works"
    let_time_pass(minutes=59)
    run_jobs()
    assert where(soon) == [("sent", "")]


@pytest.mark.parametrize("ago", [{"minutes": 10}, None], ids=["a moment ago", "not yet"])
def test_what_was_looked_at_a_moment_ago_is_not_looked_at_again(ago, x, run_jobs):
    publish(x, at=timezone.now() + timedelta(minutes=30))
    if ago:
        checked(x, **ago)
    assert check_ahead(run_jobs) == []


@both
def test_all_is_well(network, alice, sandbox, run_jobs):
    (channel,) = accounts(network, [alice], sandbox)
    publish(channel, at=timezone.now() + timedelta(minutes=50))
    checked(channel, hours=2)
    assert check_ahead(run_jobs) == ["check_connection"]
    assert Channel.objects.get(pk=channel.pk).state == "works" and told() == []
    assert check_ahead(run_jobs) == []


@pytest.mark.parametrize("field", ["chosen_at", "disconnected_at"])
def test_a_place_that_is_not_used_any_more_is_not_checked_ahead(field, x, sandbox, run_jobs):
    """Its queued delivery is canceled a moment later."""
    publish(x, at=timezone.now() + timedelta(minutes=50))
    checked(x, hours=2)
    Channel.objects.update(**{field: None if field == "chosen_at" else timezone.now()})
    assert check_ahead(run_jobs) == []


def test_a_network_that_is_away_for_a_moment_is_asked_again_and_nobody_is_warned(
    x, sandbox, run_jobs, settings
):
    publish(x, at=timezone.now() + timedelta(minutes=50))
    checked(x, hours=2)
    home, settings.X_API_URL = settings.X_API_URL, "http://127.0.0.1:9"
    for _ in range(2):
        assert check_ahead(run_jobs) == ["check_connection"]
    assert told() == [] and Channel.objects.get(pk=x.pk).state == "works"
    settings.X_API_URL = home
    assert check_ahead(run_jobs) == ["check_connection"] and check_ahead(run_jobs) == []


# ── The old Page token, while the new grant is looked around ──────────────────────────────────
def test_a_refusal_of_an_old_page_token_does_not_end_the_new_grant(bakery, sandbox, run_jobs):
    kill_everything(sandbox, [bakery])
    delivery = publish(bakery)
    connect_again(sandbox, bakery)
    OrmQ.objects.filter(lock__lte=timezone.now()).delete()
    Sender(claim(delivery.job_id)).send()
    assert where(delivery) == [("queued", "backoff")] and told() == []
    assert reloaded(delivery).next_attempt_at > timezone.now()
    connection = reloaded(delivery).channel.connection
    assert connection.blocked_reason == ""
    refresh(connection)
    let_time_pass(minutes=2)
    run_jobs()
    assert where(delivery) == [("sent", "")]


def test_nor_of_one_that_was_listed_anew_meanwhile(bakery):
    taken = claim(publish(bakery).job_id)
    attempt, connection = Sender(taken).write_ahead(), reloaded(taken).channel.connection
    place = Place(bakery.remote_id, "Bakery", "bakery", token="a newer one")
    assert store_answer(connection, (), [place])
    Sender(taken).mark_failed(AuthorizationLost("password_changed"), attempt)
    assert reloaded(taken).channel.state == "works" and where(taken) == [("queued", "backoff")]


def test_nor_does_a_look_with_it(bakery, in_doubt, sandbox):
    delivery = in_doubt(bakery)
    kill_everything(sandbox, [bakery])
    connect_again(sandbox, bakery)
    verify_once(delivery)
    delivery = reloaded(delivery)
    assert delivery.is_verifying and delivery.channel.connection.blocked_reason == ""
    refresh(delivery.channel.connection)
    verify_once(delivery)
    assert where(delivery) == [("sent", "")]
