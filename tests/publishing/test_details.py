"""What is easily lost when code is moved: each was in a trial, and no other test noticed."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from publishing import reconciling
from publishing.models import Delivery, Look, Media, Notice
from publishing.models.following import follow_everything
from publishing.models.statements import read
from publishing.models.turns import next_at
from social.models import Connection
from social.networks.base import Found
from social.networks.errors import AuthorizationLost, OutcomeUnknown, Rejected, TemporaryError
from tests.pictures import drawn

from .conftest import fresh, page_channel, publish
from .test_fences import tried
from .test_fences_looking import shows, taken  # noqa: F401  a fixture

pytestmark = pytest.mark.django_db


# ── Sending ───────────────────────────────────────────────────────────────────────────────────
def test_a_try_before_a_pages_token_has_come_costs_one(alice):
    channel = page_channel(alice)
    Connection.objects.update(checked_at=None)  # connected anew: the look around is to come
    delivery = tried(publish(channel), AuthorizationLost("token_dead"))
    assert (delivery.waiting_for, delivery.tries) == ("backoff", 1)
    assert not Connection.objects.get().trouble


def test_who_is_next_comes_with_its_person_and_its_network(channel):
    delivery = publish(channel)
    ((job_id, at, user_id, network),) = next_at(channel.account, other_than=0)
    assert (job_id, user_id, network) == (delivery.job_id, delivery.post.user_id, "x")
    assert isinstance(job_id, UUID) and at <= timezone.now()


def test_a_row_is_read_with_what_it_points_at_in_one_statement(channel):
    delivery = publish(channel)
    pointers = ("post", "channel", "channel__connection")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = read(Delivery, "job_id", delivery.job_id, *pointers)
        assert found.post.text and found.channel.connection.remote_id
    assert len(asked) == 1


def test_a_picture_that_is_gone_meanwhile_is_not_attached(alice, channel):
    media = Media.objects.prepare(alice, drawn(), "a.png", "")
    media.store(media.still.data)
    Media.objects.filter(pk=media.pk).delete()
    with pytest.raises(ValidationError) as gone:
        Media.objects.attach(publish(channel).post, [media])
    assert gone.value.code == "media_gone"


# ── Looking ───────────────────────────────────────────────────────────────────────────────────
def looked_often(held):
    for _ in range(reconciling.MOST_LOOKS - 1):
        look = {"their_time": timezone.now(), "outcome": "again"}
        Look.objects.create(delivery=held, attempt=held.attempt, **look)


def test_after_the_last_look_its_person_is_asked(channel, shows):  # noqa: F811
    held = taken(channel, OutcomeUnknown("no_answer"))
    looked_often(held)
    Look.objects.update(their_time=timezone.now())  # their clock stands still: nothing is proven
    shows()
    held.look()
    assert (fresh(held).waiting_for, fresh(held).reason) == ("person", "cannot_look_away")


def test_what_the_last_look_asks_is_what_it_saw(channel, shows):  # noqa: F811
    held = taken(channel, OutcomeUnknown("no_answer"))
    looked_often(held)
    at = held.attempts.last().started_at
    shows(*(Found(str(n), f"https://x.com/a/status/{n}", held.content, at) for n in (1, 2)))
    held.look()
    assert (fresh(held).waiting_for, fresh(held).reason) == ("person", "several_there")


@pytest.mark.parametrize("misses, seconds", [(1, 60), (2, 120), (6, 1920), (7, 3600), (99, 3600)])
def test_who_could_not_look_waits_twice_as_long_each_time(monkeypatch, misses, seconds):
    now, error = timezone.now(), TemporaryError("unreachable")
    monkeypatch.setattr(reconciling.random, "uniform", lambda low, high: high)
    assert reconciling.after_a_miss(error, misses, now) == now + timedelta(seconds=seconds)
    monkeypatch.setattr(reconciling.random, "uniform", lambda low, high: low)
    assert reconciling.after_a_miss(error, misses, now) == now + timedelta(seconds=seconds / 2)


# ── Notices ───────────────────────────────────────────────────────────────────────────────────
def test_of_two_posts_in_trouble_the_settled_one_is_told_no_more(channel):
    settled, other = (tried(publish(channel, text), Rejected("policy")) for text in ("A", "B"))
    follow_everything()
    Delivery.objects.filter(pk=settled.pk).update(state="canceled", reason="dropped")
    follow_everything()
    assert [notice.post_id for notice in Notice.objects.open()] == [other.post_id]


def test_what_was_read_is_not_mailed_because_its_person_wishes_mails_otherwise(channel, alice):
    tried(publish(channel), Rejected("policy"))
    follow_everything()
    Notice.objects.update(read_at=timezone.now(), mail_at=None)
    Notice.objects.of(alice).reschedule_mail(alice)
    assert Notice.objects.get().mail_at is None
