"""The next free time: what takes one, and that no time is given twice."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing.deliveries import returning
from publishing.deliveries.returning import return_canceled
from publishing.models import Delivery, Draft, Post, PostingTime
from publishing.planning.free_times import NextFree, free_instants
from tests.publishing.factories import page_channel, posting_times, publish, reloaded, x_channel
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def times(alice):
    """Nine and three o'clock, every day."""
    return posting_times(alice, "09:00", "15:00")


def test_free_are_the_times_that_come_at_which_nothing_is_queued_there(alice, channel, times):
    page = page_channel(alice)
    first, second, third, fourth, *_ = free_instants(alice, [channel])
    publish(channel, "By hand, and not quite then.", at=first + timedelta(seconds=20))
    publish(page, at=second)
    assert free_instants(alice, [channel])[:2] == [second, third]
    assert free_instants(alice, [channel, page])[:2] == [third, fourth]
    Draft(user=alice, fields={"when": ["next"], "slot": [third.isoformat()]}).create()
    assert free_instants(alice, [channel], count=2) == [second, fourth]
    assert len(free_instants(alice, [channel], after=fourth, count=700)) == 700


def test_what_is_over_takes_no_time_and_what_is_off_gives_none(alice, channel, times):
    [first] = free_instants(alice, [channel], count=1)
    delivery = publish(channel, at="next")
    assert (delivery.due_at, delivery.post.due_at, delivery.at_posting_time) == (first, first, True)
    assert delivery.waiting_for == "time"
    delivery.cancel()
    assert publish(channel, at="next").due_at == first
    assert return_canceled(delivery) and delivery.due_at == first
    assert not reloaded(delivery).at_posting_time  # it has been given away
    PostingTime.objects.update(is_on=False)
    assert free_instants(alice, [channel]) == []
    with pytest.raises(ValidationError, match="no posting times"):
        publish(channel, at="next")


def test_what_thinks_again_has_its_posting_time_no_more_where_somebody_chose_that_minute(
    alice, channel, times
):
    delivery = publish(channel, at="next")
    delivery.cancel()
    publish(channel, "By hand.", at=delivery.due_at)
    assert return_canceled(delivery)
    assert not reloaded(delivery).at_posting_time
    delivery.cancel()
    Delivery.objects.filter(pk=delivery.pk).update(at_posting_time=True)
    Delivery.objects.exclude(pk=delivery.pk).delete()
    assert return_canceled(reloaded(delivery)) and reloaded(delivery).at_posting_time


def test_a_posting_time_that_is_given_away_while_one_thinks_again_stays_anothers(
    alice, channel, times, monkeypatch
):
    """Between the look and the write."""
    delivery = publish(channel, at="next")
    delivery.cancel()
    publish(channel, at="next")
    monkeypatch.setattr(returning, "taken_minutes", lambda *_: set())
    assert return_canceled(delivery) and not reloaded(delivery).at_posting_time


def test_two_minutes_are_too_soon(alice, channel):
    soon = timezone.now() + timedelta(minutes=1)
    posting_times(alice, f"{soon:%H:%M}")
    assert free_instants(alice, [channel], count=1)[0] > timezone.now() + timedelta(hours=23)


def test_from_a_time_on_and_the_same_submit_twice(alice, channel, times):
    third = free_instants(alice, [channel], count=3)[-1]
    key = uuid.uuid4()
    posts = [
        Post.objects.publish(alice, "Once.", [channel], NextFree(third), submit_key=key)
        for _ in range(2)
    ]
    assert posts[0] == posts[1] and posts[0].due_at == third
    assert publish(channel, at=NextFree(third)).due_at > third


def test_an_edit_keeps_the_time_or_makes_it_the_persons_own(alice, channel, times):
    first, second = free_instants(alice, [channel], count=2)
    delivery = publish(channel, at="next")
    assert delivery.post.edit("Other words.", first, "UTC")
    assert reloaded(delivery).at_posting_time
    publish(page := page_channel(alice), "There before.", at="next")
    assert delivery.post.edit("There too.", first, "UTC", channels=[channel, page])
    assert not reloaded(delivery).at_posting_time and reloaded(delivery).due_at == first
    assert delivery.post.edit("Next.", NextFree(), "UTC", channels=[channel])
    assert (reloaded(delivery).due_at, reloaded(delivery).at_posting_time) == (first, True)
    assert delivery.post.edit("Then.", second, "UTC")
    assert (reloaded(delivery).due_at, reloaded(delivery).at_posting_time) == (second, False)


def test_the_table_holds_no_time_twice(channel, times):
    delivery, other = publish(channel, at="next"), publish(channel, at="next")
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk=other.pk).update(due_at=delivery.due_at)


def test_what_is_taken_is_one_statement(alice, channel, times):
    channels = [channel, page_channel(alice), x_channel(alice, "second")]
    for _ in range(30):
        Post.objects.publish(alice, "More.", channels, "next")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(free_instants(alice, channels)) == 10
    assert len(asked) == 2  # the list, and what is taken


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_given_fifty_times(alice, channel, times):
    def place():
        return publish(channel, at="next").due_at

    given = run_at_once(*[place] * 50)
    assert sorted(given) == sorted(set(given)) and len(given) == 50
    assert free_instants(alice, [channel], count=1)[0] > max(given)  # and none was left out
