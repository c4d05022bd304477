"""Two actors at one delivery, one after the other: the second knows only what stood there before
the first acted. A double click, an old page, a late worker: it changes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.deliveries.claims import defer, defer_if_blocked, take
from publishing.deliveries.confirm import confirm
from publishing.models import Delivery
from social.models import CircuitBreaker
from social.models.circuit_breaker import OUTAGE
from social.networks.errors import Rejected, TemporaryError
from tests.publishing.deliveries.stale import (
    assert_changes_nothing,
    delivery_asked_about,
    delivery_with_attempt,
)
from tests.publishing.factories import PUBLISHED, post_by_hand, publish, reloaded

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)


def tried_once_more(delivery):
    """Its person said that it is not there; it went again, and the same question is asked."""
    assert reloaded(delivery).send_again()
    assert delivery_with_attempt(delivery).ask("several_there")
    return reloaded(delivery)


# ── People: an old page, a double click ───────────────────────────────────────────────────────
@pytest.mark.parametrize("answer", ["send_again", "drop"])
def test_an_answer_to_an_older_question_changes_nothing(channel, answer):
    old_page = delivery_asked_about(channel)
    now = tried_once_more(old_page)
    assert (now.state, now.waiting_for, now.attempt) == ("unconfirmed", "person", 2)
    assert_changes_nothing(getattr(old_page, answer), now)
    assert getattr(now, answer)()


def test_a_link_for_an_older_question_changes_nothing(x, sandbox):
    link = f"https://x.com/alice/status/{post_by_hand(sandbox, x)['id']}"
    old_page = delivery_asked_about(x)
    now = tried_once_more(old_page)
    assert_changes_nothing(lambda: confirm(old_page, link), now)
    assert confirm(now, link) and reloaded(now).reason == "claimed"


@pytest.mark.parametrize("answer", ["send_again", "drop"])
def test_the_second_click_on_an_answer_changes_nothing(channel, answer):
    page = delivery_asked_about(channel)
    again = reloaded(page)
    assert getattr(page, answer)()
    assert_changes_nothing(getattr(again, answer), page)


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_what_a_worker_has_taken_meanwhile_is_neither_canceled_nor_queued(channel, verb):
    delivery = publish(channel)
    page = reloaded(delivery)
    assert take(delivery)
    assert_changes_nothing(getattr(page, verb), delivery)


def test_what_a_worker_has_taken_meanwhile_is_not_moved_to_another_time(channel):
    delivery = publish(channel)
    page = reloaded(delivery)
    assert take(delivery)
    assert_changes_nothing(lambda: page.reschedule(timezone.now() + TOMORROW), delivery)


def test_what_was_sent_meanwhile_is_not_queued_again(channel):
    delivery = delivery_with_attempt(publish(channel), Rejected("policy"))
    page = reloaded(delivery)
    delivery_with_attempt(delivery, PUBLISHED)
    assert_changes_nothing(page.retry, delivery)
    assert_changes_nothing(page.cancel, delivery)


# ── What waits, and comes back ────────────────────────────────────────────────────────────────
def waits_for_its_connection(channel, **more):
    delivery = publish(channel, **more)
    assert defer(reloaded(delivery), "reconnect", "reconnect")
    return reloaded(delivery)


def test_coming_back_does_not_undo_the_time_that_its_person_chose_meanwhile(channel):
    """It waits for the same as before, but is another day's."""
    late = waits_for_its_connection(channel)
    assert reloaded(late).reschedule(timezone.now() + TOMORROW)
    assert defer(reloaded(late), "reconnect", "reconnect")
    assert_changes_nothing(late.resume, late)
    assert reloaded(late).resume() and reloaded(late).waiting_for == "time"


def test_coming_back_does_not_wake_what_waits_for_something_else_by_now(channel):
    late = waits_for_its_connection(channel)
    assert reloaded(late).resume()
    assert defer(reloaded(late), "outage", "unreachable", timezone.now() + TOMORROW)
    assert_changes_nothing(late.resume, late)


@pytest.mark.parametrize("change", ["pause", "disconnect"])
def test_a_late_worker_does_not_put_off_what_its_person_has_moved(channel, change):
    late = publish(channel)
    assert reloaded(late).reschedule(timezone.now() + TOMORROW)
    if change == "pause":
        late.channel.pause()
        assert_changes_nothing(lambda: defer_if_blocked(late), late)
    assert not take(late) and reloaded(late).waiting_for == "time"


@pytest.mark.parametrize("why", ["paused", "reconnect", "outage", "late"])
def test_a_late_worker_does_not_put_off_what_was_tried_meanwhile(channel, why):
    late = publish(channel)
    delivery_with_attempt(late, TemporaryError("unreachable"))
    Delivery.objects.update(due_at=late.due_at)  # a person did not touch it
    if why == "paused":
        late.channel.paused_at = timezone.now()
    elif why == "reconnect":
        late.channel.blocked_reason = "page_role"
    elif why == "outage":
        CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    else:
        late.due_at = timezone.now() - TOMORROW
        Delivery.objects.update(due_at=late.due_at)
    assert_changes_nothing(lambda: defer_if_blocked(late), late)


def test_a_late_worker_does_not_doubt_what_was_tried_meanwhile(channel):
    late = publish(channel)
    late.doubted_since = timezone.now()
    delivery_with_attempt(late, TemporaryError("unreachable"))
    assert_changes_nothing(lambda: defer_if_blocked(late), late)


@pytest.mark.parametrize("waits", ["", "turn"])
def test_a_late_worker_does_not_take_what_was_tried_meanwhile(channel, waits):
    """It is due again, but by another attempt than the late one knows."""
    late = publish(channel)
    delivery_with_attempt(late, TemporaryError("unreachable"))
    assert reloaded(late).retry()
    late.waiting_for = waits
    assert_changes_nothing(lambda: take(late), late)
    assert take(reloaded(late))


def test_a_late_worker_does_not_take_what_is_not_due_any_more(channel):
    late = publish(channel)
    assert reloaded(late).reschedule(timezone.now() + TOMORROW)
    assert_changes_nothing(lambda: take(late), late)


def test_a_late_worker_does_not_take_what_was_canceled(channel):
    late = publish(channel)
    assert reloaded(late).cancel()
    assert_changes_nothing(lambda: take(late), late)


def test_who_comes_too_early_only_waits_for_its_turn(channel):
    """And not while it is tried, canceled, or another day's."""
    first, second = publish(channel, "First."), publish(channel, "Second.")
    assert take(first)
    late = reloaded(second)
    assert not take(second) and reloaded(second).waiting_for == "turn"
    assert reloaded(second).reschedule(timezone.now() + TOMORROW)
    assert_changes_nothing(lambda: take(late), second)
    assert reloaded(second).cancel()
    assert_changes_nothing(lambda: take(late), second)


def test_who_waits_for_its_turn_does_not_say_so_of_a_newer_try(channel):
    first, second = publish(channel, "First."), publish(channel, "Second.")
    late = reloaded(second)
    assert first.cancel()
    delivery_with_attempt(second, TemporaryError("unreachable"))
    Delivery.objects.filter(pk=first.pk).update(
        state="queued", next_attempt_at=first.due_at, finished_at=None
    )
    assert take(reloaded(first))
    Delivery.objects.filter(pk=second.pk).update(next_attempt_at=timezone.now())
    assert_changes_nothing(lambda: take(late), second)
