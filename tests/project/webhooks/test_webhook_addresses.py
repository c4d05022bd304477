"""Where webhooks may lead: a public address by https, or where the operator says. Nothing here is
sent anywhere but to 127.0.0.0/8: other addresses at the other end of a socket are made up."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ValidationError

from project.webhooks import calling, events
from project.webhooks.tasks import call_webhook
from social.networks import http

PUBLIC_ONLY = (
    "http://example.org/", "https://", "ftp://example.org/", "https://a:b@example.org/",
    "https://user@example.org/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/",
    "https://0x7f000001/", "https://localhost/", "https://example.org:port/", "javascript:x", "",
)  # fmt: skip


@pytest.fixture
def on_the_internet(settings):
    settings.SANDBOX_MODE, settings.PRIVATE_HOMES = False, []


def test_an_address_is_a_name_on_the_internet_by_https(on_the_internet):
    for address in PUBLIC_ONLY:
        with pytest.raises(ValidationError):
            calling.check_address(address)
    assert calling.check_address("https://example.org:8443/told?by=us").port == 8443


def test_a_name_that_leads_inside_gets_not_a_byte(webhook, receiver, on_the_internet, monkeypatch):
    """Also when it led outside while it was looked up: the socket's own peer counts."""
    webhook.url = f"https://localhost.example:{receiver.port}/"
    monkeypatch.setattr(
        "urllib3.util.connection.socket.getaddrinfo",
        lambda *args, **more: [(2, 1, 6, "", ("127.0.0.1", receiver.port))],
    )
    webhook.save()
    events.write([webhook], events.TEST, "test:1", {})
    for inside in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1"):
        monkeypatch.setattr(http, "peer_address", lambda connected, at=inside: at)
        webhook.events.update(next_try_at="2020-01-01T00:00Z", tries=0)
        type(webhook).objects.update(paused_until=None)
        call_webhook(webhook.pk)
        assert "is no public address" in webhook.events.get().answer
    assert not receiver.heard


def test_in_the_clear_only_into_a_network_that_the_operator_names(
    webhook, receiver, on_the_internet, settings, monkeypatch
):
    settings.PRIVATE_HOMES = [ip_network("127.0.0.0/8")]
    events.write([webhook], events.TEST, "test:1", {})
    monkeypatch.setattr(http, "peer_address", lambda connected: "93.184.216.34")
    call_webhook(webhook.pk)
    assert not receiver.heard and "is no public address" in webhook.events.get().answer
    monkeypatch.undo()
    settings.SANDBOX_MODE, settings.PRIVATE_HOMES = False, [ip_network("127.0.0.0/8")]
    webhook.events.update(next_try_at="2020-01-01T00:00Z")
    call_webhook(webhook.pk)
    assert len(receiver.heard) == 1


def test_in_sandbox_mode_this_machine_only(webhook, receiver, monkeypatch):
    events.write([webhook], events.TEST, "test:1", {})
    monkeypatch.setattr(calling, "peer_address", lambda connected: "93.184.216.34")
    call_webhook(webhook.pk)
    assert not receiver.heard and "this machine only" in webhook.events.get().answer
