"""Connecting through the real OAuth dance, against a network that speaks it."""

import json
import threading
import time

import pytest
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client

from publishing.models import Post
from social.models import Channel, Connection
from social.sealing import unseal

from .dancing import BAKERY, FB_ALICE, FB_BOB, GARDEN, LIBRARY, allow, ask, connect, dance

pytestmark = pytest.mark.django_db
SCOPES = "pages_show_list,pages_read_engagement"


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def token_calls(sandbox, since=0):
    return [e for e in sandbox.journal(since) if e["path"].endswith(("/token", "/access_token"))]


# ── It works ──────────────────────────────────────────────────────────────────────────────────
def test_connecting_x_makes_a_connection_and_its_one_channel(alice, client_for, sandbox):
    response = dance(client_for(alice), "x", "alice")
    assert (response.status_code, response.headers["Location"]) == (302, "/channels/")
    connection = Connection.objects.get(user=alice)
    assert (connection.network_name, connection.handle) == ("x", "alice")
    assert connection.name == "Alice Example"
    assert "offline.access" in connection.scopes and connection.missing_permissions == []
    channel = Channel.objects.of(alice).get()
    assert (channel.label, channel.state) == ("x:alice", "works")


def test_the_browser_is_sent_to_where_the_settings_say(alice, client_for, sandbox, settings):
    homes = {"x": settings.X_AUTHORIZE_URL, "facebook": settings.FACEBOOK_AUTHORIZE_URL}
    for network, home in homes.items():
        assert ask(client_for(alice), network).startswith(f"{home}?")


def test_connecting_facebook_offers_the_pages_to_tick(alice, client_for, sandbox, run_jobs):
    client = client_for(alice)
    dance(client, "facebook")
    connection = Connection.objects.get(user=alice)
    assert connection.is_new and not connection.channels.exists()
    assert "Asking Facebook for your Pages" in client.get("/channels/").content.decode()
    run_jobs()
    offered = {channel.remote_id: channel for channel in connection.channels.offered()}
    assert set(offered) == {BAKERY, GARDEN, LIBRARY}
    assert (
        offered[LIBRARY].missing_permissions == ["CREATE_CONTENT"]
        and not offered[LIBRARY].may_be_chosen
    )
    ids = [str(channel.id) for channel in offered.values()]
    client.post(f"/channels/connections/{connection.id}/choices/", {"channels": ids})
    assert {c.remote_id for c in Channel.objects.of(alice)} == {BAKERY, GARDEN}
    assert {c.state for c in Channel.objects.of(alice)} == {"works"}


def test_a_facebook_connection_is_exchanged_for_one_that_lasts(
    alice, client_for, sandbox, run_jobs
):
    dance(client_for(alice), "facebook")
    short = Connection.objects.get(user=alice).access_expires_at
    run_jobs()
    assert (Connection.objects.get(user=alice).access_expires_at - short).days > 50


def test_tokens_are_sealed_and_stand_nowhere_else(alice, client_for, sandbox, run_jobs):
    client = client_for(alice)
    dance(client, "x")
    dance(client, "facebook")
    run_jobs()
    secrets = []
    for connection in Connection.objects.of(alice):
        grant = connection.grant()
        secrets += [grant.access, grant.refresh]
        assert grant.access and grant.access not in connection.access_sealed
        assert grant.refresh or connection.network_name == "facebook"
        for channel in connection.channels.exclude(token_sealed=""):
            secrets.append(unseal(channel.token_sealed, f"channel:{channel.id}"))
    assert not SocialToken.objects.exists()
    kept = json.dumps([session.get_decoded() for session in Session.objects.all()])
    kept += json.dumps(list(SocialAccount.objects.values_list("extra_data", flat=True)))
    assert len(set(filter(None, secrets))) == 6  # two of X, one of a person, three of Pages
    assert not [secret for secret in secrets if secret and secret in kept]


def test_several_accounts_and_pages_live_side_by_side(alice, client_for, sandbox, run_jobs):
    client = client_for(alice)
    for name in ("alice", "paula"):
        dance(client, "x", name)
    for user in (FB_ALICE, FB_BOB):
        dance(client, "facebook", user)
    run_jobs()
    assert Connection.objects.of(alice).connected().count() == 4
    assert {c.label for c in Channel.objects.of(alice)} == {"x:alice", "x:paula"}
    assert Channel.objects.offered().filter(remote_id=BAKERY).count() == 2  # of both people


# ── It does not ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("network", ["x", "facebook"])
def test_saying_no_changes_nothing(alice, client_for, sandbox, network):
    client = client_for(alice)
    response = dance(client, network, sandbox_cancel="1")
    assert response.headers["Location"] == "/accounts/3rdparty/login/cancelled/"
    assert "Nothing was changed" in client.get(response.headers["Location"]).content.decode()
    assert not Connection.objects.exists() and not SocialAccount.objects.exists()


BROKEN_ANSWERS = {
    "garbage": {"garbage": True},
    "a list": {"status": 200, "json": ["oops"]},
    "a number": {"status": 200, "json": {"data": 7}},
    "no token in it": {"status": 200, "json": {"token_type": "bearer"}},
    "no content type": {"status": 200, "body": "oops", "no_content_type": True},
    "an outage page": {"status": 503, "body": "<title>Sorry</title>"},
    "cut off": {"close": True},
}
TOKEN_PATH = {"path_regex": r"/oauth2?/(access_)?token$"}


@pytest.mark.parametrize("network", ["x", "facebook"])
@pytest.mark.parametrize("preset", ["oauth.code_expired", "oauth.token_503"])
def test_a_refused_code_is_a_page_and_not_an_error(alice, client_for, sandbox, network, preset):
    sandbox.arm(preset)
    response = dance(client_for(alice), network)
    assert response.status_code == 401
    assert "Connecting did not work" in response.content.decode()
    assert not Connection.objects.exists() and not SocialAccount.objects.exists()


@pytest.mark.parametrize("network", ["x", "facebook"])
@pytest.mark.parametrize("path", [TOKEN_PATH["path_regex"], r"/me$"], ids=["token", "person"])
@pytest.mark.parametrize("answer", BROKEN_ANSWERS)
def test_a_broken_answer_is_a_page_too(alice, client_for, sandbox, network, path, answer):
    sandbox.call(
        "POST", "/faults", json={"match": {"path_regex": path}, "action": BROKEN_ANSWERS[answer]}
    )
    response = dance(client_for(alice), network)
    assert response.status_code == 401
    assert "Connecting did not work" in response.content.decode()
    assert not Connection.objects.exists() and not SocialAccount.objects.exists()


def test_the_same_answer_cannot_be_used_twice(alice, client_for, sandbox):
    client = client_for(alice)
    back = allow(ask(client, "x"), "alice")
    assert client.get(back).status_code == 302
    before = len(token_calls(sandbox))
    assert client.get(back).status_code == 401
    assert len(token_calls(sandbox)) == before  # the state is spent, so nobody is asked


def test_an_answer_that_somebody_else_began_is_refused(alice, bob, client_for, sandbox):
    """Whoever can make Bob open this address would post through his own account as Bob."""
    back = allow(ask(client_for(alice), "x"), "alice")
    assert client_for(bob).get(back).status_code == 401
    assert not token_calls(sandbox) and not Connection.objects.exists()


def test_pages_and_permissions_left_unticked_are_shown_as_missing(
    alice, client_for, sandbox, run_jobs
):
    client = client_for(alice)
    dance(client, "facebook", sandbox_pages=BAKERY, sandbox_scopes=SCOPES)
    run_jobs()
    connection = Connection.objects.get(user=alice)
    assert connection.missing_permissions == ["pages_manage_posts"]
    assert connection.channels.get(remote_id=GARDEN).missing_permissions == ["not_ticked"]
    page = client.get("/channels/").content.decode()
    assert "Missing: permission to post to your Pages." in page
    assert "a tick at this Page in Facebook&#x27;s own window" in page
    assert "auth_type=rerequest" in ask(client, "facebook", action=connection.authorize_action)


# ── Never a way to sign in ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("network", ["x", "facebook"])
@pytest.mark.parametrize("process", ["login", "connect", "redirect"])
def test_a_visitor_is_never_signed_in(alice, client_for, sandbox, network, process):
    dance(client_for(alice), network)
    visitor = Client()
    response = dance(visitor, network, process=process)
    assert response.status_code == 403
    assert "_auth_user_id" not in visitor.session
    assert Connection.objects.get().user == alice


@pytest.mark.parametrize("network", ["x", "facebook"])
def test_signing_in_by_a_network_does_not_change_who_one_is(
    alice, bob, client_for, sandbox, network
):
    dance(client_for(alice), network)
    before = Connection.objects.get().access_sealed
    client = client_for(bob)
    assert dance(client, network, process="login").status_code == 403
    assert client.session["_auth_user_id"] == str(bob.pk)
    assert Connection.objects.get().access_sealed == before


def test_a_facebook_token_of_ones_own_does_not_sign_in_either(alice, client_for, sandbox):
    dance(client_for(alice), "facebook")
    token = sandbox.token("facebook", FB_ALICE)["access_token"]
    visitor = Client()
    response = visitor.post("/accounts/facebook/login/token/", {"access_token": token})
    assert response.status_code == 404  # there is no such door
    assert "_auth_user_id" not in visitor.session


# ── Nobody else's ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("first", ["browser", "command"])
@pytest.mark.parametrize("second", ["browser", "command"])
def test_an_account_belongs_to_one_person(alice, bob, client_for, sandbox, first, second):
    if first == "browser":
        dance(client_for(alice), "x", "alice")
    else:
        connect(sandbox, alice, "x", "alice")
    before = Connection.objects.values().get()
    if second == "browser":
        response = dance(client_for(bob), "x", "alice")
        assert response.status_code == 302
        assert "connected by somebody else" in said(response)
    else:
        with pytest.raises(CommandError, match="connected by somebody else") as refused:
            call_command("connect", "bob", "x", token=sandbox.token("x", "alice")["access_token"])
        assert refused.value.returncode == 2
    assert Connection.objects.values().get() == before
    assert not SocialAccount.objects.filter(user=bob).exists()


def test_somebody_who_was_faster_is_a_message_too(alice, bob, client_for, sandbox, monkeypatch):
    """Both are back from X in the same moment: only the database can tell who was first."""
    connect(sandbox, alice, "x", "alice")
    monkeypatch.setattr("social.models.connection.ConnectionQuerySet.held_by_another", no)
    response = dance(client_for(bob), "x", "alice")
    assert response.status_code == 302 and "connected by somebody else" in said(response)
    assert Connection.objects.get().user == alice
    assert not SocialAccount.objects.filter(user=bob).exists()


def no(*args) -> bool:
    return False


# ── Again ─────────────────────────────────────────────────────────────────────────────────────
def test_reconnecting_updates_the_same_rows_and_sends_what_waited(
    alice, client_for, sandbox, run_jobs
):
    client = client_for(alice)
    dance(client, "x")
    connection, channel = Connection.objects.get(), Channel.objects.get()
    sandbox.change("revoke", network="x", user="alice")
    post = Post.objects.publish(alice, "Said once")
    run_jobs()
    delivery = post.deliveries.get()
    assert (delivery.state, delivery.waiting_for) == ("queued", "reconnect")
    dance(client, "x")
    again = Connection.objects.get()
    assert (again.pk, again.blocked_reason, Channel.objects.get().pk) == (
        connection.pk,
        "",
        channel.pk,
    )
    run_jobs()
    delivery.refresh_from_db()
    assert delivery.state == "sent"
    assert [row["text"] for row in sandbox.truth("x")] == ["Said once"]


# ── A network that hangs ──────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("network", ["x", "facebook"])
def test_a_hanging_network_ends_in_a_page_and_holds_up_nobody(alice, client_for, sandbox, network):
    client, answers = client_for(alice), []
    back = allow(ask(client, network), "alice" if network == "x" else FB_ALICE)
    sandbox.arm("oauth.hang")
    seen = len(sandbox.journal())

    def come_back() -> None:
        try:
            answers.append(client.get(back))
        finally:
            connections.close_all()

    waiting = threading.Thread(target=come_back)
    begun = time.monotonic()
    waiting.start()
    while len(sandbox.journal()) == seen:
        time.sleep(0.01)
    assert client_for(alice).get("/channels/").status_code == 200
    assert Client().get("/").status_code == 200
    assert not answers  # it hangs, and the others were answered
    waiting.join(20)
    assert time.monotonic() - begun < 10
    assert answers[0].status_code == 401
    assert "Connecting did not work" in answers[0].content.decode()
