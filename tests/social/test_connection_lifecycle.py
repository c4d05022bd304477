"""A connection over time: its places come and go, it is paused, lost, ended and made again."""

from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.models import Delivery, Post
from social.connections.refresh import refresh
from social.models import Channel, Connection
from social.networks import NETWORKS

from . import dancing
from .dancing import BAKERY, BICYCLES, FB_ALICE, GARDEN, channel_of, connect, dance

pytestmark = pytest.mark.django_db


def delivery_of(user, channel, text="Said once", at=None) -> Delivery:
    return Post.objects.publish(user, text, [channel], at).deliveries.get()


def page(user, remote_id) -> Channel:
    return Channel.objects.get(connection__user=user, remote_id=remote_id)


def reload(row):
    row.refresh_from_db()
    return row


def standing(delivery: Delivery) -> tuple[str, str, str]:
    reload(delivery)
    return delivery.state, delivery.waiting_for, delivery.reason


def calls(sandbox, ending: str, method: str = "POST") -> int:
    rows = sandbox.journal()
    return len([e for e in rows if e["path"].endswith(ending) and e["method"] == method])


def sealed(connection) -> list[str]:
    """Every token that the rows of a connection still hold."""
    reload(connection)
    channels = connection.channels.values_list("token_sealed", flat=True)
    return [s for s in (connection.access_sealed, connection.refresh_sealed, *channels) if s]


# ── Lost ──────────────────────────────────────────────────────────────────────────────────────
def test_the_first_true_reason_stays(alice, client_for, sandbox, run_jobs):
    connection = connect(sandbox, alice, "facebook")
    sandbox.change("password_change", user=FB_ALICE)
    delivery = delivery_of(alice, page(alice, BAKERY))
    run_jobs()
    sandbox.change("revoke", network="facebook", user=FB_ALICE)
    dancing.refresh(client_for(alice), connection)
    run_jobs()
    reload(connection).mark_lost("token_dead")
    assert reload(connection).blocked_reason == "password_changed"
    assert standing(delivery) == ("queued", "reconnect", "password_changed")
    shown = client_for(alice).get("/channels/").content.decode()
    assert "The password at Facebook was changed. Reconnect it." in shown


def test_a_lost_page_takes_only_itself(alice, client_for, sandbox, run_jobs):
    connection = connect(sandbox, alice, "facebook")
    sandbox.change("remove_role", page=BAKERY, user=FB_ALICE)
    dancing.refresh(client_for(alice), connection)
    run_jobs()
    assert (page(alice, BAKERY).blocked_reason, page(alice, GARDEN).state) == ("page_role", "works")
    lost = delivery_of(alice, page(alice, BAKERY))
    good = delivery_of(alice, page(alice, GARDEN))
    run_jobs()
    assert standing(lost) == ("queued", "reconnect", "page_role")
    assert standing(good)[0] == "sent" and reload(connection).blocked_reason == ""

    sandbox.change("give_role", page=BAKERY, user=FB_ALICE)
    dancing.refresh(client_for(alice), connection)
    run_jobs()
    assert page(alice, BAKERY).state == "works" and standing(lost)[0] == "sent"


def test_a_role_lost_while_sending_takes_only_the_page(alice, sandbox, run_jobs):
    connection = connect(sandbox, alice, "facebook")
    sandbox.arm("fb.190.492")
    delivery = delivery_of(alice, page(alice, BAKERY))
    run_jobs()
    assert standing(delivery)[0] == "unconfirmed"  # looked up before it waits
    assert page(alice, BAKERY).blocked_reason == "page_role"
    assert reload(connection).blocked_reason == "" and page(alice, GARDEN).state == "works"


def test_a_page_left_unticked_takes_only_itself(alice, client_for, sandbox, run_jobs):
    """Facebook goes on listing it, without its token; posting without one would be refused as if
    the whole connection were dead."""
    connection = connect(sandbox, alice, "facebook")
    dance(client_for(alice), "facebook", sandbox_pages=GARDEN)
    run_jobs()
    unticked = delivery_of(alice, page(alice, BAKERY))
    good = delivery_of(alice, page(alice, GARDEN))
    run_jobs()
    assert standing(unticked) == ("queued", "reconnect", "not_ticked")
    assert standing(good)[0] == "sent" and reload(connection).blocked_reason == ""
    assert "was not ticked in Facebook" in page(alice, BAKERY).state_sentence
    assert page(alice, BAKERY).token_sealed == ""

    dance(client_for(alice), "facebook")
    run_jobs()
    assert standing(unticked)[0] == "sent"


def test_a_page_without_its_token_asks_nobody_and_takes_only_itself(alice, sandbox, run_jobs):
    connection = connect(sandbox, alice, "facebook")
    run_jobs()
    Channel.objects.filter(remote_id=BAKERY).update(token_sealed="")
    delivery = delivery_of(alice, page(alice, BAKERY))
    run_jobs()
    assert calls(sandbox, f"/{BAKERY}/feed") == 0
    assert (page(alice, BAKERY).blocked_reason, reload(connection).blocked_reason) == (
        "page_role",
        "",
    )
    assert standing(delivery) == ("queued", "reconnect", "page_role")


def test_a_page_that_is_gone_is_no_longer_offered(alice, client_for, sandbox, run_jobs):
    dance(client_for(alice), "facebook")
    run_jobs()
    connection = Connection.objects.get()
    sandbox.change("remove_role", page=BAKERY, user=FB_ALICE)
    dancing.refresh(client_for(alice), connection)
    run_jobs()
    assert BAKERY not in {channel.remote_id for channel in connection.channels.offered()}
    chosen = [str(channel.pk) for channel in connection.channels.all()]
    client_for(alice).post(f"/channels/connections/{connection.pk}/choices/", {"channels": chosen})
    assert {channel.remote_id for channel in Channel.objects.of(alice)} == {GARDEN}


def test_new_pages_are_offered_at_the_next_look(alice, client_for, sandbox, run_jobs):
    connection = connect(sandbox, alice, "facebook", pages=[BAKERY])
    sandbox.change("give_role", page=BICYCLES, user=FB_ALICE)
    dancing.refresh(client_for(alice), connection)
    run_jobs()
    assert BICYCLES in {channel.remote_id for channel in connection.channels.offered()}
    assert {channel.remote_id for channel in Channel.objects.of(alice)} == {BAKERY}


# ── Looking around ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "fault, seconds",
    [({"close": True}, 30), ({"status": 400, "json": {"error": {"code": 4, "message": ""}}}, 900)],
)
def test_a_look_that_fails_is_said_and_repeated(
    alice, client_for, sandbox, run_jobs, fault, seconds
):
    client = client_for(alice)
    dance(client, "facebook")
    match = {"path_regex": "/me/(accounts|permissions)$"}
    sandbox.call("POST", "/faults", json={"match": match, "action": fault, "times": None})
    run_jobs()
    assert "We try again by ourselves." in client.get("/channels/").content.decode()
    assert run_jobs(until=timezone.now() + timedelta(seconds=seconds - 5)) == []
    sandbox.disarm()
    dancing.a_minute_passes()
    run_jobs(until=timezone.now() + timedelta(seconds=seconds + 5))
    connection = Connection.objects.get()
    assert (connection.last_error, connection.is_new, connection.blocked_reason) == ("", False, "")
    assert connection.channels.offered().count() == 3


def test_a_look_that_ends_after_a_disconnect_stores_nothing(alice, sandbox, run_jobs, monkeypatch):
    """The person disconnects while the job is waiting for Facebook."""
    connection = connect(sandbox, alice, "facebook")
    facebook = NETWORKS["facebook"]
    ask = facebook.places

    def meanwhile(*args):
        places = ask(*args)
        Connection.objects.get().disconnect()
        run_jobs()
        return places

    monkeypatch.setattr(facebook, "places", meanwhile)
    refresh(reload(connection))
    assert sealed(connection) == [] and not Channel.objects.of(alice).exists()
    assert not connection.channels.offered().exists()


# ── Paused ────────────────────────────────────────────────────────────────────────────────────
def test_a_paused_channel_waits_and_a_resumed_one_sends(alice, client_for, sandbox, run_jobs):
    connect(sandbox, alice, "x")
    channel, client = channel_of(alice, "x"), client_for(alice)
    client.post(f"/channels/{channel.pk}/pauses/")
    delivery = delivery_of(alice, channel)
    run_jobs()
    assert standing(delivery) == ("queued", "paused", "paused")
    assert reload(channel).state == "paused" and sandbox.truth() == []
    client.post(f"/channels/{channel.pk}/resumptions/")
    run_jobs()
    assert standing(delivery)[0] == "sent" and len(sandbox.truth()) == 1


def test_a_refresh_does_not_end_a_pause(alice, client_for, sandbox, run_jobs):
    connection = connect(sandbox, alice, "facebook")
    page(alice, BAKERY).pause()
    dancing.refresh(client_for(alice), connection)
    run_jobs()
    assert page(alice, BAKERY).state == "paused"


# ── Ended ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("network", NETWORKS)
def test_disconnecting_ends_the_grant_and_wipes_it(alice, client_for, sandbox, run_jobs, network):
    connection = connect(sandbox, alice, network)
    grant, at = connection.grant(), timezone.now() + timedelta(days=1)
    delivery = delivery_of(alice, channel_of(alice, network), at=at)
    ends = f"/channels/connections/{connection.pk}/disconnections/"
    client_for(alice).post(ends, {"sure": "1"})  # what it costs has been seen
    assert standing(delivery) == ("canceled", "", "channel_gone")
    assert not Channel.objects.of(alice).exists()
    run_jobs()
    assert sealed(connection) == []
    assert Connection.objects.filter(pk=connection.pk, user=alice).exists()
    assert not SocialAccount.objects.exists()
    if network == "bluesky":  # an access token lives on to its end, and is not renewed
        sandbox.change("expire_access", network=network, user="alice.test")
    if network == "mastodon":  # what was pasted is of somebody else's app, which alone can end it
        sandbox.change("revoke", network=network, user="alice")
    with pytest.raises(Exception, match=r"token_dead|app_removed"):
        NETWORKS[network].person(grant)


def test_the_grant_goes_with_the_last_page_only(alice, client_for, sandbox, run_jobs):
    connection = connect(sandbox, alice, "facebook")
    run_jobs()
    client_for(alice).post(f"/channels/{page(alice, BAKERY).pk}/disconnections/")
    run_jobs()
    assert calls(sandbox, "/me/permissions", "DELETE") == 0
    assert page(alice, BAKERY).token_sealed == "" and reload(connection).is_connected
    delivery = delivery_of(alice, page(alice, GARDEN))
    run_jobs()
    assert standing(delivery)[0] == "sent"
    client_for(alice).post(f"/channels/{page(alice, GARDEN).pk}/disconnections/")
    run_jobs()
    assert calls(sandbox, "/me/permissions", "DELETE") == 1
    assert not reload(connection).is_connected and sealed(connection) == []


def test_disconnecting_waits_for_what_is_being_sent(alice, sandbox, run_jobs):
    connection = connect(sandbox, alice, "x")
    delivery = delivery_of(alice, channel_of(alice, "x"))
    sending = claim(str(delivery.job_id))
    reload(connection).disconnect()
    run_jobs()
    assert sealed(connection) != [] and calls(sandbox, "/revoke") == 0
    Sender(sending).send()
    assert standing(delivery)[0] == "sent"
    run_jobs(until=timezone.now() + timedelta(seconds=20))
    assert sealed(connection) == [] and calls(sandbox, "/revoke") == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_that_is_away_does_not_keep_the_tokens(alice, sandbox, run_jobs, network):
    connection = connect(sandbox, alice, network)
    sandbox.call("POST", "/faults", json={"action": {"close": True}, "times": None})
    connection.disconnect()
    run_jobs()
    assert sealed(connection) == []


@pytest.mark.parametrize("network", NETWORKS)
def test_connecting_again_uses_the_same_rows(alice, client_for, sandbox, run_jobs, network):
    connection = connect(sandbox, alice, network)
    channels = {channel.remote_id: channel.pk for channel in Channel.objects.of(alice)}
    connection.disconnect()
    run_jobs()
    dance(client_for(alice), network)
    run_jobs()
    reload(connection)
    assert connection.is_connected and Connection.objects.count() == 1
    if network == "facebook":  # offered anew: a person decides where to post
        assert not Channel.objects.of(alice).exists()
        ids = [str(pk) for pk in channels.values()]
        choices = f"/channels/connections/{connection.pk}/choices/"
        client_for(alice).post(choices, {"channels": ids})
    assert {c.remote_id: c.pk for c in Channel.objects.of(alice)} == channels
    delivery = delivery_of(alice, channel_of(alice, network))
    run_jobs()
    assert standing(delivery)[0] == "sent"


def test_connecting_again_before_the_old_grant_is_ended_keeps_the_new_one(
    alice, client_for, sandbox, run_jobs
):
    connection = connect(sandbox, alice, "x")
    connection.disconnect()
    dance(client_for(alice), "x")
    run_jobs()
    assert calls(sandbox, "/revoke") == 0 and sealed(connection) != []
    assert NETWORKS["x"].person(reload(connection).grant()).handle == "alice"


def test_allauths_own_page_of_connections_leads_to_ours(alice, client_for, sandbox):
    client = client_for(alice)
    dance(client, "x")
    assert client.post("/accounts/3rdparty/", {"account": "1"}).url == "/channels/"
    assert Connection.objects.get().is_connected
