"""Notices between two that know different things: two workers, two clicks, an old page."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import take
from publishing.models import Notice
from publishing.notices.mailing import mail_notices
from publishing.notices.sync import Cause, change, raise_notices, sync_notices, sync_posts
from social.networks.errors import Rejected
from tests.publishing.deliveries.stale import delivery_with_attempt
from tests.publishing.factories import publish, reloaded, x_channel

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def failed(channel, text="Hello, world!"):
    return delivery_with_attempt(publish(channel, text), Rejected("policy"))


def notice_of(delivery):
    return Notice.objects.get(post=delivery.post)


def test_two_workers_that_see_one_cause_raise_one_notice(channel):
    delivery = failed(channel)
    cause = Cause(channel.connection.user_id, "failed", str(delivery.post_id), 1, "policy")
    raise_notices([cause]), raise_notices([cause])
    assert Notice.objects.count() == 1


def test_what_was_resolved_meanwhile_is_not_changed(channel):
    sync_notices()
    delivery = failed(channel)
    sync_posts([delivery.post_id])
    late = notice_of(delivery)
    reloaded(delivery).retry()
    sync_notices()
    before = Notice.objects.values().get()
    assert before["resolved_at"]
    cause = Cause(late.user_id, "failed", str(late.post_id), 5, "policy", late.post_id)
    change(late, cause)
    assert Notice.objects.values().get() == before


def test_what_changes_is_that_notice_alone(channel, bob):
    deliveries = [failed(channel), failed(x_channel(bob, "bob"))]
    sync_notices()
    late, other = map(notice_of, deliveries)
    before = Notice.objects.values().get(pk=other.pk)
    change(late, Cause(late.user_id, "failed", str(late.post_id), 5, "policy", late.post_id))
    assert Notice.objects.values().get(pk=other.pk) == before
    assert Notice.objects.get(pk=late.pk).count == 5


@pytest.mark.parametrize(("count", "is_new"), [(2, True), (1, False)])
def test_more_of_a_cause_is_news_and_less_is_none(channel, count, is_new):
    delivery = failed(channel)
    sync_notices()
    Notice.objects.mark_read(), Notice.objects.dismiss()
    Notice.objects.update(count=1, reason="another")
    seen = notice_of(delivery)
    change(seen, Cause(seen.user_id, "failed", str(seen.post_id), count, "policy", seen.post_id))
    now = notice_of(delivery)
    assert (now.read_at is None, now.dismissed_at is None) == (is_new, is_new)
    assert (now.count, now.reason) == (count, "policy")


def test_the_second_click_keeps_the_first_moment(channel):
    failed(channel)
    sync_notices()
    long_ago = timezone.now() - HOUR
    Notice.objects.update(read_at=long_ago, dismissed_at=long_ago)
    assert (Notice.objects.all().mark_read(), Notice.objects.all().dismiss()) == (0, 0)
    notice = Notice.objects.get()
    assert notice.read_at == notice.dismissed_at == long_ago


def test_what_was_resolved_stays_resolved_when_it_was(channel):
    failed(channel)
    sync_notices()
    long_ago = timezone.now() - HOUR
    Notice.objects.update(resolved_at=long_ago)
    assert Notice.objects.all().mark_resolved() == 0
    assert Notice.objects.get().resolved_at == long_ago


def test_an_old_page_of_a_notice_acts_on_what_is_still_so(channel):
    delivery = failed(channel)
    sync_notices()
    page = Notice.objects.with_all().get()
    assert len(page.deliveries) == 1  # as the page has read them
    assert reloaded(delivery).retry() and take(reloaded(delivery))
    before = reloaded(delivery)
    assert page.act("retry") == 0
    assert reloaded(delivery).state == before.state == "sending"


def test_two_workers_mail_one_person_once(channel, alice):
    failed(channel)
    sync_notices()
    Notice.objects.update(mail_at=timezone.now() - HOUR)
    mail_notices(alice.pk)
    queued = OrmQ.objects.count()
    mailed_at = Notice.objects.get().mailed_at
    mail_notices(alice.pk)
    assert mailed_at and Notice.objects.get().mailed_at == mailed_at
    assert OrmQ.objects.count() == queued
