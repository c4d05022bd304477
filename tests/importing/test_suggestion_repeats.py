"""Suggestions that speak of the same thing: the same words on many days, the same post for several
reasons, the same day in another time zone."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from importing.insights.rules import candidates
from importing.models import Statistics, Suggestion
from project.accounts.models import Profile
from publishing.models import Delivery, Post
from tests.publishing.factories import page_channel, x_channel

from .history import NOON, item, timeline_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def x(alice):
    return x_channel(alice)


@pytest.fixture
def own(x):
    return timeline_of(x)


def found(user, kind, now=NOON):
    return [one for one in candidates(user, now) if one.kind == kind]


def test_a_long_word_breaks_no_refill(alice, own):
    """PostgreSQL: value too long for type character varying(300)."""
    for number in range(3):
        item(own, f"{number} " + "z" * 280, 1)
    Suggestion.objects.refill(alice)
    assert Suggestion.objects.filter(kind="rising").exists()


@pytest.mark.parametrize("text", ["Good morning! Bread is out.", ""])
def test_the_same_words_every_day_are_as_many_posts(text, alice, own):
    for number in range(25):
        item(own, text, now=datetime(2026, 10, 1 + number, 7, 30, tzinfo=UTC))
    [one] = found(alice, "hour")
    assert one.key == "hour:7"


def test_a_topic_is_used_as_often_as_it_is_said(alice, own):
    for number in range(3):
        item(own, "Today: #sourdough", 1 + number, now=NOON)
    assert [one.key for one in found(alice, "rising")] == ["rising:#sourdough", "rising:today"][:1]


def test_what_went_to_both_in_other_words_is_on_both(alice, x):
    both = [x, page_channel(alice)]
    post = Post.objects.publish(alice, "The long one", both, texts={"x": "Short"})
    for delivery in Delivery.objects.filter(post=post):
        said = {"state": "sent", "waiting_for": "", "remote_id": f"9{delivery.pk}"}
        Delivery.objects.filter(pk=delivery.pk).update(finished_at=NOON - 3 * DAY, **said)
    assert not found(alice, "elsewhere")


def test_never_is_longer_than_a_year(alice, x, own):
    item(timeline_of(page_channel(alice)), "Rye is back", 400, now=NOON)
    item(own, "Rye is back", 30, now=NOON)
    assert not [it for it in found(alice, "elsewhere") if it.text == "Rye is back"]


def test_the_same_post_is_not_shown_twice_in_a_row_for_another_reason(alice, x, own):
    page_channel(alice)
    item(own, "Our best bread", 100, likes=9)
    Suggestion.objects.refill(alice)
    Suggestion.objects.exclude(item=None).update(checked_at=timezone.now())
    kinds = set(Suggestion.objects.exclude(item=None).values_list("kind", flat=True))
    assert kinds == {"best", "elsewhere"}
    Suggestion.objects.filter(item=None).delete()
    shown, last = [], ""
    for _ in range(3):
        one = Suggestion.objects.choose(alice, last)
        last = str(one.public_id) if one else last
        shown.append(one and one.text)
    assert all(one is None or one != another for one, another in itertools.pairwise(shown))


def test_what_is_dismissed_does_not_come_back_for_another_reason(alice, x, own):
    page_channel(alice)
    item(own, "Our best bread", 100, likes=9)
    Suggestion.objects.refill(alice)
    Suggestion.objects.get(kind="best").dismiss()
    Suggestion.objects.refill(alice)
    assert not Suggestion.objects.alive().filter(text="Our best bread").exists()


def test_a_new_day_has_its_own_anniversaries(alice):
    """Theirs has just begun: what was counted two hours ago is of yesterday."""
    behind = timezone.now().astimezone(UTC).hour
    zone = f"Etc/GMT{behind if behind <= 12 else behind - 24:+d}"
    Profile.objects.update_or_create(user=alice, defaults={"time_zone": zone})
    now = timezone.now()
    Statistics.objects.create(user=alice, calculated_at=now - timedelta(hours=2))
    Statistics.objects.sweep()
    assert Statistics.objects.get().stale_since
