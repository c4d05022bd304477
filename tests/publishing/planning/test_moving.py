"""A post that waits gets another time: once, not behind anybody's back, and never when it is too
late."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from publishing.deliveries.claims import claim
from publishing.models import Delivery, Post
from publishing.planning.moving import move
from social.models import Channel
from tests.publishing.factories import (
    delivery_in_state,
    jobs_of,
    let_time_pass,
    page_channel,
    publish,
    reloaded,
)
from tests.racing import run_at_once

DAY = timedelta(days=1)


@pytest.fixture
def page(alice, channel) -> Channel:
    return page_channel(alice)


@pytest.fixture
def post(alice, channel, page) -> Post:
    return Post.objects.publish(alice, "Soon.", [channel, page], timezone.now() + DAY)


def times(post: Post) -> set[Any]:
    return set(post.deliveries.values_list("due_at", "next_attempt_at"))


def test_it_goes_out_at_the_new_time_and_a_worker_is_woken_then(post):
    seen, revision = post.due_at, post.revision
    at = seen + 2 * DAY
    assert move(post, at, seen)
    post = Post.objects.get()
    assert post.due_at == at and post.revision != revision
    assert times(post) == {(at, at)}
    for delivery in post.deliveries.all():
        assert delivery.waiting_for == "time" and delivery.woken_at == at
        assert at in [job.lock for job in jobs_of(delivery)]


def test_what_is_canceled_stays_canceled_and_would_come_back_at_the_new_time(post, page):
    post.deliveries.get(channel=page).cancel()
    at = post.due_at + DAY
    assert move(post, at, post.due_at)
    row = post.deliveries.get(channel=page)
    assert (row.state, row.due_at) == ("canceled", at)


def test_a_part_with_a_time_of_its_own_moves_alone(post, channel, page):
    own, seen = post.due_at + 3 * DAY, post.due_at
    assert post.deliveries.get(channel=page).reschedule(own)
    assert move(post, own + DAY, own)
    post.refresh_from_db()
    assert (post.due_at, post.deliveries.get(channel=channel).due_at) == (seen, seen)
    assert post.deliveries.get(channel=page).due_at == own + DAY


def test_a_time_that_is_not_the_one_seen_or_is_past_changes_nothing(post):
    before, revision = times(post), post.revision
    assert not move(post, post.due_at + DAY, post.due_at - DAY)
    with pytest.raises(ValidationError, match="past"):
        move(post, timezone.now() - DAY, post.due_at)
    assert times(post) == before and Post.objects.get().revision == revision


def test_what_was_tried_or_is_over_does_not_move(alice, channel):
    nothing = {"waiting_for": "", "remote_id": "", "next_verification_at": None}
    for state in ("sending", "sent", "unconfirmed", "failed", "canceled"):
        delivery = delivery_in_state(channel, state)
        before = reloaded(delivery).due_at
        assert not move(delivery.post, timezone.now() + DAY, before)
        assert reloaded(delivery).due_at == before
        Delivery.objects.update(state="canceled", **nothing)  # the account is free again


def test_no_part_moves_once_another_was_tried(post, channel, page):
    post.deliveries.get(channel=page).retry()
    assert claim(post.deliveries.get(channel=page).job_id)
    assert not move(post, post.due_at + DAY, post.due_at)
    assert post.deliveries.get(channel=channel).due_at == post.due_at


def test_what_was_held_goes_at_its_new_time(post):
    seen = post.due_at - 2 * DAY
    let_time_pass(days=2)
    for delivery in post.deliveries.all():
        assert claim(delivery.job_id) is None
    assert set(post.deliveries.values_list("waiting_for", flat=True)) == {"held"}
    at = timezone.now() + DAY
    assert move(post, at, seen)
    assert times(post) == {(at, at)}
    assert set(post.deliveries.values_list("waiting_for", "reason")) == {("time", "")}


@pytest.mark.django_db(transaction=True)
def test_moved_and_claimed_at_once_it_is_one_or_the_other(channel):
    for number in range(10):
        delivery = publish(channel, f"Number {number}.")
        post, seen, at = delivery.post, delivery.due_at, timezone.now() + DAY
        moved, taken = run_at_once(
            lambda post=post, at=at, seen=seen: move(post, at, seen),
            lambda delivery=delivery: claim(delivery.job_id),
        )
        row = reloaded(delivery)
        assert bool(taken) is not moved
        assert (row.state, row.due_at) == (("queued", at) if moved else ("sending", seen))
        Delivery.objects.filter(pk=delivery.pk).update(state="canceled", waiting_for="")


@pytest.mark.django_db(transaction=True)
def test_of_two_windows_that_move_it_at_once_one_does(post):
    seen = post.due_at
    ways = [lambda days=days: move(post, seen + days * DAY, seen) for days in (1, 2, 3)]
    done = run_at_once(*ways)
    assert sorted(done) == [False, False, True]
    at = seen + (done.index(True) + 1) * DAY
    assert times(post) == {(at, at)} and Post.objects.get().due_at == at
