"""What another program is told: each end of a delivery, once each, signed, again when it fails."""

import base64
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from standardwebhooks.webhooks import Webhook as Verifier

from project.webhooks import calling, delivering, events
from project.webhooks.models import (
    DELIVERED,
    FAILURES_IN_ROW,
    FORMER_SECRET_FOR,
    GIVEN_UP,
    PENDING,
    RETRY_SECONDS,
    Webhook,
    WebhookEvent,
)
from project.webhooks.tasks import call_webhook, prune_webhook_events, sweep_webhooks
from publishing.models import Delivery, Notice, Post
from publishing.states import FAILED, QUEUED, SENDING, SENT, UNCONFIRMED
from social.connections.refresh import store_answer
from social.models import Connection
from social.reasons import Reason
from tests.publishing.factories import page_channel, publish, x_channel
from tests.racing import run_at_once


def send(delivery: Delivery, number: int = 1) -> None:
    assert delivery.move([QUEUED], SENDING)
    assert delivery.move([SENDING], SENT, remote_id=str(number), remote_url="https://x.com/1")


def let_it_be_due(webhook: Webhook) -> None:
    """As if all pauses were over."""
    webhook.events.pending().update(next_try_at=timezone.now())
    Webhook.objects.filter(pk=webhook.pk).update(paused_until=None)


def jobs() -> int:
    return OrmQ.objects.filter(key="webhooks").count()


# ── What is told ──────────────────────────────────────────────────────────────────────────────
def test_an_end_is_told_with_what_the_status_page_says(webhook, receiver, channel):
    delivery = publish(channel)
    send(delivery)
    assert jobs() == 1
    call_webhook(webhook.pk)
    told, done = receiver.messages
    assert (told["type"], told["data"]["state"], told["data"]["url"]) == (
        "delivery.sent", "sent", "https://x.com/1",
    )  # fmt: skip
    assert told["data"]["job_id"] == str(delivery.job_id)
    assert (done["type"], done["data"]["post"]) == ("post.done", str(delivery.post.public_id))
    assert told["sequence"] < done["sequence"]
    assert {event.state for event in webhook.events.all()} == {DELIVERED}
    call_webhook(webhook.pk)
    assert len(receiver.heard) == 2


def test_doubt_and_what_waits_for_an_answer_is_told_and_other_moves_are_not(webhook, channel):
    delivery = publish(channel)
    assert delivery.move([QUEUED], QUEUED, waiting_for="backoff", next_attempt_at=timezone.now())
    assert delivery.move([QUEUED], QUEUED, waiting_for="held", next_attempt_at=None)
    assert delivery.move([QUEUED], SENDING)
    soon = timezone.now()
    assert delivery.move([SENDING], UNCONFIRMED, reason=Reason.NO_ANSWER, next_verification_at=soon)
    assert delivery.verify_at(soon)
    assert delivery.move([UNCONFIRMED], FAILED, reason=Reason.ABSENT_AGAIN)
    kinds = list(webhook.events.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["delivery.held", "delivery.unconfirmed", "delivery.failed"]


def test_a_lost_connection_is_told_once_and_when_it_is_back(webhook, bob, channel):
    connection = channel.connection
    for _ in range(2):
        connection.mark_lost(Reason.TOKEN_DEAD)
    x_channel(bob, "bob").connection.mark_lost(Reason.TOKEN_DEAD)
    [lost] = webhook.events.all()
    assert lost.kind == "connection.lost" and lost.data["connection"] == str(connection.pk)
    assert lost.data["reason"] and lost.data["channels"] == [str(channel.pk)]
    for _ in range(2):
        x_channel(webhook.user)  # connected anew
    back, _ = webhook.events.all()
    assert back.kind == "connection.back" and back.data["reason"] is None
    Connection.objects.filter(pk=connection.pk).update(blocked_reason=Reason.TOKEN_DEAD)
    assert store_answer(Connection.objects.get(pk=connection.pk), [], [])  # a refresh works again
    kinds = webhook.events.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["connection.lost", "connection.back", "connection.back"]


def test_nobody_else_is_told(webhook, receiver, bob, channel):
    send(publish(x_channel(bob, "bob")))
    assert not WebhookEvent.objects.exists() and not jobs()


def test_a_move_that_is_taken_back_is_not_told(webhook, channel):
    delivery = publish(channel)
    with pytest.raises(RuntimeError), transaction.atomic():
        send(delivery)
        raise RuntimeError
    assert not WebhookEvent.objects.exists() and not jobs()


def test_what_goes_wrong_while_it_is_written_down_undoes_no_move(webhook, channel, monkeypatch):
    delivery = publish(channel)
    monkeypatch.setattr(events, "data_of", lambda delivery: 1 / 0)
    send(delivery)
    assert Delivery.objects.get().state == SENT and not WebhookEvent.objects.exists()


def test_who_has_no_webhook_costs_no_statement(channel, django_assert_num_queries):
    delivery = publish(channel)
    with django_assert_num_queries(0):
        events.write_events(delivery, QUEUED)


def test_a_post_is_done_once_with_its_last_delivery(webhook, receiver, alice, channel):
    post = Post.objects.publish(alice, "Two places", [channel, page_channel(alice)])
    first, second = post.deliveries.all()
    send(first)
    call_webhook(webhook.pk)
    assert [message["type"] for message in receiver.messages] == ["delivery.sent"]
    assert second.cancel()
    call_webhook(webhook.pk)
    assert [message["type"] for message in receiver.messages[1:]] == [
        "delivery.canceled", "post.done",
    ]  # fmt: skip
    assert len(receiver.messages[-1]["data"]["jobs"]) == 2


# ── How it is told ────────────────────────────────────────────────────────────────────────────
def test_both_secrets_sign_for_a_day_after_a_new_one(webhook, receiver, channel):
    former = webhook.secret
    webhook.rotate_secret()
    assert former not in (webhook.secret, webhook.secret_sealed)
    events.write([webhook], events.TEST, "test:1", {})
    call_webhook(webhook.pk)
    headers, body = receiver.heard[-1]
    for secret in (former, webhook.secret):
        assert Verifier(secret).verify(body.decode(), headers)["type"] == "webhook.test"
    Webhook.objects.update(former_secret_until=timezone.now() - FORMER_SECRET_FOR)
    events.write([webhook], events.TEST, "test:2", {})
    call_webhook(webhook.pk)
    assert headers["webhook-signature"].count("v1,") == 2
    assert receiver.heard[-1][0]["webhook-signature"].count("v1,") == 1
    assert len(base64.b64decode(former.removeprefix("whsec_"))) == 32


def test_eight_tries_of_the_same_bytes_and_then_it_is_given_up(webhook, receiver):
    events.write([webhook], events.TEST, "test:1", {})
    receiver.answers = [(500, {}, b"no\0pe")] * 9
    for tried in range(1, len(RETRY_SECONDS) + 2):
        let_it_be_due(webhook)
        call_webhook(webhook.pk)
        event = webhook.events.get()
        assert (event.tries, event.status, event.answer) == (tried, 500, "nope")
    assert event.state == GIVEN_UP and len(receiver.heard) == 8
    assert len({body for _, body in receiver.heard}) == 1
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 1
    event.replay()
    Webhook.objects.update(paused_until=None)
    receiver.answers = []
    call_webhook(webhook.pk)
    assert webhook.events.get().state == DELIVERED


def test_one_message_that_is_refused_holds_up_no_other(webhook, receiver):
    for number in range(3):
        events.write([webhook], events.TEST, f"test:{number}", {})
    receiver.answers = [(400, {}, b"not this one")]
    call_webhook(webhook.pk)
    states = [event.state for event in webhook.events.order_by("pk")]
    assert states == [PENDING, DELIVERED, DELIVERED]
    webhook.refresh_from_db()
    assert webhook.failures == 0 and webhook.paused_until is None


def test_a_receiver_that_fails_is_tried_by_one_message_at_a_time(webhook, receiver):
    for number in range(20):
        events.write([webhook], events.TEST, f"test:{number}", {})
    receiver.answers = [(503, {}, b"")] * 9
    call_webhook(webhook.pk)
    assert len(receiver.heard) == FAILURES_IN_ROW
    events.write([webhook], events.TEST, "test:more", {})
    call_webhook(webhook.pk)
    assert len(receiver.heard) == FAILURES_IN_ROW  # it is left alone
    let_it_be_due(webhook)
    call_webhook(webhook.pk)
    assert len(receiver.heard) == FAILURES_IN_ROW + 1
    receiver.answers = []
    let_it_be_due(webhook)
    call_webhook(webhook.pk)
    assert not webhook.events.pending().exists()
    assert len({headers["webhook-id"] for headers, _ in receiver.heard}) == 21


def test_days_of_failures_switch_it_off_and_what_is_pending_is_kept(webhook, receiver):
    events.write([webhook], events.TEST, "test:1", {})
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=6), failures=9)
    receiver.answers = [(500, {}, b"")]
    call_webhook(webhook.pk)
    webhook.refresh_from_db()
    assert webhook.disabled_at is not None
    let_it_be_due(webhook)
    call_webhook(webhook.pk)
    assert len(receiver.heard) == 1
    sweep_webhooks()
    sweep_webhooks()
    notice = Notice.objects.get(user=webhook.user)
    assert notice.mail_at and notice.text.url == f"/settings/webhooks/{webhook.public_id}/"
    webhook.enable()
    call_webhook(webhook.pk)
    assert len(receiver.heard) == 2 and webhook.events.get().state == DELIVERED
    sweep_webhooks()
    assert not Notice.objects.open().exists()
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=6))
    Webhook.objects.get().disable()  # its user did that
    sweep_webhooks()
    assert not Notice.objects.open().exists()


def test_gone_switches_it_off_and_a_wait_is_kept_to(webhook, receiver):
    events.write([webhook], events.TEST, "test:1", {})
    receiver.answers = [(429, {"Retry-After": "4000"}, b"")]
    call_webhook(webhook.pk)
    assert webhook.events.get().next_try_at > timezone.now() + timedelta(seconds=3900)
    let_it_be_due(webhook)
    receiver.answers = [(410, {}, b"")]
    call_webhook(webhook.pk)
    webhook.refresh_from_db()
    assert webhook.disabled_at is not None


def test_no_redirect_is_followed_and_little_is_read(webhook, receiver):
    events.write([webhook], events.TEST, "test:1", {})
    receiver.answers = [(302, {"Location": receiver.url}, b"x" * 100_000)]
    call_webhook(webhook.pk)
    event = webhook.events.get()
    assert (event.status, len(event.answer), len(receiver.heard)) == (302, 1000, 1)


def test_whoever_hangs_is_cut_off(webhook, receiver, monkeypatch):
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.3)
    receiver.hang_seconds = 2
    events.write([webhook], events.TEST, "test:1", {})
    call_webhook(webhook.pk)
    event = webhook.events.get()
    assert event.status is None and "Timeout" in event.answer and event.state == PENDING


# ── By whom ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db(transaction=True)
def test_of_several_workers_at_once_one_tells(webhook, receiver):
    for number in range(5):
        events.write([webhook], events.TEST, f"test:{number}", {})
    run_at_once(*[lambda: call_webhook(webhook.pk)] * 4)
    assert len(receiver.heard) == 5
    assert not webhook.events.pending().exists()


def test_the_dead_leave_it_to_the_next_and_the_sweep_finds_what_was_forgotten(webhook, receiver):
    events.write([webhook], events.TEST, "test:1", {})
    assert webhook.claim() and webhook.events.get().begin_try()
    call_webhook(webhook.pk)
    assert not receiver.heard
    OrmQ.objects.all().delete()
    long_ago = timezone.now() - timedelta(minutes=5)
    Webhook.objects.update(lease_until=long_ago)
    webhook.events.update(next_try_at=long_ago)
    sweep_webhooks()
    assert jobs() == 1
    call_webhook(webhook.pk)
    event = webhook.events.get()
    assert (event.state, event.tries) == (DELIVERED, 2)


def test_a_lease_that_another_took_ends_the_run(webhook, receiver, monkeypatch):
    for number in range(3):
        events.write([webhook], events.TEST, f"test:{number}", {})

    def taken(event):
        Webhook.objects.update(lease_until=timezone.now() + timedelta(hours=1))
        return calling.ReceiverAnswer(204, "")

    monkeypatch.setattr(delivering, "call", taken)
    call_webhook(webhook.pk)
    assert webhook.events.pending().count() == 2


def test_what_was_over_long_ago_is_forgotten(webhook, receiver):
    for number in range(3):
        events.write([webhook], events.TEST, f"test:{number}", {})
    call_webhook(webhook.pk)
    old = webhook.events.first()
    WebhookEvent.objects.filter(pk=old.pk).update(ended_at=timezone.now() - timedelta(days=31))
    prune_webhook_events()
    assert webhook.events.count() == 2
