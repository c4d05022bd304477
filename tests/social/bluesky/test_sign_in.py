"""Signing in at Bluesky: by handle and app password, at the server that the account lives on; only
tokens are kept, and the connection follows its account."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from social.models import Channel, Connection, Home
from social.networks import NETWORKS
from social.networks.bluesky import identity
from social.networks.errors import AuthorizationLost, Rejected
from social.networks.homes import sandbox_home
from social.networks.shapes import Grant
from tests.environment import NETWORKS_URL

from ..dancing import BSKY_ALICE, connect
from ..stage import stage_of

HOST = urlsplit(NETWORKS_URL).netloc
TYPED = {"handle": "@alice.test", "password": "alic-aaaa-bbbb-cccc"}
BLUESKY = NETWORKS["bluesky"]


@pytest.fixture
def page(sandbox, alice, client_for):
    cache.clear()
    return client_for(alice)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "handle",
    ["alice.test", " @Alice.test ", "at://alice.test", BSKY_ALICE, "\u202aalice.test\u202c"]
    + [f"https://bsky.app/profile/{name}" for name in ("alice.test", BSKY_ALICE)],
)
def test_whoever_types_what_is_right_is_connected(page, handle):
    answer = page.post("/channels/connect/bluesky/", {**TYPED, "handle": handle})
    assert answer.status_code == 302, answer.content.decode()
    connection = Connection.objects.get()
    assert (connection.remote_id, connection.home) == (BSKY_ALICE, HOST)
    assert (connection.name, connection.handle) == ("Alice Example", "alice.test")
    assert Channel.objects.get().label == "bluesky:alice.test"
    assert str(Home.objects.get()) == f"bluesky@{HOST}"
    assert "alic-aaaa" not in str(Connection.objects.values())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"password": "wron-gggg-gggg-gggg"}, "Bluesky did not accept that."),
        ({"handle": "nobody.test"}, "Bluesky did not accept that."),
        ({"handle": "alice"}, "Bluesky did not accept that."),
        ({"password": "main-password-of-alice"}, "That is the main password of the account."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(page, wrong, said):
    answer = page.post("/channels/connect/bluesky/", {**TYPED, **wrong})
    assert answer.status_code == 400 and said in answer.content.decode()
    assert not Connection.objects.exists()


@pytest.mark.django_db
def test_an_account_whose_server_nobody_knows_is_told_so(page):
    nowhere = "did:plc:" + "a" * 24
    answer = page.post("/channels/connect/bluesky/", {**TYPED, "handle": nowhere})
    assert answer.status_code == 400
    assert "not the address of a Bluesky server" in answer.content.decode()


def test_a_main_password_is_told_by_the_code_that_it_needs(sandbox):
    sandbox.change("ask_code", user="alice.test")
    with pytest.raises(Rejected) as refused:
        BLUESKY.grant_for({**TYPED, "password": "main-password-of-alice"}, "")
    assert refused.value.reason == "main_password"


def test_the_session_of_a_main_password_is_ended(sandbox):
    token = sandbox.token("bluesky", "alice.test", scope="com.atproto.access")
    grant = Grant(token["access_token"], token["refresh_token"])
    with pytest.raises(Rejected):
        BLUESKY.with_home(grant)
    with pytest.raises(AuthorizationLost):
        BLUESKY.renew(Grant(grant.access, grant.refresh, home=HOST))


@pytest.mark.django_db
def test_a_pasted_token_says_where_its_account_lives(sandbox, alice):
    connection = connect(sandbox, alice, "bluesky")
    assert (connection.home, connection.remote_id) == (HOST, BSKY_ALICE)
    assert connection.access_expires_at is not None


def test_a_renewal_whose_answer_was_lost_is_asked_for_again(sandbox):
    stage = stage_of("bluesky", sandbox)
    first, second = BLUESKY.renew(stage.grant), BLUESKY.renew(stage.grant)
    assert first.refresh == second.refresh
    assert BLUESKY.person(second).handle == "alice.test"


def test_another_name_is_the_same_account(sandbox):
    stage = stage_of("bluesky", sandbox)
    sandbox.change("rename", user="alice.test", handle="ada.test")
    person = BLUESKY.person(stage.grant)
    assert (person.remote_id, person.handle) == (BSKY_ALICE, "ada.test")


def test_an_account_that_left_its_server_is_to_be_connected_anew(sandbox):
    stage = stage_of("bluesky", sandbox)
    sandbox.change("deactivate", user="alice.test")
    for question in (stage.publish, lambda: BLUESKY.person(stage.grant)):
        with pytest.raises(AuthorizationLost):
            question()


@pytest.mark.django_db
def test_a_renewal_follows_its_account_to_another_server(sandbox, alice):
    connection = connect(sandbox, alice, "bluesky")
    Connection.objects.update(home="old.example")
    connection.refresh_from_db()
    grant = BLUESKY.renew(Grant(**{**vars(connection.grant()), "home": HOST}))
    assert connection.keep_renewed(grant)
    assert Connection.objects.get().home == HOST


def test_what_names_another_server_is_believed_by_the_directory_alone(sandbox):
    elsewhere = {
        "service": [{"id": "#atproto_pds", "serviceEndpoint": "https://evil.example"}],
    }
    assert identity.moved_to({"didDoc": elsewhere}, BSKY_ALICE, "old.example") == HOST
    assert identity.moved_to({"didDoc": elsewhere}, "did:plc:" + "a" * 24, HOST) == HOST


@pytest.mark.parametrize(
    "endpoint",
    ["http://pds.example", "https://10.0.0.1", "https://pds.example:8443", "https://a@b.example"],
)
def test_a_document_names_no_server_that_may_not_be_asked(endpoint):
    named = {"service": [{"id": "did:plc:x#atproto_pds", "serviceEndpoint": endpoint}]}
    with pytest.raises(Rejected):
        identity.home_in(named)


def test_a_server_without_an_appview_will_do(sandbox):
    stage = stage_of("bluesky", sandbox)
    sandbox.change("appview", on=False)
    assert BLUESKY.person(stage.grant).name == "alice.test"
    assert sandbox_home() == HOST
