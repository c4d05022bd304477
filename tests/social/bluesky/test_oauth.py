"""Signing in at Bluesky on a page of the account's own server: each request proves its key, what
comes back is checked, and the tokens are renewed and ended. By real HTTP, at a strict server."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from publishing.deliveries.retrying import REPEAT_LATEST_SECONDS
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.bluesky import dpop
from social.networks.errors import AuthorizationLost, NetworkError
from tests.publishing.factories import let_time_pass, publish, reloaded

from ..dancing import BSKY_ALICE, HOST, allow

PAGE, DOCUMENT = "/channels/connect/bluesky/", "/channels/connect/bluesky/client.json"
BLUESKY = NETWORKS["bluesky"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def page(sandbox, alice, client_for, settings):
    settings.PUBLIC_URL, settings.HTTPS = "https://fanfare.example", True
    cache.clear()
    page = client_for(alice)
    sandbox.change("oauth_app", document=page.get(DOCUMENT).json())
    return page


def asked(page, **typed: str) -> str:
    answer = page.post(PAGE, {"handle": "alice.test", "password": "", **typed})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def come_back(page, url: str) -> str:
    """To where the server sends the browser; what a page says then."""
    there = urlsplit(url)
    page.get(f"{there.path}?{there.query}")
    return page.get("/channels/").content.decode()


def puts(sandbox) -> int:
    return sum(entry["path"].endswith("putRecord") for entry in sandbox.journal())


def test_who_allows_it_is_connected_and_posts_are_renewed_for_and_ended(page, sandbox, run_jobs):
    assert "Bluesky is connected." in come_back(page, allow(asked(page), "alice.test"))
    connection = Connection.objects.get()
    assert (connection.remote_id, connection.home) == (BSKY_ALICE, HOST)
    assert (connection.name, connection.handle) == ("Alice Example", "alice.test")
    grant = connection.grant()
    assert grant.extra["dpop_key"] not in str(Connection.objects.values())
    assert "PRIVATE" not in str(page.session.items())
    channel = Channel.objects.get()
    dpop.NONCES.known.clear()
    first = publish(channel, "Bound to a key")
    run_jobs()
    assert reloaded(first).state == "sent" and puts(sandbox) == 2  # once to hear the nonce
    sandbox.arm("bsky.400.expired")
    second = publish(channel, "Renewed")
    run_jobs()
    let_time_pass(seconds=REPEAT_LATEST_SECONDS)
    run_jobs()
    assert reloaded(second).state == "sent"
    connection.refresh_from_db()
    assert connection.grant().refresh != grant.refresh
    assert {made["text"] for made in sandbox.truth("bluesky")} == {"Bound to a key", "Renewed"}
    connection.disconnect()
    run_jobs()
    connection.refresh_from_db()
    assert sandbox.journal()[-1]["path"] == "/bluesky-oauth/revoke"
    assert connection.access_sealed == ""


def test_a_token_is_worth_nothing_without_its_key(page, sandbox, monkeypatch):
    come_back(page, allow(asked(page), "alice.test"))
    grant, right = Connection.objects.get().grant(), dpop.proof
    other, used = dpop.read_key(dpop.new_key()), []

    def replayed(*asked):
        used.append(used[0] if used else right(*asked))
        return used[-1]

    wrong = {
        "another key": lambda key, *asked: right(other, *asked),
        "another verb": lambda key, verb, *asked: right(key, "PUT", *asked),
        "another address": lambda key, verb, url, *asked: right(key, verb, f"{url}/x", *asked),
        "another token": lambda key, verb, url, nonce, access: right(key, verb, url, nonce, "x"),
        "no proof": lambda *asked: "nonsense",
        "replayed": replayed,
    }
    assert BLUESKY.person(grant).remote_id == BSKY_ALICE
    for name, proof in wrong.items():
        with monkeypatch.context() as patch:
            patch.setattr(dpop, "proof", proof)
            with pytest.raises(NetworkError):
                BLUESKY.person(grant)
                BLUESKY.person(grant)
                pytest.fail(name)
    bare = type(grant)(grant.access, home=grant.home)
    with pytest.raises(AuthorizationLost):
        BLUESKY.person(bare)


def test_what_comes_back_must_be_what_was_asked_for(page, sandbox):
    refused, unknown = "did not accept that", "That was not begun here"
    tried = [
        ("it was not allowed there", lambda url: allow(url, "alice.test", sandbox_cancel="1")),
        (refused, lambda url: allow(url, "bob.test")),
        (refused, lambda url: allow(url, "alice.test") + "x"),  # the code
        (unknown, lambda url: allow(url, "alice.test").replace("state=", "state=x")),
    ]
    for words, answered in tried:
        cache.clear()  # so often nobody connects within the hour
        assert words in come_back(page, answered(asked(page))), words
    cache.clear()
    back = allow(asked(page), "alice.test").replace("iss=", "iss=https%3A%2F%2Fevil.example&x=")
    assert "did not accept that" in come_back(page, back)
    assert not Connection.objects.exists()
    sandbox.change(
        "oauth_app", document=page.get(DOCUMENT).json() | {"client_id": "https://x.test"}
    )


def test_an_app_password_goes_on_as_before_and_is_needed_where_nobody_can_read_us(page, settings):
    answer = page.post(PAGE, {"handle": "alice.test", "password": "alic-aaaa-bbbb-cccc"})
    assert answer.status_code == 302 and not Connection.objects.get().grant().extra
    settings.PUBLIC_URL, settings.HTTPS = "http://localhost", False
    assert page.get(DOCUMENT).status_code == 404
    assert page.post(PAGE, {"handle": "alice.test", "password": ""}).status_code == 400


def test_keys_of_our_app_follow_those_of_tokens(settings):
    first, *_ = before = list(dpop.app_keys())
    settings.TOKEN_KEYS = ["new-key", *settings.TOKEN_KEYS]
    after = list(dpop.app_keys())
    assert after[1:] == before and after[0] != first
    assert all("d" not in dpop.public_part(key) for key in dpop.app_keys().values())
