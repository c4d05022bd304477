"""Workers at one delivery, one after the other: the slow one, and who took over from it; and what
is done to many at a time while one of them changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import defer, take
from publishing.deliveries.follow import follow_channel
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent, release
from publishing.deliveries.sweep import verify_forgotten
from publishing.models import Delivery
from social.networks.errors import OutcomeUnknown, Rejected, TemporaryError
from tests.publishing.deliveries.stale import assert_changes_nothing, delivery_with_attempt, row_of
from tests.publishing.deliveries.test_stale_deliveries import waits_for_its_connection
from tests.publishing.factories import (
    PUBLISHED,
    delivery_in_state,
    let_time_pass,
    publish,
    reloaded,
    x_channel,
)

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)


# ── A slow worker and who took over from it ───────────────────────────────────────────────────
def taken_over(channel):
    """(the slow worker's, the other's): its lease ended, it was given back, and taken again."""
    slow = publish(channel)
    assert take(slow)
    let_time_pass(minutes=10)
    assert release(reloaded(slow))
    assert reloaded(slow).retry()
    other = reloaded(slow)
    assert take(other)
    return slow, other


def test_a_slow_worker_writes_no_attempt_into_anothers(channel):
    slow, other = taken_over(channel)
    assert_changes_nothing(lambda: Sender(slow).write_ahead(), other)
    assert Sender(other).write_ahead()


def test_a_slow_worker_writes_no_attempt_once_its_lease_has_ended(channel):
    slow = publish(channel)
    assert take(slow)
    let_time_pass(minutes=10)
    assert_changes_nothing(lambda: Sender(slow).write_ahead(), slow)


def test_a_slow_worker_writes_no_attempt_into_what_was_released(channel):
    slow = publish(channel)
    assert take(slow)
    Delivery.objects.filter(pk=slow.pk).update(
        state="queued", lease_until=timezone.now() + TOMORROW
    )
    assert_changes_nothing(lambda: Sender(slow).write_ahead(), slow)


@pytest.mark.parametrize(
    "error", [TemporaryError("unreachable"), Rejected("policy"), OutcomeUnknown("no_answer")]
)
def test_the_failure_of_a_slow_worker_does_not_move_what_another_is_sending(channel, error):
    slow, other = taken_over(channel)
    before = row_of(other)[0]
    Sender(slow).mark_failed(error, None)
    assert row_of(other)[0] == before


def test_the_yes_of_a_slow_worker_wins_over_anothers_try(channel):
    slow = publish(channel)
    assert take(slow)
    attempt = Sender(slow).write_ahead()
    Delivery.objects.filter(pk=slow.pk).update(state="failed", finished_at=timezone.now())
    mark_sent(slow, PUBLISHED, attempt)
    assert reloaded(slow).remote_id == PUBLISHED.remote_id


@pytest.mark.parametrize("has_attempt", [False, True])
def test_what_its_worker_has_gone_on_with_is_not_released(channel, has_attempt):
    """Whoever releases has seen the lease before it was renewed."""
    delivery = publish(channel)
    assert take(delivery)
    late = reloaded(delivery)
    if has_attempt:
        Sender(delivery).write_ahead()
    later = delivery.lease_until + timedelta(seconds=60)
    Delivery.objects.filter(pk=delivery.pk).update(lease_until=later)
    assert_changes_nothing(lambda: release(late), delivery)


@pytest.mark.parametrize("has_attempt", [False, True])
def test_an_older_attempts_lease_releases_no_newer_one(channel, has_attempt):
    delivery = publish(channel)
    assert take(delivery)
    if has_attempt:
        Sender(delivery).write_ahead()
    late = reloaded(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(attempt=late.attempt + 1)
    assert_changes_nothing(lambda: release(late), delivery)


@pytest.mark.parametrize("state", ["queued", "sent", "failed", "unconfirmed", "canceled"])
def test_only_what_is_being_sent_is_released(channel, state):
    delivery = publish(channel)
    assert take(delivery)
    late = reloaded(delivery)
    other = delivery_in_state(x_channel(channel.connection.user, "other"), state)
    values = Delivery.objects.filter(pk=other.pk).values(
        "state", "waiting_for", "next_verification_at", "remote_id", "finished_at"
    )[0]
    other.verifications.all().delete(), other.attempts.all().delete(), other.delete()
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    assert_changes_nothing(lambda: release(late), delivery)


# ── Many at a time ────────────────────────────────────────────────────────────────────────────
def test_coming_back_touches_only_what_still_waits(channel, bob):
    kept = [publish(x_channel(bob, f"bob{number}"), f"Kept {number}.") for number in range(3)]
    for delivery in kept:
        defer(reloaded(delivery), "outage", "unreachable", timezone.now() + TOMORROW)
    waiting = Delivery.objects.queued().filter(waiting_for="outage")
    assert reloaded(kept[0]).cancel() and reloaded(kept[1]).retry()
    before = row_of(kept[0]), row_of(kept[1])
    waiting.requeue_after(timedelta(0))
    assert (row_of(kept[0]), row_of(kept[1])) == before
    back = reloaded(kept[2])
    assert (back.waiting_for, back.reason, back.is_due) == ("", "", True)
    assert back.woken_at == back.next_attempt_at


def test_a_forgotten_look_is_queued_once_by_two_sweeps(channel, bob, monkeypatch):
    deliveries = [
        delivery_with_attempt(publish(x_channel(bob, f"bob{number}"), f"In doubt {number}."))
        for number in range(3)
    ]
    let_time_pass(hours=2)
    queued, original = [], Delivery.verify_later

    def verify_later(self):
        queued.append(self.pk)
        if len(queued) == 1:
            verify_forgotten()  # the other worker's sweep, in this moment
        original(self)

    monkeypatch.setattr(Delivery, "verify_later", verify_later)
    verify_forgotten()
    assert sorted(queued) == sorted(delivery.pk for delivery in deliveries)


def test_disconnecting_one_channel_stops_only_what_goes_there(channel, bob):
    here, there = publish(channel), publish(x_channel(bob, "bob"))
    channel.disconnect()
    assert (reloaded(here).state, reloaded(there).state) == ("canceled", "queued")


def test_a_refresh_of_a_channel_that_works_cancels_nothing(channel):
    delivery = publish(channel)
    follow_channel(channel)
    assert reloaded(delivery).state == "queued"


def test_a_channel_that_works_again_resumes_only_what_waited_for_it(channel, bob):
    there = x_channel(bob, "bob")
    here, other = waits_for_its_connection(channel), waits_for_its_connection(there)
    held = publish(channel, "Held.")
    assert defer(reloaded(held), "held", "late")
    follow_channel(channel)
    assert reloaded(here).waiting_for == ""
    assert (reloaded(other).waiting_for, reloaded(held).waiting_for) == ("reconnect", "held")
