"""Tokens: made behind a password, shown once, good for what they say and until they are revoked."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from project.accounts.deleting import delete_account
from project.api.models import ApiCall, ApiToken
from project.jobs.models import AuditLogEntry
from social.redacting import REDACTED, redact
from tests.api.calling import Program
from tests.exporting import exported
from tests.people import PASSWORD
from tests.publishing.factories import page_channel, x_channel

pytestmark = pytest.mark.django_db


def test_a_token_is_made_behind_a_password_shown_once_and_revoked_at_once(alice, client_for):
    client, channel = client_for(alice), x_channel(alice)
    sent_off = client.get("/settings/tokens/")
    assert sent_off.headers["Location"].startswith("/accounts/reauthenticate/")
    assert client.post(sent_off.headers["Location"], {"password": PASSWORD}).status_code == 302
    wrong = client.post("/settings/tokens/", {"name": "CI"})
    assert wrong.status_code == 400 and not ApiToken.objects.exists()
    form = {"name": "CI", "scopes": ["read"], "channels": [channel.pk], "days": "90"}
    made = client.post("/settings/tokens/", form)
    [secret] = re.findall(r"fan_[\w-]{43}", made.content.decode())
    assert "no-store" in made.headers["Cache-Control"]
    token = ApiToken.objects.get()
    assert secret not in str(vars(token)) and secret.startswith(token.prefix)
    assert token.expires_at is not None and token.channel_ids == [str(channel.pk)]
    assert secret not in client.get("/settings/tokens/").content.decode()
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").json()["token"]["name"] == "CI"
    assert "Last used" in client.get("/settings/tokens/").content.decode()
    assert client.post(f"/settings/tokens/{token.public_id}/revocations/").status_code == 302
    assert program.get("/api/v1/me").status_code == 401
    said = AuditLogEntry.objects.values_list("did", flat=True)
    assert set(said) == {"made an API token", "revoked an API token"}
    assert secret not in str(list(AuditLogEntry.objects.values()))


def test_only_a_standing_token_in_a_header_lets_in(alice, client_for):
    program = Program(alice)
    assert client_for(alice).get("/api/v1/me").status_code == 401  # a session is no token
    assert Client().get(f"/api/v1/me?token={program.secret}").status_code == 401
    refused = Client(headers={"Authorization": f"Basic {program.secret}"}).get("/api/v1/me")
    assert refused.status_code == 401 and "Bearer" in refused.headers["WWW-Authenticate"]
    for change in ({"expires_at": timezone.now()}, {"revoked_at": timezone.now()}):
        ApiToken.objects.update(**change)
        assert program.get("/me").status_code == 401
        ApiToken.objects.update(expires_at=None, revoked_at=None)
    alice.is_active = False
    alice.save()
    assert program.get("/me").status_code == 401


def test_guesses_are_throttled_and_a_right_token_is_not(alice):
    guesser = Client(headers={"Authorization": "Bearer fan_" + "a" * 43})
    answers = [guesser.get("/api/v1/me") for _ in range(22)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) <= 60
    assert Program(alice).get("/me").status_code == 200


def test_a_token_has_so_many_requests_a_minute(alice, monkeypatch):
    program = Program(alice)
    monkeypatch.setattr("project.api.access.READS.most", 2)
    assert program.get("/me").headers["RateLimit"].startswith('"reads";r=1;t=')
    assert [program.get("/me").status_code for _ in range(2)] == [200, 429]
    assert program.post("/drafts", {"text": "Hello"}).status_code == 201  # counted apart
    assert Program(alice).get("/channels").status_code == 200  # and each its own


def test_when_it_was_used_is_written_at_most_once_a_minute(alice, django_assert_max_num_queries):
    program = Program(alice)
    program.get("/me")
    first = ApiToken.objects.get().last_used_at
    with django_assert_max_num_queries(2):  # whose it is, and how many requests
        program.get("/me")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    program.get("/me")
    assert ApiToken.objects.get().last_used_at >= first


def test_a_token_limited_to_channels_touches_no_other(alice):
    x, page = x_channel(alice), page_channel(alice)
    program, anything = Program(alice, channels=[x.pk]), Program(alice)
    words = {"text": "Hello", "at": timezone.now() + timedelta(days=1)}
    assert program.post("/posts", words | {"channels": [page.pk]}).json()["code"] == "channel"
    mine = program.post("/posts", words | {"channels": [x.pk]}).json()["post"]
    assert program.patch(f"/posts/{mine}", {"channels": [page.pk]}).json()["code"] == "channel"
    other = anything.post("/posts", words | {"channels": [page.pk]}).json()
    assert program.delete(f"/posts/{other['post']}").status_code == 403
    cancel = f"/deliveries/{other['jobs'][0]['job_id']}/cancellations"
    assert program.post(cancel, {"attempt": 0}).status_code == 403
    draft = program.post("/drafts", {"text": "Hello", "channels": [page.pk]}).json()["id"]
    assert program.post(f"/drafts/{draft}/publications").json()["code"] == "channel"
    assert program.get(f"/posts/{other['post']}").status_code == 200


def test_logs_never_show_one():
    secret = "fan_" + "aB-_9" * 9
    assert redact(f"it said {secret} there") == f"it said {REDACTED} there"
    assert "aB-_9" not in redact(f'{{"x": "{secret}"}} Authorization: Bearer {secret}')


def test_tokens_are_exported_without_what_opens_and_end_with_their_account(alice):
    program, channel = Program(alice), x_channel(alice)
    body = {"text": "Hello", "channels": [channel.pk]}
    assert program.post("/posts", body, idempotency_key="one").status_code == 202
    data = exported(alice)
    [token], [call] = data["api_tokens"], data["api_calls"]
    assert token["prefix"] == program.token.prefix and call["key"] == "one"
    assert program.token.digest not in str(data)
    delete_account(alice)
    assert not ApiToken.objects.exists() and not ApiCall.objects.exists()
