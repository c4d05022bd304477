"""Posting times, the calendar, notices, suggestions and webhooks, as a program has them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from project.api.models import ApiCall
from project.webhooks.models import Webhook
from publishing.models import Notice, Post, PostingTime
from tests.addresses import suggestion_of, things_of
from tests.api.calling import Program
from tests.publishing.factories import x_channel

pytestmark = pytest.mark.django_db


def week(clock: str) -> dict[str, list[dict[str, object]]]:
    return {"items": [{"weekday": day, "clock": clock} for day in range(7)]}


@pytest.mark.database
def test_posting_times_are_replaced_after_it_was_said_what_moves(alice):
    x, program = x_channel(alice), Program(alice)
    assert program.ask("PUT", "/posting-times", week("09:30")).status_code == 200
    free = program.get("/free-times?count=2").json()["items"]
    assert free == program.get(f"/free-times?count=2&channels={x.pk}").json()["items"]
    job = program.post("/posts", {"text": "Hello", "channels": [x.pk], "at": "next"}).json()
    assert program.get("/free-times?count=1").json()["items"] == free[1:]
    refused = program.ask("PUT", "/posting-times", week("17:00"))
    assert (refused.status_code, refused.json()["code"]) == (409, "changed")
    change = program.post("/posting-times/changes", week("17:00")).json()
    [move] = change["moves"]
    assert (move["post"], move["seen"]) == (job["post"], free[0]) and change["change"]
    assert PostingTime.objects.filter(clock="17:00").count() == 0
    elsewhere = Program(alice, channels=[job["post"]])  # may publish to no channel of hers
    named = week("17:00") | {"change": change["change"]}
    assert elsewhere.ask("PUT", "/posting-times", named).json()["code"] == "channel"
    assert program.ask("PUT", "/posting-times", named).status_code == 200
    assert program.get(f"/posts/{job['post']}").json()["at"] == move["at"]
    assert {row["clock"] for row in program.get("/posting-times").json()["items"]} == {"17:00"}
    both = {"items": [{"weekday": 1, "clock": "09:00"}, {"weekday": 1, "clock": "9:00"}]}
    assert program.ask("PUT", "/posting-times", both).status_code == 422


@pytest.mark.database
def test_the_calendar_says_what_stands_there_and_moves_it_by_the_time_that_was_seen(alice, bob):
    x, program = x_channel(alice), Program(alice)
    at = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    post = Post.objects.publish(alice, "Hello", [x], at)
    Post.objects.publish(bob, "Not hers", [x_channel(bob, "bob")], at)
    draft = program.post("/drafts", {"text": "Half", "at": at}).json()
    days = f"?from={at.date() - timedelta(days=1)}&to={at.date() + timedelta(days=20)}"
    entries = program.get(f"/calendar{days}").json()["items"]
    assert {(row["kind"], row["words"]) for row in entries} == {
        ("post", "Hello"),
        ("draft", "Half"),
    }
    seen, later = entries[0]["at"], at + timedelta(days=9)
    for path in (f"/posts/{post.public_id}", f"/drafts/{draft['id']}"):
        wish = {"seen": seen, "at": later}
        assert program.post(f"{path}/moves", wish).status_code == 200
        stale = program.post(f"{path}/moves", wish)
        assert (stale.status_code, stale.json()["code"]) == (409, "changed")
        past = program.post(f"{path}/moves", {"seen": later, "at": "2020-01-01T00:00:00Z"})
        assert past.json()["errors"][0]["pointer"] == "/at"
    entries = program.get(f"/calendar{days}").json()["items"]
    assert {row["at"] for row in entries} == {later.isoformat().replace("+00:00", "Z")}
    for wrong in ("?from=2027-01-02&to=2027-01-01", "?from=2026-01-01&to=9999-12-31", ""):
        assert program.get(f"/calendar{wrong}").status_code == 422


def test_notices_are_dismissed_and_acted_on_and_suggestions_dismissed(alice):
    things_of(alice)
    program, suggestion = Program(alice), suggestion_of(alice, kind="best", key="best:1")
    [notice] = program.get("/notices").json()["items"]
    assert program.post(f"/notices/{notice['id']}/acts", {"verb": "drop"}).status_code == 409
    program.post(f"/notices/{notice['id']}/dismissals")
    assert Notice.objects.get().dismissed_at
    assert [row["id"] for row in program.get("/suggestions").json()["items"]] == [
        str(suggestion.public_id)
    ]
    assert program.post(f"/suggestions/{suggestion.public_id}/dismissals").status_code == 200
    assert program.get("/suggestions").json()["items"] == []


def test_a_webhook_tells_its_secret_once_and_is_tried_switched_and_forgotten(alice):
    program = Program(alice)
    address = {"url": "https://told.example/"}
    made = program.post("/webhooks", address, idempotency_key="one").json()
    webhook = Webhook.objects.get()
    assert made["secret"] == webhook.secret and made["secret"].startswith("whsec_")
    again = program.post("/webhooks", address, idempotency_key="one").json()
    assert again["id"] == made["id"] and "secret" not in again
    assert made["secret"] not in ApiCall.objects.get().body
    assert program.post("/webhooks", {"url": "gopher://x"}).json()["errors"][0]["pointer"] == "/url"
    here = f"/webhooks/{made['id']}"
    event = program.post(f"{here}/tests").json()
    assert event["type"] == "webhook.test"
    webhook.events.update(state="given up")
    assert program.post(f"{here}/replays").json() == {"count": 1}
    replayed = program.post(f"{here}/events/{event['event']}/replays").json()
    assert (replayed["state"], replayed["id"]) == ("pending", event["id"])
    assert [row["id"] for row in program.get(f"{here}/events").json()["items"]] == [event["id"]]
    assert program.post(f"{here}/secrets").json()["secret"] != made["secret"]
    assert program.patch(here, {"is_on": False}).json()["is_on"] is False
    assert program.patch(here, {"is_on": True}).json() == program.get(here).json()
    assert program.delete(here).status_code == 204 and not Webhook.objects.exists()
