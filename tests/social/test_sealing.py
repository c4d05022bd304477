"""Tokens at rest: unreadable without a key, useless on another row."""

import io
import json

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from publishing.models import Post
from social.connections.tokens import channel_grant
from social.models import Channel, Connection
from social.networks.errors import AuthorizationLost
from social.sealing import UnreadableToken, reseal, seal, unseal

from .dancing import connect


def test_a_sealed_token_opens_for_its_own_row_only():
    sealed = seal("secret", "connection:1:access")
    assert "secret" not in sealed
    assert unseal(sealed, "connection:1:access") == "secret"
    for row in ("connection:2:access", "connection:1:refresh", "channel:1", ""):
        with pytest.raises(UnreadableToken):
            unseal(sealed, row)


def test_nothing_is_nothing():
    assert seal("", "any") == unseal("", "any") == reseal("") == ""


def test_the_same_token_never_looks_the_same_twice():
    assert seal("secret", "row") != seal("secret", "row")


@pytest.mark.parametrize("sealed", ["nonsense", "é", "gAAAAA==", "{}", " "])
def test_what_was_never_sealed_is_unreadable(sealed):
    with pytest.raises(UnreadableToken):
        unseal(sealed, "row")
    with pytest.raises(UnreadableToken):
        reseal(sealed)


@pytest.mark.parametrize("inside", ["7", '"secret"', "[]", '["row"]', '["row", "a", "b"]', "nope"])
def test_what_was_sealed_by_somebody_else_is_unreadable(settings, inside):
    sealed = Fernet(settings.TOKEN_KEYS[0]).encrypt(inside.encode()).decode()
    with pytest.raises(UnreadableToken):
        unseal(sealed, "row")


def test_a_new_key_seals_and_the_old_one_still_opens(settings):
    old, new = settings.TOKEN_KEYS[0], Fernet.generate_key().decode()
    before = seal("secret", "row")
    settings.TOKEN_KEYS = [new, old]
    after = reseal(before)
    settings.TOKEN_KEYS = [new]
    assert unseal(after, "row") == "secret"
    with pytest.raises(UnreadableToken):
        unseal(before, "row")


# ── In the rows ───────────────────────────────────────────────────────────────────────────────
pytestmark = pytest.mark.django_db


def test_swapped_rows_do_not_post_as_somebody_else(alice, bob, sandbox, run_jobs):
    """Whoever can write to the database cannot use one person's token as another's."""
    alices, bobs = connect(sandbox, alice, "x", "alice"), connect(sandbox, bob, "x", "bob")
    Connection.objects.filter(pk=bobs.pk).update(access_sealed=alices.access_sealed)
    post = Post.objects.publish(bob, "From Alice, says Bob")
    run_jobs()
    assert sandbox.truth() == []
    delivery = post.deliveries.get()
    assert (delivery.state, delivery.reason) == ("queued", "token_unreadable")


def test_swapped_pages_do_not_either(alice, sandbox):
    connect(sandbox, alice, "facebook")
    one, other = Channel.objects.of(alice)
    Channel.objects.filter(pk=one.pk).update(token_sealed=other.token_sealed)
    with pytest.raises(AuthorizationLost) as lost:
        channel_grant(Channel.objects.get(pk=one.pk))
    assert lost.value.reason == "token_unreadable"


def test_lost_keys_ask_the_person_to_reconnect(alice, client_for, sandbox, run_jobs, settings):
    connection = connect(sandbox, alice, "x")
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    Post.objects.publish(alice, "Hello")
    run_jobs()
    connection.refresh_from_db()
    assert connection.blocked_reason == "token_unreadable"
    page = client_for(alice).get("/channels/").content.decode()
    assert "The stored key of this connection cannot be read. Reconnect it." in page


def test_lost_keys_do_not_keep_anybody_from_leaving(alice, client_for, sandbox, run_jobs, settings):
    connection = connect(sandbox, alice, "x")
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    client_for(alice).post(f"/channels/connections/{connection.pk}/disconnections/")
    run_jobs()
    connection.refresh_from_db()
    assert (connection.is_connected, connection.access_sealed) == (False, "")


def test_rotating_seals_every_row_anew(alice, bob, sandbox, settings):
    kept = [connect(sandbox, alice, "x"), connect(sandbox, alice, "facebook")]
    tokens = [connection.grant() for connection in kept]
    pages = {channel.pk: channel_grant(channel) for channel in Channel.objects.of(alice)}
    old, new = settings.TOKEN_KEYS[0], Fernet.generate_key().decode()
    settings.TOKEN_KEYS = [new, old]
    said = io.StringIO()
    call_command("rotate_token_keys", stdout=said)
    assert said.getvalue() == "6 sealed anew, 0 unreadable\n"
    settings.TOKEN_KEYS = [new]
    for connection, grant in zip(kept, tokens, strict=True):
        connection.refresh_from_db()
        assert connection.grant() == grant
    assert {channel.pk: channel_grant(channel) for channel in Channel.objects.of(alice)} == pages


def test_rotating_names_what_it_cannot_read_and_does_the_rest(alice, sandbox, settings):
    connection = connect(sandbox, alice, "x")
    Connection.objects.filter(pk=connection.pk).update(refresh_sealed="nonsense")
    said, complained = io.StringIO(), io.StringIO()
    call_command("rotate_token_keys", stdout=said, stderr=complained)
    assert said.getvalue() == "1 sealed anew, 1 unreadable\n"
    assert str(connection.pk) in complained.getvalue()
    assert json.dumps(complained.getvalue()).count("refresh_sealed") == 1
