"""The pages of webhooks: behind a fresh password, nobody else's, and what is wrong in words."""

import time

import pytest
from django_q.models import OrmQ

from project.webhooks import events
from project.webhooks.models import PENDING, WEBHOOKS_PER_USER, Webhook
from project.webhooks.tasks import call_webhook

LIST = "/settings/webhooks/"


@pytest.fixture
def her(alice, client_for):
    return fresh(client_for(alice))


def fresh(client):
    """As if the password had been given a moment ago."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def test_it_is_made_tried_rotated_switched_and_deleted(her, alice, receiver):
    page = her.post(LIST, {"url": receiver.url})
    webhook = Webhook.objects.get(user=alice)
    here = f"{LIST}{webhook.public_id}/"
    assert page.url == here and receiver.url in her.get(LIST).content.decode()
    secret = webhook.secret
    assert secret in her.get(here).content.decode() and secret not in her.get(LIST).content.decode()
    assert her.post(f"{here}tests/").url == here
    assert OrmQ.objects.filter(key="webhooks").count() == 1
    call_webhook(webhook.pk)
    html = her.get(here).content.decode()
    assert receiver.messages[0]["type"] == "webhook.test" and "HTTP 204" in html
    assert her.post(f"{here}secrets/").url == here
    assert Webhook.objects.get().secret != secret
    her.post(f"{here}switch/")
    assert "Switched off" in her.get(here).content.decode()
    her.post(f"{here}switch/", {"on": "1"})
    assert Webhook.objects.get().disabled_at is None
    her.post(f"{here}events/{webhook.events.get().public_id}/replays/")
    assert webhook.events.get().state == PENDING
    her.post(f"{here}deletions/")
    assert not Webhook.objects.exists()


def test_an_old_sign_in_is_asked_for_the_password_again(alice, client_for, webhook):
    browser = client_for(alice)
    for address in (LIST, f"{LIST}{webhook.public_id}/"):
        assert "/accounts/reauthenticate/" in browser.get(address).url
    assert "/accounts/reauthenticate/" in browser.post(LIST, {"url": "https://a.example"}).url
    assert Webhook.objects.count() == 1


def test_nobody_elses(bob, client_for, webhook):
    his = fresh(client_for(bob))
    here = f"{LIST}{webhook.public_id}/"
    assert his.get(here).status_code == 404
    for act in ("tests", "secrets", "switch", "deletions", "replays"):
        assert his.post(f"{here}{act}/").status_code == 404
    assert webhook.url not in his.get(LIST).content.decode()


def test_a_bad_address_gets_one_sentence_and_stays_in_the_form(her, alice, monkeypatch):
    page = her.post(LIST, {"url": "gopher://example.org"})
    assert page.status_code == 400
    assert "begins with https://" in page.content.decode()
    assert "gopher://example.org" in page.content.decode()
    for number in range(WEBHOOKS_PER_USER):
        assert her.post(LIST, {"url": f"https://example.org/{number}"}).status_code == 302
    assert "as many webhooks as fit" in her.post(LIST, {"url": "https://b.org/"}).content.decode()
    monkeypatch.setattr("project.webhooks.forms.WEBHOOKS_PER_USER", 99)
    page = her.post(LIST, {"url": "https://example.org/0"})
    assert "You have a webhook to that address" in page.content.decode()


def test_all_that_was_given_up_is_told_again(her, webhook, receiver):
    events.write([webhook], events.TEST, "test:1", {})
    assert "all that was given up" not in her.get(f"{LIST}{webhook.public_id}/").content.decode()
    webhook.events.update(state="given up")
    assert "all that was given up" in her.get(f"{LIST}{webhook.public_id}/").content.decode()
    her.post(f"{LIST}{webhook.public_id}/replays/")
    call_webhook(webhook.pk)
    assert len(receiver.heard) == 1
