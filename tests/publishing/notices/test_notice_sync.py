"""Notices follow what is so: one for a cause, however often it is looked at, and none without."""

from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs.models import QueuedJob
from publishing.deliveries.claims import claim, take
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent, release
from publishing.models import Delivery, Notice, Post
from publishing.notices.sync import sync_connections, sync_notices, sync_posts
from publishing.posts.times import clock
from publishing.tasks import sweep_notices
from social.connections.refresh import store_answer
from social.models import Channel, Connection
from social.networks.errors import RateLimited, Rejected
from tests.people import create_person
from tests.publishing.factories import (
    HOUR,
    PUBLISHED,
    delivery_in_state,
    finish_send,
    let_time_pass,
    more_channels,
    page_channel,
    publish,
    reloaded,
    x_channel,
)
from tests.racing import run_at_once

KEPT = timedelta(days=30)
pytestmark = pytest.mark.django_db


def fail(delivery, answer=None):
    delivery = reloaded(delivery)
    assert take(delivery)
    finish_send(delivery, answer or Rejected("policy"))
    return reloaded(delivery)


def held(channel, text="This comes late."):
    delivery = publish(channel, text)
    let_time_pass(hours=3)
    assert claim(delivery.job_id) is None
    return reloaded(delivery)


def troubled(channel, state):
    """In doubt and asked about, or failed."""
    delivery = delivery_in_state(channel, state)
    assert state != "unconfirmed" or delivery.ask("cannot_look_refused")
    return reloaded(delivery)


def the_notice(**known):
    return Notice.objects.open().get(**known)


def test_what_failed_is_told_at_once_and_leads_to_the_delivery(channel, run_jobs):
    delivery = delivery_in_state(channel, "failed")
    QueuedJob.objects.filter(func="publishing.tasks.send_delivery").delete()
    run_jobs()
    notice = the_notice()
    assert (notice.user, notice.kind, notice.count) == (channel.connection.user, "failed", 1)
    assert (notice.reason, notice.network_name) == ("policy", "x")
    assert notice.get_absolute_url() == f"/posts/{delivery.post.public_id}/#job-{delivery.job_id}"
    assert notice.text.title == "Not sent to Alice on X"
    assert notice.text.why == delivery.sentence and notice.text.excerpt == delivery.post.text


def test_thirty_failed_deliveries_of_one_post_are_one_notice(channel, alice, run_jobs):
    post = Post.objects.publish(alice, "Everywhere.", more_channels(channel, 30))
    fail(post.deliveries.first())
    others = post.deliveries.queued().values_list("pk", flat=True)[:29]
    Delivery.objects.filter(pk__in=list(others)).update(
        state="failed", reason="policy", finished_at=timezone.now()
    )
    QueuedJob.objects.filter(func="publishing.tasks.send_delivery").delete()
    run_jobs()
    notice = the_notice()
    assert notice.count == 30 and notice.text.title == "Not sent to 30 of its 31 channels"


def test_a_lost_connection_with_forty_waiting_posts_is_one_notice_that_says_how_many(
    channel, run_jobs
):
    for number in range(40):
        publish(channel, f"Number {number}.", at=timezone.now() + HOUR)
    channel.connection.mark_lost("token_dead")
    run_jobs()
    notice = the_notice()
    assert (notice.kind, notice.count) == ("lost", 40)
    first = Delivery.objects.order_by("due_at")[0].due_at
    assert f"40 posts wait for it, the first meant for {clock(first, 'UTC')}." in notice.text.why
    assert notice.get_absolute_url() == f"/channels/#connection-{channel.connection_id}"
    channel.connection.mark_lost("app_removed")  # another worker met it as well
    publish(channel, "One more.", at=timezone.now() + HOUR)
    sweep_notices()
    assert the_notice().count == 41 and Notice.objects.count() == 1


def test_places_that_are_cut_off_are_one_notice_for_their_connection(alice):
    page = page_channel(alice)
    page.mark_lost("page_role")
    sync_notices()
    assert the_notice().text.title == "Needs reconnecting: Bakery"
    page.connection.mark_lost("token_dead")
    sync_notices()
    assert the_notice().kind == "lost"


@pytest.mark.django_db(transaction=True)
def test_many_workers_that_see_a_cause_at_once_make_one_notice(channel):
    delivery = delivery_in_state(channel, "failed")
    channel.connection.mark_lost("token_dead")
    run_at_once(
        *[lambda: sync_posts([delivery.post_id])] * 4,
        *[lambda: sync_connections([channel.connection_id])] * 2,
        *[sync_notices] * 2,
    )
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["failed", "lost"]


def test_a_lost_job_loses_no_notice_and_a_doubled_one_doubles_none(channel):
    for state in ("failed", "unconfirmed"):
        troubled(channel, state)
    held(channel)
    QueuedJob.objects.all().delete()
    for _ in range(3):
        sync_notices()
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["asked", "failed", "held"]


@pytest.mark.parametrize(
    "state, verb", [("failed", "retry"), ("unconfirmed", "send_again"), ("unconfirmed", "drop")]
)
def test_a_notice_is_over_when_its_person_has_settled_it(state, verb, channel):
    delivery = troubled(channel, state)
    sync_notices()
    assert getattr(delivery, verb)()
    sync_notices()
    assert not Notice.objects.open().exists() and Notice.objects.get().resolved_at


@pytest.mark.parametrize("verb", ["retry", "cancel"])
def test_what_was_held_is_told_until_it_is_sent_or_dropped(verb, channel, run_jobs):
    delivery = held(channel)
    sync_notices()
    assert the_notice().text.title == "Too late for Alice on X?"
    assert getattr(delivery, verb)()
    sync_posts([delivery.post_id])
    assert not Notice.objects.open().exists()


def test_a_late_yes_takes_its_notice_away(channel):
    delivery = publish(channel)
    take(delivery)
    attempt = Sender(delivery).write_ahead()
    release(Delivery.objects.get(pk=delivery.pk))
    Delivery.objects.update(
        state="unconfirmed", waiting_for="person", reason="interrupted", next_verification_at=None
    )
    sync_notices()
    assert the_notice().kind == "asked"
    mark_sent(delivery, PUBLISHED, attempt)
    sync_notices()
    assert not Notice.objects.open().exists()


def test_reconnecting_settles_it(channel):
    channel.connection.mark_lost("token_dead")
    sync_notices()
    store_answer(channel.connection, (), [])
    sync_connections([channel.connection_id])
    Channel.objects.update(blocked_reason="")
    sync_connections([channel.connection_id])
    assert not Notice.objects.open().exists()


def test_disconnecting_settles_it(channel, run_jobs):
    channel.connection.mark_lost("token_dead")
    sync_notices()
    channel.connection.disconnect()
    sync_notices()
    assert not Notice.objects.open().exists()


def test_the_same_cause_again_is_a_new_notice(channel):
    delivery = delivery_in_state(channel, "failed")
    sync_notices()
    delivery.retry()
    sync_notices()
    fail(delivery)
    sync_notices()
    assert Notice.objects.count() == 2 and the_notice().read_at is None


def test_more_of_it_makes_a_notice_new_again(channel, alice):
    post = Post.objects.publish(alice, "Everywhere.", more_channels(channel, 2))
    first, second, _ = post.deliveries.all()
    fail(first)
    sync_notices()
    Notice.objects.all().dismiss()
    sync_posts([post.pk])
    assert not Notice.objects.unread().exists()
    fail(second)
    sync_posts([post.pk])
    assert Notice.objects.unread().get().count == 2


def test_what_was_dismissed_is_pruned_later_and_not_told_again(channel):
    delivery_in_state(channel, "failed")
    sync_notices()
    Notice.objects.all().dismiss()
    sweep_notices()
    assert Notice.objects.count() == 1
    long_ago = timezone.now() - KEPT - timedelta(days=1)
    Delivery.objects.update(finished_at=long_ago)
    Notice.objects.update(raised_at=long_ago, dismissed_at=long_ago)
    for _ in range(2):
        sweep_notices()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("state", ["failed", "unconfirmed"])
def test_what_nobody_has_settled_is_never_pruned(state, channel):
    troubled(channel, state)
    sync_notices()
    Notice.objects.filter(kind="asked").dismiss()
    Notice.objects.update(raised_at=timezone.now() - 10 * KEPT)
    Notice.objects.exclude(dismissed_at=None).update(dismissed_at=timezone.now() - 10 * KEPT)
    Delivery.objects.filter(state="failed").update(finished_at=timezone.now() - 10 * KEPT)
    sweep_notices()
    assert Notice.objects.open().count() == 1


def test_a_question_stays_with_its_person_when_its_notice_is_dismissed(channel, alice):
    troubled(channel, "unconfirmed")
    delivery_in_state(channel, "failed")
    sync_notices()
    Notice.objects.of(alice).dismiss()
    assert [notice.kind for notice in Notice.objects.needing(alice, 5).shown] == ["asked"]


def test_who_is_gone_is_told_nothing(channel, alice):
    delivery_in_state(channel, "failed")
    alice.is_active = False
    alice.save()
    channel.connection.mark_lost("token_dead")
    sync_notices()
    assert not Notice.objects.exists()


def test_what_is_not_a_persons_to_settle_raises_nothing(channel, run_jobs):
    for answer in (RateLimited("rate_limit"), PUBLISHED):
        delivery = publish(channel, repr(answer))
        take(delivery)
        finish_send(delivery, answer)
    publish(channel, "Later.", at=timezone.now() + HOUR)
    assert not QueuedJob.objects.filter(func__startswith="publishing.tasks.note").exists()
    sync_notices()
    assert not Notice.objects.exists()


def test_everybody_has_their_own(channel, alice, bob):
    theirs = x_channel(create_person("carla"), "carla")
    for one in (channel, theirs):
        in_state_of = publish(one)
        take(in_state_of)
        finish_send(in_state_of, Rejected("policy"))
    sync_notices()
    assert Notice.objects.of(alice).count() == 1 and not Notice.objects.of(bob).exists()


def test_what_is_lost_a_second_time_is_told_a_second_time(channel):
    connection = channel.connection
    for count in (1, 2):
        connection.mark_lost("token_dead")
        sync_connections()
        assert Notice.objects.count() == count and Notice.objects.open().count() == 1
        Connection.objects.update(blocked_reason="")
        connection.refresh_from_db()
        sync_connections()
        assert not Notice.objects.open().exists()
