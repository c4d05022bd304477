"""What a person does while a job looks around at the network stays done: the job saves only what
the network said, and only what today's grant saw."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from publishing.models import Post
from social.connections import refresh as refreshing
from social.connections.refresh import refresh, store_answer
from social.connections.tokens import fresh_grant
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost
from social.networks.shapes import Place

from .dancing import BAKERY, GARDEN, LIBRARY, connect, dance

pytestmark = pytest.mark.django_db
FACEBOOK, X = NETWORKS["facebook"], NETWORKS["x"]
BAKERY_TODAY = Place(BAKERY, "Alice's New Bakery", "newbakery", token="page-token")


def bakery() -> Channel:
    return Channel.objects.get(remote_id=BAKERY)


def once_before(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, act: Callable) -> None:
    """Let somebody `act` in the moment in which `name` is called for the first time."""
    call, left = getattr(where, name), [act]

    def meanwhile(*args: Any) -> Any:
        while left:
            left.pop()()
        return call(*args)

    monkeypatch.setattr(where, name, meanwhile)


ACTS = {
    "choose": ({"chosen_at": None}, lambda c: c.choose(), "works"),
    "pause": ({}, lambda c: c.pause(), "paused"),
    "resume": ({"paused_at": timezone.now()}, lambda c: c.resume(), "works"),
}


# ── What a person did ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("act", ACTS)
def test_an_act_between_reading_and_saving_stays(alice, sandbox, monkeypatch, act):
    connection = connect(sandbox, alice, "facebook")
    before, do, after = ACTS[act]
    Channel.objects.update(**before)
    once_before(monkeypatch, Channel, "take", lambda: do(bakery()))
    assert store_answer(connection, (), [BAKERY_TODAY])
    assert (bakery().state, bakery().name) == (after, "Alice's New Bakery")


def test_choosing_does_not_undo_a_disconnecting(alice, sandbox):
    connection = connect(sandbox, alice, "facebook")
    Channel.objects.update(chosen_at=None)
    seen = bakery()
    Connection.objects.get(pk=connection.pk).disconnect()
    seen.choose()
    assert bakery().disconnected_at and not Channel.objects.of(alice).exists()


def test_what_was_disconnected_is_offered_anew(alice, sandbox):
    connection = connect(sandbox, alice, "facebook")
    bakery().disconnect()
    assert bakery().chosen_at and bakery().disconnected_at
    store_answer(connection, (), [BAKERY_TODAY])
    assert bakery().state == "offered"


# ── A grant that is newer ─────────────────────────────────────────────────────────────────────
def test_what_an_older_grant_saw_does_not_count(alice, client_for, sandbox, run_jobs, monkeypatch):
    """The person connects anew, without one Page, while the job is waiting for Facebook."""
    connection = connect(sandbox, alice, "facebook")
    run_jobs()
    client = client_for(alice)

    def connect_anew() -> None:
        dance(client, "facebook", sandbox_pages=f"{GARDEN},{LIBRARY}")

    once_before(monkeypatch, refreshing, "store_answer", connect_anew)
    refresh(Connection.objects.get(pk=connection.pk))
    assert bakery().blocked_reason == "not_ticked"
    run_jobs()
    assert bakery().blocked_reason == "not_ticked"
    lasts = Connection.objects.get().access_expires_at
    assert (lasts - timezone.now()).days > 50  # its Page tokens live as long


def test_two_that_refresh_at_once_both_find_the_pages(alice, sandbox, run_jobs, monkeypatch):
    """Whose renewal of the grant comes second has nothing to look around with but the first's."""
    connect(sandbox, alice, "facebook")
    Channel.objects.all().delete()
    Connection.objects.update(checked_at=None)
    one, other = Connection.objects.get(), Connection.objects.get()
    once_before(monkeypatch, Connection, "keep_renewed", lambda: keep(other))
    refresh(one)
    assert one.channels.offered().count() == 3


def keep(connection: Connection) -> None:
    connection.keep_renewed(FACEBOOK.renew(connection.grant()))


def test_the_end_of_an_older_grant_is_not_the_end_of_the_newer(
    alice, client_for, sandbox, run_jobs, monkeypatch
):
    connection = connect(sandbox, alice, "x")
    Connection.objects.update(access_expires_at=timezone.now())
    client = client_for(alice)

    def refused(grant: Any) -> None:
        dance(client, "x")
        raise AuthorizationLost("token_dead")

    monkeypatch.setattr(X, "renew", refused)
    with pytest.raises(AuthorizationLost):
        fresh_grant(Connection.objects.get(pk=connection.pk))
    assert Connection.objects.get().blocked_reason == ""
    Post.objects.publish(alice, "Said once")
    run_jobs()
    assert [row["text"] for row in sandbox.truth("x")] == ["Said once"]


def test_a_page_that_refused_its_older_token_may_take_the_newer(alice, sandbox):
    connection = connect(sandbox, alice, "facebook")
    used = bakery()
    store_answer(connection, (), [BAKERY_TODAY])
    used.mark_lost("page_role")
    assert bakery().blocked_reason == ""
    bakery().mark_lost("page_role")
    bakery().mark_lost("not_ticked")
    assert bakery().blocked_reason == "page_role"


def test_what_a_look_says_is_missing_is_stored_and_what_it_does_not_say_stays(alice, sandbox):
    connection = connect(sandbox, alice, "x")
    assert store_answer(connection, ["tweet.write"], [])
    assert Connection.objects.get().missing_permissions == ["tweet.write"]
    person = connection.person
    connection.note_person(replace(person, limits={"pictures": 3}))
    connection.note_person(replace(person, limits={}))
    assert Connection.objects.get().limits == {"pictures": 3}
    connection.note_person(replace(person, limits={"pictures": 5}))
    assert Connection.objects.get().limits == {"pictures": 5}
