"""What is easily lost of notices when code is moved: each was in a trial, no other test noticed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs.models import QueuedJob
from publishing.deliveries.returning import stay_canceled
from publishing.models import Delivery, Notice, Post
from publishing.notices.mailing import mail_notices
from publishing.notices.notice import sync_connection_later
from publishing.notices.sync import posts_without_notice, sync_credits, sync_notices, sync_stopped
from social.models import Channel, CircuitBreaker, Connection
from social.models.circuit_breaker import CREDITS, OUTAGE
from social.networks.errors import Rejected
from tests.publishing.deliveries.stale import delivery_with_attempt
from tests.publishing.factories import page_channel, publish, x_channel

pytestmark = pytest.mark.django_db


def test_of_two_posts_in_trouble_the_settled_one_is_told_no_more(channel):
    settled, other = (
        delivery_with_attempt(publish(channel, text), Rejected("policy")) for text in ("A", "B")
    )
    sync_notices()
    Delivery.objects.filter(pk=settled.pk).update(state="canceled", reason="dropped")
    sync_notices()
    assert [notice.post_id for notice in Notice.objects.open()] == [other.post_id]


def test_what_was_read_is_not_mailed_because_its_person_wishes_mails_otherwise(channel, alice):
    delivery_with_attempt(publish(channel), Rejected("policy"))
    sync_notices()
    Notice.objects.update(read_at=timezone.now(), mail_at=None)
    Notice.objects.of(alice).reschedule_mail(alice)
    assert Notice.objects.get().mail_at is None


def test_what_was_mailed_is_not_mailed_again_because_its_person_wishes_mails_otherwise(
    channel, alice
):
    for text in ("A", "B"):
        delivery_with_attempt(publish(channel, text), Rejected("policy"))
    sync_notices()
    mailed, unmailed = Notice.objects.order_by("pk")
    Notice.objects.update(mail_at=None)
    Notice.objects.filter(pk=mailed.pk).update(mailed_at=timezone.now())
    Notice.objects.of(alice).reschedule_mail(alice)
    assert list(Notice.objects.unmailed()) == [unmailed]


def test_what_its_person_did_is_not_mailed_because_they_wish_mails_otherwise(channel, alice):
    for kind in ("stopped", "moved"):
        Notice.objects.create(user=alice, kind=kind, key=f"{kind}:1", due_at=timezone.now())
    assert Notice.objects.of(alice).reschedule_mail(alice) == 0
    assert not Notice.objects.unmailed().exists()


def test_a_place_that_nobody_chose_is_nobodys_trouble(channel):
    Channel.objects.update(blocked_reason="page_role", chosen_at=None)
    sync_notices()
    assert not Notice.objects.exists()
    Channel.objects.update(chosen_at=timezone.now())
    sync_notices()
    assert Notice.objects.open().count() == 1


def test_who_was_told_is_not_told_again_and_who_is_away_for_good_not_at_all(channel, alice):
    delivery = delivery_with_attempt(publish(channel), Rejected("policy"))
    assert posts_without_notice("failed") == [delivery.post_id]
    sync_notices()
    assert posts_without_notice("failed") == []
    Notice.objects.all().delete()
    type(alice).objects.update(is_active=False)
    assert posts_without_notice("failed") == []


def test_nobody_is_mailed_who_is_away_for_good(channel, alice):
    delivery_with_attempt(publish(channel), Rejected("policy"))
    sync_notices()
    type(alice).objects.update(is_active=False)
    Notice.objects.update(mail_at=timezone.now())
    mail_notices(alice.pk)
    assert Notice.objects.get().mail_at is None and Notice.objects.get().mailed_at is None


def test_only_a_mail_that_is_due_before_the_next_sweep_has_a_job_of_its_own(alice):
    now = timezone.now()
    soon, late = now + timedelta(seconds=5), now + timedelta(hours=1)
    Notice.objects.mail_soon_later({1: soon, 2: late, 3: None})
    assert [(it.func, it.lock) for it in QueuedJob.objects.all()] == [
        ("publishing.tasks.mail_notices", soon)
    ]


def test_what_is_over_comes_after_what_is_open(channel):
    for text in ("A", "B"):
        delivery_with_attempt(publish(channel, text), Rejected("policy"))
    sync_notices()
    older, newer = Notice.objects.order_by("raised_at", "id")
    Notice.objects.filter(pk=newer.pk).mark_resolved()
    assert list(Notice.objects.open_first()) == [older, newer]


@pytest.mark.parametrize(("kind", "asks"), [("asked", True), ("held", True), ("failed", False)])
def test_a_question_is_one(kind, asks):
    assert Notice(kind=kind).is_question is asks


def test_a_connections_notice_is_true_while_one_place_of_it_is_in_trouble(channel):
    Channel.objects.update(blocked_reason="page_role", chosen_at=timezone.now())
    sync_notices()
    notice = Notice.objects.get()
    assert notice.is_true
    well = Channel.objects.get()
    well.pk, well.remote_id, well.blocked_reason = None, "another", ""
    well.save(force_insert=True)
    assert Notice.objects.get().is_true  # of two, one is
    Channel.objects.update(blocked_reason="")
    assert not Notice.objects.get().is_true
    Connection.objects.update(blocked_reason="token_dead")
    assert Notice.objects.get().is_true


def test_only_those_whose_mail_is_due_have_a_job(channel, alice):
    delivery_with_attempt(publish(channel), Rejected("policy"))
    sync_notices()
    QueuedJob.objects.all().delete()
    Notice.objects.update(mail_at=timezone.now() + timedelta(hours=1))
    Notice.objects.mail_later()
    assert not QueuedJob.objects.exists()
    Notice.objects.update(mail_at=timezone.now())
    Notice.objects.mail_later()
    assert QueuedJob.objects.get().func == "publishing.tasks.mail_notices"


def stopped_with_a_post(channel):
    publish(channel, at=timezone.now() + timedelta(days=1))
    channel.disconnect()


def test_who_is_away_for_good_is_not_told_of_what_stopped(channel, alice):
    stopped_with_a_post(channel)
    type(alice).objects.update(is_active=False)
    sync_stopped()
    assert not Notice.objects.filter(kind="stopped").exists()
    type(alice).objects.update(is_active=True)
    sync_stopped()
    assert Notice.objects.filter(kind="stopped").count() == 1


def test_what_stopped_elsewhere_is_not_settled_by_looking_here(channel, bob):
    elsewhere = x_channel(bob, "bob")
    stopped_with_a_post(elsewhere)
    sync_stopped()
    sync_stopped([channel.connection_id])
    assert Notice.objects.open().filter(kind="stopped", connection=elsewhere.connection).exists()


def test_what_stopped_elsewhere_is_not_told_by_looking_here(channel, bob):
    for stopped in (channel, x_channel(bob, "bob")):
        stopped_with_a_post(stopped)
    sync_stopped([channel.connection_id])
    assert Notice.objects.get(kind="stopped").connection == channel.connection


def test_only_what_stopped_with_its_channel_and_is_still_to_come_is_counted(channel):
    """Neither what its person canceled since, nor what stopped before, nor what is past."""
    now, day = timezone.now(), timedelta(days=1)
    stopped, unwanted, earlier, past = (publish(channel, text, at=now + day) for text in "ABCD")
    channel.disconnect()
    assert stay_canceled(Delivery.objects.get(pk=unwanted.pk))
    Delivery.objects.filter(pk=earlier.pk).update(finished_at=now - day)
    Delivery.objects.filter(pk=past.pk).update(due_at=now - day)
    sync_stopped()
    assert Notice.objects.get(kind="stopped").count == 1
    assert stay_canceled(Delivery.objects.get(pk=stopped.pk))
    sync_stopped()
    assert not Notice.objects.open().exists()


def test_a_notice_is_new_until_it_is_read_or_over():
    now = timezone.now()
    assert Notice(kind="failed").is_new
    assert not Notice(kind="failed", read_at=now).is_new
    assert not Notice(kind="failed", resolved_at=now).is_new


def test_what_may_be_there_is_dropped_together_and_never_sent_again_together(channel):
    delivery_with_attempt(publish(channel))
    assert Delivery.objects.get().ask("several_there")
    sync_notices()
    asked = Notice.objects.get(kind="asked")
    assert asked.act("retry") == 0 and asked.act("drop") == 1


def test_old_notices_go_whether_settled_or_dismissed(channel, settings):
    for text in ("A", "B", "C"):
        delivery_with_attempt(publish(channel, text), Rejected("policy"))
    sync_notices()
    settled, dismissed, standing = Notice.objects.order_by("id")
    long_ago = timezone.now() - timedelta(days=settings.KEEP_NOTICES + 1)
    Notice.objects.filter(pk=settled.pk).update(resolved_at=long_ago)
    Notice.objects.filter(pk=dismissed.pk).update(dismissed_at=long_ago)
    assert Notice.objects.prune() == 2
    assert list(Notice.objects.all()) == [standing]


@pytest.mark.parametrize("trouble", ["connection", "channel", "stopped", "told", "nothing"])
def test_a_job_looks_where_there_is_something_to_tell(channel, trouble, alice):
    connection = channel.connection
    QueuedJob.objects.all().delete()
    if trouble == "connection":
        connection.blocked_reason = "token_dead"
    if trouble == "channel":
        channel.blocked_reason = "page_role"
    if trouble == "stopped":
        channel.stopped_at = timezone.now()
    if trouble == "told":
        Notice.objects.create(user=alice, kind="lost", key="lost:1", connection=connection)
    sync_connection_later(connection, channel)
    assert QueuedJob.objects.exists() is (trouble != "nothing")


def test_what_stopped_says_where(channel):
    stopped_with_a_post(channel)
    sync_stopped()
    assert Notice.objects.get(kind="stopped").network_name == "x"


def test_a_post_that_waits_for_credits_at_two_accounts_is_one(alice, channel):
    alice.is_staff = True
    alice.save()
    channels = [channel, x_channel(alice, "alice2")]
    Post.objects.publish(alice, "Hello", channels)
    CircuitBreaker.objects.trip("x", CREDITS, "credits")
    Delivery.objects.update(waiting_for=CREDITS)
    sync_credits()
    assert Notice.objects.get(kind=CREDITS).count == 1


def test_a_network_that_is_away_is_nobodys_credits(alice, channel):
    alice.is_staff = True
    alice.save()
    publish(channel, "One"), publish(channel, "Two")
    CircuitBreaker.objects.trip("x", OUTAGE, "unreachable")
    sync_credits()
    assert not Notice.objects.exists()
    CircuitBreaker.objects.trip("x", CREDITS, "credits")
    Delivery.objects.filter(pk=Delivery.objects.first().pk).update(waiting_for=CREDITS)
    sync_credits()
    assert Notice.objects.get(kind=CREDITS).count == 1


def test_who_is_told_owns_the_job_that_tells(channel):
    channel.connection.blocked_reason = "token_dead"
    QueuedJob.objects.all().delete()
    sync_connection_later(channel.connection, channel)
    assert QueuedJob.objects.get().owner == f"user:{channel.connection.user_id}"


def test_what_stopped_again_is_told_again(channel):
    stopped_with_a_post(channel)
    sync_stopped()
    Notice.objects.mark_resolved()
    sync_stopped()
    assert Notice.objects.open().filter(kind="stopped").count() == 1


def test_a_notice_follows_its_first_time(channel):
    stopped_with_a_post(channel)
    sync_stopped()
    sooner = timezone.now() + timedelta(hours=3)
    Delivery.objects.update(due_at=sooner)
    sync_stopped()
    assert Notice.objects.get(kind="stopped").due_at == sooner


def test_only_what_cannot_go_out_is_counted(alice, channel):
    page, other = page_channel(alice), page_channel(alice, "Cafe")
    for where in (page, other):
        publish(where, at=timezone.now() + timedelta(days=1))
    Channel.objects.filter(pk=page.pk).update(blocked_reason="page_role")
    sync_notices()
    assert Notice.objects.get(connection=page.connection).count == 1


def test_there_is_more_only_where_there_is(channel, alice):
    for text in ("A", "B"):
        delivery_with_attempt(publish(channel, text), Rejected("policy"))
    sync_notices()
    assert not Notice.objects.needing(alice, 2).more
    assert Notice.objects.needing(alice, 1).more


def test_a_notice_says_why_and_of_what_its_person_canceled_none_is_raised(channel):
    delivery_with_attempt(publish(channel), Rejected("policy"))
    sync_notices()
    assert Notice.objects.get().reason == "policy"
    later = timezone.now() + timedelta(days=1)
    Delivery.objects.update(state="canceled", reason="", due_at=later, finished_at=later)
    Channel.objects.update(stopped_at=timezone.now())
    sync_stopped()
    assert not Notice.objects.filter(kind="stopped").exists()


def test_only_the_connections_that_are_named_are_compared(channel, bob):
    later = timezone.now() + timedelta(days=1)
    for there in (channel, x_channel(bob, "bob")):
        publish(there, at=later)
    gone = {"state": "canceled", "reason": "channel_gone", "finished_at": timezone.now()}
    Delivery.objects.update(waiting_for="", next_attempt_at=None, **gone)
    Channel.objects.update(stopped_at=timezone.now() - timedelta(minutes=1))
    sync_stopped([channel.connection_id])
    assert [row.user for row in Notice.objects.filter(kind="stopped")] == [channel.connection.user]


def test_another_time_for_mail_is_for_what_was_not_mailed(alice, channel):
    delivery_with_attempt(publish(channel), Rejected("policy"))
    sync_notices()
    Notice.objects.update(mailed_at=timezone.now(), mail_at=None)
    assert Notice.objects.of(alice).reschedule_mail(alice) == 0
    assert Notice.objects.get().mail_at is None
