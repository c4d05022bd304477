"""A delivery's states: what is allowed in each, and what the database refuses by itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import claim, defer_if_blocked, take
from publishing.deliveries.confirm import confirm
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent, release
from publishing.deliveries.sweep import sweep
from publishing.models import Attempt, Delivery
from publishing.states import DONE, STATES
from social.connections.connect import accept_grant
from social.networks.errors import OutcomeUnknown
from social.networks.shapes import Published
from tests.publishing.factories import (
    PUBLISHED,
    delivery_in_state,
    finish_send,
    jobs_of,
    let_time_pass,
    page_channel,
    publish,
    reloaded,
    x_channel,
)

LINK = "https://x.com/alice/status/7654321"


def late_yes(delivery):
    """The answer to an earlier attempt, which nobody expected any more."""
    number = delivery.attempt + 10
    attempt = delivery.attempts.create(number=number, text="x", finished_at=timezone.now())
    mark_sent(delivery, PUBLISHED, attempt)
    return reloaded(delivery).remote_id == PUBLISHED.remote_id


VERBS = {
    "cancel": lambda delivery: delivery.cancel(),
    "retry": lambda delivery: delivery.retry(),
    "send_again": lambda delivery: delivery.send_again(),
    "confirm": lambda delivery: confirm(delivery, LINK),
    "drop": lambda delivery: delivery.drop(),
    "resume": lambda delivery: delivery.resume(),
    "claim": lambda delivery: bool(claim(delivery.job_id)),
    "release": lambda delivery: release(delivery),
    "late yes": late_yes,
}
ALLOWED = {
    ("queued", "cancel"): "canceled",
    ("queued", "retry"): "queued",  # now instead of later
    ("queued", "resume"): "queued",
    ("queued", "claim"): "sending",
    ("sending", "release"): "queued",  # no attempt was written
    ("unconfirmed", "send_again"): "queued",
    ("unconfirmed", "confirm"): "unconfirmed",  # its network is asked first
    ("unconfirmed", "drop"): "canceled",
    ("failed", "retry"): "queued",
    ("queued", "late yes"): "sent",
    ("sending", "late yes"): "sent",
    ("unconfirmed", "late yes"): "sent",
    ("failed", "late yes"): "sent",
    ("canceled", "late yes"): "sent",
    ("sent", "late yes"): "sent",  # it has this id already
}


def test_it_works(x, bakery, alice, sandbox, run_jobs):
    post = alice.posts.model.objects.publish(alice, "Hello & <b>hi</b> https://example.com/a")
    run_jobs()

    assert post.status == "sent"
    assert {d.remote_id for d in post.deliveries.all()} == {row["id"] for row in sandbox.truth()}
    assert [row["text"] for row in sandbox.truth()] == [post.text] * 2


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
def test_what_is_allowed_where(state, verb, channel):
    delivery = delivery_in_state(channel, state)
    assert VERBS[verb](delivery) == ((state, verb) in ALLOWED)

    after = reloaded(delivery)
    assert after.state == ALLOWED.get((state, verb), state)
    assert bool(after.finished_at) == (after.state in DONE)
    assert bool(after.remote_id) == (after.state == "sent")


ONCE = [(s, v) for (s, v), to in ALLOWED.items() if v != "late yes" and (to, v) not in ALLOWED]


@pytest.mark.parametrize(
    ("state", "verb"), [*ONCE, ("queued", "resume"), ("unconfirmed", "confirm")]
)
def test_of_two_at_once_one_finds_it_changed(state, verb, channel):
    delivery = delivery_in_state(channel, state)
    stale = reloaded(delivery)
    assert VERBS[verb](delivery)
    if verb == "resume":
        delivery.cancel()
    before = reloaded(delivery)
    assert not VERBS[verb](stale)
    assert reloaded(delivery).__dict__ | {"_state": 0} == before.__dict__ | {"_state": 0}


@pytest.mark.parametrize(("state", "verb"), [("failed", "retry"), ("unconfirmed", "send_again")])
def test_a_person_who_asks_again_queues_one_job_and_starts_over(state, verb, channel):
    delivery = delivery_in_state(channel, state)
    Delivery.objects.filter(pk=delivery.pk).update(tries=5)
    OrmQ.objects.all().delete()
    assert VERBS[verb](reloaded(delivery))
    assert reloaded(delivery).tries == 0
    assert len(jobs_of(delivery)) == 1


def test_a_late_yes_to_what_was_sent_again_keeps_both_ids(channel):
    delivery = publish(channel)
    take(delivery)
    first = finish_send(delivery, OutcomeUnknown("no_answer"))
    delivery.send_again()
    second = claim(delivery.job_id)
    written = Sender(second).write_ahead()

    mark_sent(delivery, PUBLISHED, first)
    assert reloaded(delivery).state == "sent"
    mark_sent(second, Published("7777777", "https://x.example/7777777"), written)
    assert reloaded(delivery).remote_id == PUBLISHED.remote_id
    assert [a.remote_id for a in delivery.attempts.all()] == [PUBLISHED.remote_id, "7777777"]


def test_one_remote_post_belongs_to_one_delivery(channel):
    delivery_in_state(channel, "sent")
    other = publish(channel, "Another one.")
    take(other)
    finish_send(other, PUBLISHED)
    assert (reloaded(other).state, reloaded(other).reason) == ("unconfirmed", "taken")
    with pytest.raises(ValueError, match="already belongs to another delivery"):
        confirm(reloaded(other), PUBLISHED.url)


def test_what_is_more_than_two_hours_late_is_held_until_a_person_says_now(channel):
    delivery = publish(channel)
    let_time_pass(hours=2, minutes=1)
    assert claim(delivery.job_id) is None
    held = reloaded(delivery)
    assert (held.waiting_for, held.next_attempt_at) == ("held", None)
    assert held.sentence.endswith("Send it now or drop it.")

    assert held.retry()
    assert claim(delivery.job_id)


def test_what_is_a_little_late_goes_out(channel):
    delivery = publish(channel)
    let_time_pass(hours=1, minutes=59)
    assert claim(delivery.job_id)


# ── Following the channel ─────────────────────────────────────────────────────────────────────
def test_disconnecting_cancels_what_waits_and_leaves_the_rest(channel, alice):
    other = page_channel(alice)
    states = {
        state: delivery_in_state(channel, state) for state in (*DONE, "unconfirmed", "sending")
    }
    states["queued"] = publish(channel)
    elsewhere = publish(other)
    channel.connection.disconnect()

    now = {state: reloaded(delivery).state for state, delivery in states.items()}
    assert now == {state: state for state in STATES} | {"queued": "canceled"}
    assert reloaded(states["queued"]).reason == "channel_gone"
    assert reloaded(elsewhere).state == "queued"


def test_what_a_person_retries_after_disconnecting_is_canceled_with_the_reason(channel):
    delivery = delivery_in_state(channel, "failed")
    channel.connection.disconnect()
    delivery.retry()
    assert claim(delivery.job_id) is None
    assert (reloaded(delivery).state, reloaded(delivery).reason) == ("canceled", "channel_gone")


@pytest.mark.parametrize("why", ["paused", "reconnect"])
def test_what_waits_for_its_channel_goes_on_when_that_comes_back(why, channel):
    delivery = publish(channel)
    lose(channel, why)
    assert claim(delivery.job_id) is None
    assert (reloaded(delivery).waiting_for, reloaded(delivery).next_attempt_at) == (why, None)

    OrmQ.objects.all().delete()
    give_back(channel)
    assert reloaded(delivery).waiting_for == ""
    assert len(jobs_of(delivery)) == 1


@pytest.mark.parametrize("why", ["paused", "reconnect"])
def test_what_began_to_wait_just_as_its_channel_came_back_is_not_forgotten(why, channel):
    delivery = publish(channel)
    lose(channel, why)
    stale = Delivery.objects.with_all().get(pk=delivery.pk)
    give_back(channel)
    defer_if_blocked(stale)
    assert reloaded(delivery).waiting_for == why
    sweep()
    assert claim(delivery.job_id)


def test_what_is_still_in_line_is_not_woken_again(channel):
    delivery = publish(channel)
    line = OrmQ.objects.filter(pk__in=[row.pk for row in OrmQ.objects.all()])
    line.update(lock=F("lock") - timedelta(minutes=9))
    Delivery.objects.update(
        woken_at=F("woken_at") - timedelta(minutes=9),
        next_attempt_at=F("next_attempt_at") - timedelta(minutes=9),
    )
    sweep()
    assert len(jobs_of(delivery)) == 1
    line.update(lock=F("lock") + timedelta(minutes=5))  # it came, and what is in line came later
    sweep()
    assert len(jobs_of(delivery)) == 2


def test_a_line_that_does_not_move_hides_a_lost_job_for_an_hour_only(channel):
    delivery = publish(channel)
    OrmQ.objects.update(lock=F("lock") - timedelta(minutes=70))
    Delivery.objects.update(woken_at=F("woken_at") - timedelta(minutes=61))
    sweep()
    assert len(jobs_of(delivery)) == 2


def lose(channel, why):
    if why == "paused":
        channel.pause()
    else:
        channel.connection.mark_lost("password_changed")


def give_back(channel):
    accept_grant(channel.connection, channel.connection.person, channel.connection.grant())
    channel.refresh_from_db()
    channel.resume()


def test_a_scheduled_post_keeps_its_time_when_its_channel_comes_back(channel):
    at = timezone.now() + timedelta(hours=3)
    delivery = publish(channel, at=at)
    channel.pause()
    channel.resume()
    assert (reloaded(delivery).next_attempt_at, reloaded(delivery).waiting_for) == (at, "time")


# ── What the database refuses ─────────────────────────────────────────────────────────────────
REFUSED = {
    "an unknown state": {"state": "lost"},
    "an unknown thing to wait for": {"waiting_for": "godot"},
    "a question without doubt": {"waiting_for": "person"},
    "a wait after the end": {"state": "failed", "waiting_for": "backoff"},
    "sent without id": {"state": "sent"},
    "an id without sent": {"remote_id": "1"},
}


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED)
def test_the_database_refuses(fields, channel):
    delivery = publish(channel)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(**fields)


def test_the_database_refuses_two_of_one_post_to_one_channel(channel):
    delivery = publish(channel)
    twin = Delivery(post=delivery.post, channel=channel, account="x:other", due_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_the_database_refuses_two_sendings_to_one_account(channel):
    take(publish(channel))
    other = publish(channel, "Another one.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=other.pk).update(state="sending")


def test_the_database_lets_each_account_have_that_remote_id(channel, bob):
    delivery_in_state(channel, "sent")
    other = publish(x_channel(bob, "bob"))
    Delivery.objects.filter(pk=other.pk).update(state="sent", remote_id=PUBLISHED.remote_id)


def test_the_database_refuses_one_remote_id_twice(channel):
    delivery_in_state(channel, "sent")
    other = publish(channel, "Another one.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=other.pk).update(state="sent", remote_id=PUBLISHED.remote_id)


@pytest.mark.parametrize("number", [1, 2], ids=["one number twice", "two open attempts"])
def test_the_database_refuses_attempts(number, channel):
    delivery = publish(channel)
    delivery.attempts.create(number=1, text="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(delivery=delivery, number=number, text="x")
