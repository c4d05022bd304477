"""Signing in at Mastodon: by the server that a person names, on a page of its own; our app there is
made once, and whoever names what is no server of the internet is told so in one sentence."""

import socket
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3.util.connection
from django.core.cache import cache
from django.core.management import call_command

from social.models import Channel, Connection, Home
from social.networks import NETWORKS, http
from social.networks.errors import Rejected
from social.networks.homes import host_named, sandbox_schemes
from social.networks.shapes import Limits

from ..dancing import HOST, MAST_ALICE, allow, connect, dance
from ..test_homes import Listener

PAGE = "/channels/connect/mastodon/"
MASTODON = NETWORKS["mastodon"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def page(sandbox, alice, client_for):
    cache.clear()
    return client_for(alice)


def asked(page, home: str = HOST) -> str:
    answer = page.post(PAGE, {"home": home})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def calls(sandbox, path: str) -> int:
    return sum(entry["path"] == path for entry in sandbox.journal())


def test_who_allows_it_is_connected(page, sandbox):
    assert dance(page, "mastodon").url == "/channels/"
    connection = Connection.objects.get()
    assert (connection.remote_id, connection.home) == (f"{MAST_ALICE}@{HOST}", HOST)
    assert (connection.name, connection.handle) == ("Alice Example", "alice@meadow.test")
    assert "write:statuses" in connection.scopes and connection.access_expires_at is None
    assert Channel.objects.get().limits == Limits(500, 4, 23)
    home = Home.objects.get()
    assert home.software == "mastodon" and home.client_secret_sealed
    secret = connection.grant().extra["client_secret"]
    rows = [*Home.objects.values(), *Connection.objects.values()]
    assert secret not in str(rows) and connection.grant().access not in str(rows)
    call_command("rotate_token_keys")
    assert Home.objects.get().app(home.client_callback).client_secret == secret
    dance(page, "mastodon")  # once more: the same app
    assert calls(sandbox, "/api/v1/apps") == 1


def test_what_is_asked_is_bound_to_this_session(page, sandbox):
    query = parse_qs(urlsplit(asked(page)).query)
    assert query["code_challenge_method"] == ["S256"] and len(query["state"][0]) > 30
    assert (
        query["scope"][0] == " ".join(query["scope"][0].split()) and "follow" in query["scope"][0]
    )
    back = allow(asked(page), "alice")
    for changed in (back.replace("state=", "state=x"), back.partition("?")[0]):
        page.get(changed)
        page.get(back)  # what was begun is over with the first who comes back
        assert not Connection.objects.exists()
    back = allow(asked(page), "alice")
    page.get(back)
    page.get(back)
    assert Connection.objects.count() == 1


def test_a_server_gets_no_code_that_another_gave(page, sandbox):
    """One that somebody named may send them on to another, to which they have said yes before."""
    back = allow(asked(page), "alice")
    begun = page.session["social.sign_in"]
    session = page.session
    session["social.sign_in"] = begun | {"home": "evil.example"}
    session.save()
    page.get(back)
    assert not Connection.objects.exists() and calls(sandbox, "/oauth/token") == 0


@pytest.mark.parametrize(
    "preset, said",
    [
        ("oauth.deny", "it was not allowed there"),
        ("mast.app.forgotten", "did not know this server&#x27;s app any more"),
        ("mast.token.grant", "did not accept that"),
        ("oauth.code_expired", "did not accept that"),
        ("oauth.token_503", "could not be reached"),
    ],
)
def test_what_goes_wrong_there_is_said_and_can_be_done_again(preset, said, page, sandbox):
    sandbox.arm(preset)
    dance(page, "mastodon")
    assert said in page.get("/channels/").content.decode()
    assert not Connection.objects.exists()
    sandbox.disarm()
    dance(page, "mastodon")
    assert Connection.objects.count() == 1


def test_it_is_ended_there_with_the_connection(page, sandbox, run_jobs):
    dance(page, "mastodon")
    Connection.objects.get().disconnect()
    run_jobs()
    assert calls(sandbox, "/oauth/revoke") == 1
    assert Connection.objects.get().access_sealed == ""


def test_what_a_server_lets_a_post_have_is_counted(page, sandbox, alice):
    sandbox.change("server_software", name="gotosocial")
    connect(sandbox, alice, "mastodon")
    channel = Channel.objects.get()
    assert channel.limits == Limits(5_000, 6, 25) and Home.objects.get().software == "gotosocial"
    shown = page.post(
        "/posts/lengths/", {"text": "https://example.com/" + "a" * 90, "channels": channel.pk}
    )
    assert "25</output> of 5,000" in shown.content.decode()


def test_pixelfed_is_asked_for_what_it_knows(page, sandbox):
    sandbox.change("server_software", name="pixelfed")
    dance(page, "mastodon")
    assert Connection.objects.get().scopes == ["read", "write"]


def test_who_has_another_name_than_its_people_is_found(page, sandbox):
    there = f"{http.home_address(HOST)}/.well-known/nodeinfo"
    action = {"status": 301, "headers": {"Location": there}}
    match = {"path_regex": "nodeinfo$"}
    sandbox.call("POST", "/faults", json={"action": action, "match": match})
    assert MASTODON.home_behind(HOST) == (HOST, "mastodon")
    for elsewhere in ("http://green.example/x", "https://10.0.0.1/", "https://green.example:8443/"):
        action = {"status": 301, "headers": {"Location": elsewhere}}
        sandbox.call("POST", "/faults", json={"action": action, "match": match})
        with pytest.raises(Rejected, match="home_unknown"):
            MASTODON.home_behind(HOST)


# ── Servers that are none ─────────────────────────────────────────────────────────────────────
NO_NAMES = (
    "localhost 127.0.0.1 127.1 2130706433 0x7f.0.0.1 [::1] https://[::ffff:127.0.0.1]/ 10.0.0.1"
    " 169.254.169.254 https://169.254.169.254/latest/meta-data http://green.example"
    " ftp://green.example file:///etc/passwd green.example:8443 https://green.example:80"
    " https://alice:secret@green.example/ //green.example @@ @alice@127.0.0.1 javascript:alert(1)"
).split()
# Names that lead there.
ADDRESSES = (
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 ::"
    " fe80::1%eth0 fd00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::a9fe:a9fe 2002:7f00:1::"
).split()


def test_nothing_leaves_for_what_is_no_server_of_the_internet(page, settings, monkeypatch):
    """Names are looked at; of what they lead to, the connected socket counts. Nothing here leaves
    this machine: every name leads to a listener, which is said to be somewhere else."""
    settings.SANDBOX_MODE = False
    assert sandbox_schemes() == {}
    for typed in NO_NAMES:
        cache.clear()
        answer = page.post(PAGE, {"home": typed})
        text = answer.content.decode()
        assert (answer.status_code, text.count("not the address of a")) == (400, 1), typed
    for address in ADDRESSES:
        cache.clear()
        listener = Listener()
        with monkeypatch.context() as patch:
            patch.setattr(
                urllib3.util.connection,
                "create_connection",
                lambda *args, at=listener.address, **kw: socket.create_connection(at, 5),
            )
            patch.setattr(http, "peer_address", lambda connected, at=address: at)
            answer = page.post(PAGE, {"home": "rebinding.example"})
        listener.thread.join(5)
        listener.server.close()
        text = answer.content.decode()
        assert (answer.status_code, listener.received) == (400, b""), address
        assert text.count("could not be reached") == 1
    assert not Home.objects.exists()


def test_a_name_that_only_looks_like_another_is_another():
    assert host_named("m\u0430stodon.social") == "xn--mstodon-2fg.social"  # a Cyrillic letter
    assert host_named("\uff2dastodon\u3002social") == "mastodon.social"


def test_the_page_lets_its_form_lead_to_any_server_by_https_and_no_other_page_does(page):
    assert "https:" in policy(page.get(PAGE)).split()
    assert "https:" not in policy(page.get("/channels/")).split()


def policy(answer) -> str:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return next(part for part in parts if part.strip().startswith("form-action"))
