"""A network is a folder and a line: one more connects, publishes, is read back and shown, and
nothing else is told of it."""

import io

import pytest
from django.core.management import CommandError, call_command

from importing.models import ImportedItem
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.shapes import Grant, Outgoing
from tests.publishing.conftest import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def pond(monkeypatch):
    monkeypatch.setattr(NETWORKS, "modules", [*NETWORKS.modules])
    monkeypatch.setattr(NETWORKS, "declared", {**NETWORKS.declared})
    monkeypatch.setattr(NETWORKS, "loaded", {**NETWORKS})
    NETWORKS.add("tests.pond")
    NETWORKS["pond"].posts.clear()
    return NETWORKS["pond"]


@pytest.fixture
def channel(pond, alice) -> Channel:
    call_command("connect", alice.username, "pond", "--token", "ada", stdout=io.StringIO())
    return Channel.objects.of(alice).get(network_name="pond")


def test_it_is_connected_by_a_token(channel):
    assert (channel.label, channel.state) == ("pond:ada", "works")


def test_a_token_that_is_dead_connects_nothing(pond, alice):
    with pytest.raises(CommandError):
        call_command("connect", alice.username, "pond", "--token", "dead")
    assert not Connection.objects.exists()


def test_what_is_written_goes_out_there_once(channel, pond, run_jobs):
    delivery = publish(channel, "Croak")
    run_jobs()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.remote_url) == ("sent", "https://pond.example/ada/croak-1")
    assert [post.text for post in pond.posts] == ["Croak"]


def test_it_is_counted_as_it_counts(channel, client_for, alice):
    form = {"text": "a" * 101, "channels": [channel.pk]}
    assert "101</output> of 100" in client_for(alice).post("/posts/lengths/", form).content.decode()


def test_what_is_there_is_read_back(channel, pond, run_jobs):
    pond.publish(channel.remote_id, channel.handle, Outgoing("From elsewhere"), Grant("ada"))
    call_command("import_now", channel.connection.user.username, stdout=io.StringIO())
    run_jobs()
    assert ImportedItem.objects.get().text == "From elsewhere"


@pytest.mark.parametrize("page", ["/channels/", "/posts/new/", "/imports/", "/numbers/", "/jobs/"])
def test_pages_show_it(page, channel, client_for, alice, run_jobs):
    publish(channel, "Croak")
    run_jobs()
    alice.is_superuser = alice.is_staff = True
    alice.save()
    shown = client_for(alice).get(page).content.decode()
    assert "Pond" in shown or "Ada" in shown


def test_a_page_speaks_of_all_of_them(pond, client):
    page = client.get("/").content.decode()
    assert "your X account, your Facebook Pages and your lily pads" in page
