"""Changed and published anew: the new one settles what the old one did not bring there."""

import threading
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from publishing.deliveries.claims import take
from publishing.deliveries.settle import mark_sent
from publishing.models import Delivery, Notice, Post
from publishing.notices.sync import sync_notices
from tests.publishing.factories import (
    ANSWERS_BY_STATE,
    PUBLISHED,
    delivery_in_state,
    finish_send,
    page_channel,
    publish,
    reloaded,
    x_channel,
)

KEY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def failed(channel) -> Delivery:
    delivery = delivery_in_state(channel, "failed")
    sync_notices()
    assert Notice.objects.open().count() == 1
    return delivery


def anew(browser, delivery, text="Other words.", channels=None, **more):
    places = [str(channel.pk) for channel in channels or [delivery.channel]]
    said = {"text": text, "channels": places, "when": "now", "again": delivery.job_id, **more}
    return browser.post("/posts/", {"submit_key": KEY, **said})


def newest() -> Post:
    return Post.objects.order_by("-id").first()


def test_the_new_one_settles_the_old(her, failed):
    page = her.get(f"/posts/new/?{urlencode({'again': failed.job_id})}").content.decode()
    assert f'name="again" value="{failed.job_id}"' in page
    answer = anew(her, failed)
    old, new = reloaded(failed), newest()
    assert (old.state, old.reason, old.replaced_by) == ("canceled", "anew", new)
    assert not Notice.objects.open().exists()
    shown = her.get(failed.post.get_absolute_url()).content.decode()
    assert "Try again" not in shown and new.get_absolute_url() in shown
    assert failed.post.get_absolute_url() in her.get(answer.url).content.decode()
    assert "published anew" in her.get("/posts/").content.decode()
    her.post(f"/deliveries/{failed.job_id}/retries/")
    assert reloaded(failed).state == "canceled"


def test_what_is_not_chosen_anew_stays_as_it_was(her, failed, alice):
    other = page_channel(alice)
    anew(her, failed, channels=[other])
    assert reloaded(failed).state == "failed" and Notice.objects.open().exists()


def test_all_that_failed_at_what_is_chosen_is_settled(her, alice, channel):
    other = page_channel(alice)
    post = Post.objects.publish(alice, "To both.", [channel, other])
    for delivery in post.deliveries.all():
        assert take(delivery)
        finish_send(delivery, ANSWERS_BY_STATE["failed"])
    first = post.deliveries.first()
    anew(her, first, channels=[channel, other])
    assert {d.reason for d in post.deliveries.all()} == {"anew"}


@pytest.mark.parametrize("hold", ["held", "backoff", "paused"])
def test_what_waits_goes_no_more_either(hold, her, alice, channel):
    other = page_channel(alice)
    post = Post.objects.publish(alice, "To both.", [channel, other])
    one, two = post.deliveries.order_by("id")
    assert take(one)
    finish_send(one, ANSWERS_BY_STATE["failed"])
    Delivery.objects.filter(pk=two.pk).update(waiting_for=hold, next_attempt_at=None)
    anew(her, reloaded(one), channels=[channel, other])
    assert [reloaded(d).state for d in (one, two)] == ["canceled", "canceled"]


def test_twice_the_same_submit_is_one_post(her, failed):
    assert anew(her, failed).url == anew(her, failed).url
    assert Post.objects.count() == 2


def test_back_and_other_words_are_refused_until_both_are_wanted(her, failed):
    anew(her, failed)
    used = anew(her, failed, "Third words.")
    assert used.status_code == 409 and "Third words." in used.content.decode()
    fresh = {"submit_key": used.context["form"]["submit_key"].value()}
    again = anew(her, failed, "Third words.", **fresh)
    assert again.status_code == 400 and Post.objects.count() == 2
    page = again.content.decode()
    assert "it was published anew already" in page and "Third words." in page
    assert 'name="beside"' in page
    assert anew(her, failed, "Third words.", beside="1", **fresh).status_code == 302
    assert Post.objects.count() == 3


@pytest.mark.parametrize(
    "state, words",
    [
        ("sent", "is there by now"),
        ("unconfirmed", "may be there already"),
        ("sending", "is being sent"),
    ],
)
def test_what_is_or_may_be_there_is_not_settled(state, words, her, channel):
    delivery = delivery_in_state(channel, state)
    answer = anew(her, delivery)
    assert answer.status_code == 400 and words in answer.content.decode()
    assert reloaded(delivery).state == state and Post.objects.count() == 1


def test_what_was_dropped_without_knowing_is_said(her, channel):
    delivery = delivery_in_state(channel, "unconfirmed")
    assert delivery.drop()
    assert "may be there" in anew(her, delivery).content.decode()


def test_what_went_or_waits_elsewhere_is_not_touched(her, alice, channel):
    """Only what failed where nothing can be sent any more is settled beside it."""
    page = page_channel(alice)
    post = Post.objects.publish(alice, "Hello", [channel, page])
    here, there = post.deliveries.order_by("network_name").reverse()
    Delivery.objects.filter(pk=here.pk).update(state="failed", waiting_for="")
    sent = {"state": "sent", "remote_id": "1", "waiting_for": ""}
    Delivery.objects.filter(pk=there.pk).update(**sent)
    page.disconnect()
    assert anew(her, reloaded(here)).status_code == 302
    assert (reloaded(here).state, reloaded(there).state) == ("canceled", "sent")


def test_what_its_person_canceled_is_in_nobodys_way(her, channel):
    delivery = publish(channel, at=timezone.now() + timedelta(days=1))
    assert delivery.cancel()
    assert anew(her, delivery).status_code == 302
    old = reloaded(delivery)
    assert (old.state, old.reason, old.replaced_by) == ("canceled", "", None)
    assert newest().text == "Other words."


@pytest.mark.parametrize(
    "state, left",
    [
        ("failed", ("canceled", "anew")),
        ("sent", ("sent", "")),
        ("queued", ("canceled", "channel_gone")),
    ],
)
def test_of_a_channel_that_is_gone_only_what_failed_is_settled(state, left, her, alice, channel):
    gone = page_channel(alice)
    at = timezone.now() + timedelta(days=1)
    post = Post.objects.publish(alice, "To both.", [channel, gone], at=at)
    here, there = post.deliveries.get(channel=channel), post.deliveries.get(channel=gone)
    ended = {"waiting_for": "", "next_attempt_at": None, "finished_at": timezone.now()}
    Delivery.objects.filter(pk=here.pk).update(state="failed", reason="policy", **ended)
    if state != "queued":
        ended |= {"reason": "policy"} if state == "failed" else {"remote_id": "7"}
        Delivery.objects.filter(pk=there.pk).update(state=state, **ended)
    gone.disconnect()
    assert anew(her, here).status_code == 302
    assert (reloaded(here).reason, reloaded(there).state, reloaded(there).reason) == ("anew", *left)


def test_nobody_settles_what_is_somebody_elses(client_for, bob, failed):
    his = x_channel(bob, "bob")
    anew(client_for(bob), failed, channels=[his])
    assert reloaded(failed).state == "failed"


def test_a_late_yes_wins_over_published_anew(her, failed):
    anew(her, failed)
    old = reloaded(failed)
    attempt = old.attempts.get()
    mark_sent(old, PUBLISHED, attempt)
    assert reloaded(failed).state == "sent"


@pytest.mark.django_db(transaction=True)
def test_of_try_again_and_published_anew_one_wins(alice, channel):
    for number in range(8):
        delivery = publish(channel, f"Words {number}.")
        assert take(delivery)
        finish_send(delivery, ANSWERS_BY_STATE["failed"])
        race(alice, channel, delivery, number)
        Delivery.objects.update(state="canceled", waiting_for="", next_attempt_at=None)


def race(alice, channel, delivery, number) -> None:
    """A worker takes what is tried again at once."""
    start, won = threading.Barrier(2), {}

    def try_again() -> None:
        mine = Delivery.objects.with_all().get(pk=delivery.pk)
        start.wait()
        won["again"] = mine.retry() and take(mine)
        connection.close()

    def say_anew() -> None:
        start.wait()
        try:
            words = f"Other words {number}."
            Post.objects.publish(alice, words, [channel], instead_of=delivery.post)
            won["anew"] = True
        except ValidationError:
            won["anew"] = False
        connection.close()

    threads = [threading.Thread(target=one) for one in (try_again, say_anew)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    old = reloaded(delivery)
    assert won["anew"] is not won["again"], won
    assert (old.state == "sending") is won["again"]
    assert Post.objects.filter(text=f"Other words {number}.").exists() is won["anew"]


# ── Tried again and again ─────────────────────────────────────────────────────────────────────
def test_what_fails_again_and_again_is_tried_once_a_minute(her, failed):
    Delivery.objects.filter(pk=failed.pk).update(attempt=10)
    her.post(f"/deliveries/{failed.job_id}/retries/")
    waits = reloaded(failed)
    assert waits.waiting_for == "time" and waits.next_attempt_at > timezone.now()
    assert waits.next_attempt_at <= waits.due_at <= timezone.now() + timedelta(minutes=1)
