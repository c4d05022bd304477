"""People and workers at the very same time, each with a database connection of their own."""

import uuid

import pytest

from publishing.deliveries.claims import claim
from publishing.deliveries.confirm import confirm
from publishing.deliveries.send import Sender
from publishing.models import Delivery, Post
from social.networks.shapes import Published
from tests.publishing.factories import finish_send, publish, reloaded
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def claimer(delivery):
    return lambda: claim(delivery.job_id)


def test_it_works(channel):
    """Eight workers, one job."""
    delivery = publish(channel)
    claimed = [taken for taken in run_at_once(*[claimer(delivery)] * 8) if taken]
    assert len(claimed) == 1
    assert reloaded(delivery).attempt == 1


def test_of_several_posts_to_one_account_one_is_taken_the_first(channel):
    deliveries = [publish(channel, f"Number {number}.") for number in range(5)]
    for first in deliveries:
        claimed = [taken for taken in run_at_once(*map(claimer, deliveries)) if taken]
        assert claimed == [first]
        finish_send(claimed[0], Published(str(first.pk), "https://x.example/1"))


def test_a_double_click_on_two_processes_makes_one_post(channel, alice):
    key = uuid.uuid4()

    def click():
        return Post.objects.publish(alice, "Once.", [channel], submit_key=key).pk

    assert len(set(run_at_once(click, click, click))) == 1
    assert Delivery.objects.count() == 1


def test_edited_and_claimed_at_once_it_goes_out_as_the_person_was_told(channel):
    for number in range(10):
        post = publish(channel, f"Before {number}.").post
        delivery = post.deliveries.get()
        edited, taken = run_at_once(
            lambda post=post: post.edit("After.", None, "UTC"), claimer(delivery)
        )
        if taken:
            assert Sender(taken).write_ahead().text == ("After." if edited else f"Before {number}.")
        Delivery.objects.filter(pk=delivery.pk).update(state="canceled", waiting_for="")


def test_people_and_workers_at_one_account_never_lock_each_other_out(channel):
    """Each ends its own delivery and wakes the next: two of them wake each other."""
    deliveries = [publish(channel, f"Number {number}.") for number in range(6)]

    def busy(delivery):
        def work():
            for _ in range(15):
                reloaded(delivery).retry()
                reloaded(delivery).cancel()
                Delivery.objects.filter(pk=delivery.pk).update(state="queued", finished_at=None)
            return True

        return work

    assert all(run_at_once(*map(busy, deliveries)))


def test_of_two_choices_about_one_doubt_one_is_taken(channel):
    delivery = publish(channel)
    Delivery.objects.update(state="unconfirmed", waiting_for="person")
    link = "https://x.com/alice/status/7654321"
    delivery.verifications.create(
        attempt=0, outcome="ask", candidates=[{"id": "7654321", "url": link}]
    )
    done = run_at_once(
        lambda: reloaded(delivery).send_again(),
        lambda: confirm(reloaded(delivery), link),
        lambda: reloaded(delivery).drop(),
    )
    assert done.count(True) == 1
