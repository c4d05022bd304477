"""Notices, instances and uploads between two that know different things."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import take
from publishing.deliveries.instance import SILENCE
from publishing.deliveries.send import Sender
from publishing.deliveries.uploads import upload_pictures
from publishing.models import Instance, Notice
from publishing.notices.mailing import mail_notices
from publishing.notices.sync import Cause, change, raise_notices, sync_notices, sync_posts
from social.networks.errors import Rejected
from social.networks.shapes import Uploaded
from social.timing import Window
from tests.pictures import drawn
from tests.publishing.conftest import fresh, publish, x_channel
from tests.publishing.deliveries.test_stale_deliveries import tried

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def failed(channel, text="Hello, world!"):
    return tried(publish(channel, text), Rejected("policy"))


def notice_of(delivery):
    return Notice.objects.get(post=delivery.post)


# ── Notices ───────────────────────────────────────────────────────────────────────────────────
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
    fresh(delivery).retry()
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
    assert fresh(delivery).retry() and take(fresh(delivery))
    before = fresh(delivery)
    assert page.act("retry") == 0
    assert fresh(delivery).state == before.state == "sending"


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


# ── Instances ─────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def other():
    """Another machine on this database, seen a moment ago."""
    return Instance.objects.create(name="other", seen_at=timezone.now(), beats=7)


def stands(row):
    return Instance.objects.values().get(pk=row.pk)


def test_the_beat_of_one_machine_is_not_anothers(other):
    before = stands(other)
    assert Instance.objects.continue_beat("ours", 0) is None
    assert stands(other) == before
    assert Instance.objects.continue_beat("other", 7) == 8


@pytest.mark.parametrize("seen", [-SILENCE * 1.1, SILENCE * 1.1])
def test_after_a_silence_nobody_just_goes_on(other, seen):
    """Also not when a clock was ahead then."""
    Instance.objects.update(seen_at=timezone.now() + seen)
    before = stands(other)
    assert Instance.objects.continue_beat("other", 7) is None and stands(other) == before


def test_in_an_older_copy_nobody_just_goes_on(other):
    before = stands(other)
    assert Instance.objects.continue_beat("other", 8) is None and stands(other) == before


def test_a_machine_that_joins_waits_for_a_sign_of_another(other, settings):
    settings.TIME_SCALE = 0.01
    turned = []

    def still_here():
        turned.append(1)
        if len(turned) == 2:
            Instance.objects.continue_beat("other", 7)

    Instance.objects.wait_for_a_sign("ours", still_here)
    assert len(turned) == 2
    assert timezone.now() - Instance.objects.get().seen_at < SILENCE


def test_in_a_copy_there_is_no_sign_and_all_of_it_was_long_ago(other, settings):
    settings.TIME_SCALE = 0.01
    Instance.objects.wait_for_a_sign("ours")
    assert timezone.now() - Instance.objects.get().seen_at > SILENCE


def test_another_worker_of_this_machine_has_found_it_out(other, settings):
    settings.TIME_SCALE = 0.01
    Instance.objects.create(name="ours", seen_at=timezone.now() - HOUR)
    Instance.objects.wait_for_a_sign("ours")
    assert timezone.now() - Instance.objects.get(pk="other").seen_at < SILENCE


def test_looking_around_writes_down_oneself_and_forgets_who_is_long_gone(other):
    Instance.objects.create(name="gone", seen_at=timezone.now() - timedelta(days=31), beats=3)
    before = stands(other)
    assert Instance.objects.detect_gap_or_rollback("ours", 0) == 1
    assert set(Instance.objects.values_list("name", flat=True)) == {"other", "ours"}
    assert stands(other) == before


# ── Uploads ───────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def held(channel, monkeypatch):
    """A post with two pictures, and what the network was given."""
    given = []

    def upload(self, place_id, token, picture, seconds):
        given.append(picture.alt)
        return Uploaded(f"{len(given)}", timezone.now() + HOUR)

    monkeypatch.setattr(type(channel.network), "upload", upload)
    media = [(drawn(), "One"), (drawn(format="PNG"), "Two")]
    return publish(channel, media=media), given


def test_a_picture_whose_row_is_gone_stops_the_send(held):
    """A post with fewer pictures than its person put there is another post."""
    delivery, given = held
    delivery.post.media.last().delete()
    with pytest.raises(Rejected, match="media_gone"):
        upload_pictures(fresh(delivery), "token", Window(30))
    assert given == []


def test_whoever_uploads_holds_no_database_meanwhile(held, monkeypatch):
    delivery, given = held
    waited = []

    @contextmanager
    def waiting_elsewhere():
        waited.append(len(given))
        yield

    monkeypatch.setattr("publishing.deliveries.uploads.waiting_elsewhere", waiting_elsewhere)
    assert upload_pictures(delivery, "token", Window(30)) == ["1", "2"]
    assert waited == [0, 1]  # before each


def test_what_is_held_is_not_given_again_and_what_was_used_is(held):
    delivery, given = held
    assert take(delivery)
    ids = upload_pictures(delivery, "token", Window(30))
    assert upload_pictures(fresh(delivery), "token", Window(30)) == ids and len(given) == 2
    assert Sender(delivery).write_ahead(ids)
    assert upload_pictures(fresh(delivery), "token", Window(30)) == ["3", "4"]


def test_what_ends_before_the_post_would_name_it_is_given_anew(held):
    delivery, _ = held
    upload_pictures(delivery, "token", Window(30))
    delivery.uploads.filter(media=delivery.post.media.first()).update(
        expires_at=timezone.now() + HOUR / 12
    )
    assert upload_pictures(delivery, "token", Window(30)) == ["3", "2"]
