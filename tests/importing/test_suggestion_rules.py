"""What a person could say next: each rule, with a time of its own."""

from datetime import UTC, datetime, timedelta

import pytest

from importing.insights.rules import candidates
from importing.models import ImportedItem, Interest, Suggestion
from project.accounts.models import Profile
from tests.publishing.factories import page_channel, x_channel

from .history import NOON, ended, item, timeline_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def x(alice):
    return x_channel(alice)


@pytest.fixture
def posts(x):
    return timeline_of(x)


def found(user, kind, now=NOON):
    return [one for one in candidates(user, now) if one.kind == kind]


def texts(user, kind, now=NOON):
    return [one.text for one in found(user, kind, now)]


# ── A best performer, not repeated for 60 days ────────────────────────────────────────────────
def test_the_top_tenth_by_likes_and_reposts(alice, posts):
    for number in range(30):
        item(posts, f"Post {number}", 100, now=NOON, likes=number, reposts=number)
    assert texts(alice, "best") == ["Post 29", "Post 28", "Post 27"]
    assert "29 likes and 29 reposts" in found(alice, "best")[0].reason
    assert "12 August 2026" in found(alice, "best")[0].reason


@pytest.mark.parametrize(("days", "is_old"), [(59, False), (61, True)])
def test_only_when_it_was_last_said_60_days_ago(days, is_old, alice, posts):
    item(posts, "Our best bread", days, now=NOON, likes=9)
    assert texts(alice, "best") == (["Our best bread"] if is_old else [])


def test_not_when_the_same_words_went_out_lately(alice, x, posts):
    item(posts, "Our best bread  https://x.com/Bread/", 100, now=NOON, likes=9)
    ended([x], "Our best bread http://x.com/Bread", NOON - 5 * DAY)
    assert not texts(alice, "best")


def test_not_what_nobody_liked_nor_what_is_gone_nor_an_answer(alice, posts):
    item(posts, "Nobody liked it", 100, now=NOON)
    item(posts, "Gone", 100, now=NOON, likes=9, gone_at=NOON)
    item(posts, "@bob yes", 100, now=NOON, likes=8)
    assert not texts(alice, "best")


# ── This day in earlier years ─────────────────────────────────────────────────────────────────
def test_this_day_in_earlier_years_in_their_zone(alice, posts):
    Profile.objects.update_or_create(user=alice, defaults={"time_zone": "Pacific/Auckland"})
    alice.refresh_from_db()
    # There it is 21 November already, since an hour.
    for text, at in {
        "that day": datetime(2025, 11, 20, 12, tzinfo=UTC),
        "the evening before": datetime(2025, 11, 20, 10, tzinfo=UTC),
        "nine years ago": datetime(2017, 11, 21, 3, tzinfo=UTC),
    }.items():
        item(posts, text, now=at)
    told = {one.text: one.reason for one in found(alice, "anniversary")}
    assert told == {
        "that day": "A year ago today you said this on X.",
        "nine years ago": "9 years ago today you said this on X.",
    }
    until = found(alice, "anniversary")[0].fresh_until
    assert until == datetime(2026, 11, 21, 11, tzinfo=UTC)


def test_on_a_29_february_there_are_other_ones(alice, posts):
    item(posts, "Leap", now=datetime(2024, 2, 29, 9, tzinfo=UTC))
    assert texts(alice, "anniversary", datetime(2028, 2, 29, 12, tzinfo=UTC)) == ["Leap"]


# ── Sent to one network, never to the other ───────────────────────────────────────────────────
def test_said_on_one_network_and_never_on_the_other(alice, x, posts):
    page = page_channel(alice)
    item(posts, "Only on X", 3, now=NOON, likes=5)
    item(posts, "On both", 3, now=NOON)
    item(timeline_of(page), "On  both", 2, now=NOON)
    item(timeline_of(page), "Only on Facebook", 2, now=NOON)
    timeline_of(page).set(read_at=NOON)
    ended([x], "Sent to X from here", NOON - DAY)
    ended([x, page], "Sent to both from here", NOON - DAY)
    told = {one.text: list(one.channels) for one in found(alice, "elsewhere")}
    assert told == {
        "Only on X": [str(page.pk)],
        "Sent to X from here": [str(page.pk)],
        "Only on Facebook": [str(x.pk)],
    }
    reasons = {one.text: one.reason for one in found(alice, "elsewhere")}
    assert reasons["Only on X"] == "You said this on X on 17 November, and never on Facebook."


def test_never_is_said_only_where_their_posts_were_read(alice, posts):
    page = page_channel(alice)
    item(posts, "Only on X", 3, now=NOON)
    assert "and not on Facebook, as far as we know." in found(alice, "elsewhere")[0].reason
    timeline_of(page).set(read_at=NOON)
    assert "and never on Facebook." in found(alice, "elsewhere")[0].reason


def test_who_posts_to_one_network_has_no_elsewhere(alice, posts):
    item(posts, "Only on X", 3, now=NOON)
    assert not found(alice, "elsewhere")


# ── A rising topic ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("new", "old", "rises"),
    [(2, 0, False), (3, 0, True), (3, 6, True), (3, 7, False), (6, 12, True), (6, 13, False)],
)
def test_three_uses_in_14_days_and_twice_the_rate_before(new, old, rises, alice, posts):
    for number in range(new):
        item(posts, f"{number}: more #Sourdough", 13, now=NOON)
    for number in range(old):
        item(posts, f"{number}: old #sourdough", 15 + number, now=NOON)
    assert [one.key for one in found(alice, "rising")] == ["rising:#sourdough"] * rises


def test_the_same_post_on_two_networks_is_one_use(alice, x):
    for number in range(2):
        ended([x, page_channel(alice)], f"{number} about sourdough", NOON - DAY)
    assert not found(alice, "rising")
    ended([x], "Once more sourdough", NOON - DAY)
    assert [one.key for one in found(alice, "rising")] == ["rising:sourdough"]


# ── Likes, hobbies, hours ─────────────────────────────────────────────────────────────────────
def test_a_post_they_liked_that_matches_an_interest(alice, x):
    likes = timeline_of(x, "like")
    Interest.objects.create(user=alice, sort="word", word="sourdough", weight=1)
    item(likes, "How to feed Sourdough", author_handle="carol", url="https://x.com/carol/status/5")
    item(likes, "The weather")
    [one] = found(alice, "liked")
    assert one.reason == "You liked this by @carol, and sourdough is a topic of yours."
    assert one.text == "\n\nhttps://x.com/carol/status/5"


def test_an_interest_at_random_the_same_all_day(alice):
    for number in range(9):
        Interest.objects.create(user=alice, sort="hashtag", word=f"tag{number}", weight=number)
    today, later = found(alice, "interest"), found(alice, "interest", NOON + timedelta(hours=9))
    assert len(today) == 5 and today == later
    days = [{one.key for one in found(alice, "interest", NOON + n * DAY)} for n in range(5)]
    assert any(keys != days[0] for keys in days)
    assert today[0].text.startswith("#tag")


@pytest.mark.parametrize("how_many", [19, 20])
def test_the_usual_hour_from_twenty_posts_on(how_many, alice, posts):
    Profile.objects.update_or_create(user=alice, defaults={"time_zone": "Asia/Tokyo"})
    alice.refresh_from_db()
    for number in range(how_many):
        hour = 0 if number % 3 else number % 24
        at = datetime(2026, 10, 1 + number, hour, 30, tzinfo=UTC)
        item(posts, f"Post {number}", now=at)
    told = found(alice, "hour")
    assert len(told) == (how_many == 20)
    if told:
        assert told[0].reason == "Most of your posts go out between 9:00 and 10:00."
        assert told[0].at == datetime(2026, 11, 21, 0, tzinfo=UTC)


def test_without_a_history_there_are_plain_ones(alice):
    assert {one.kind for one in candidates(alice, NOON)} == {"plain"}


def test_what_several_places_lead_to_is_one(alice, x, posts):
    page_channel(alice)
    Interest.objects.create(user=alice, sort="word", word="sourdough", weight=1)
    for account in (x, x_channel(alice, "carol")):  # both have liked it
        item(
            timeline_of(account, "like"),
            "How to feed Sourdough",
            first_id="7",
            url="https://x.com/i",
        )
    for text in ("Said at once", "And this with it"):  # in one second, and not imported yet
        ended([x], text, NOON - DAY)
    keys = [one.key for one in candidates(alice, NOON)]
    assert "liked:7" in keys and len(keys) == len(set(keys))
    for _ in range(2):
        Suggestion.objects.refill(alice, NOON)
    assert set(Suggestion.objects.of(alice).values_list("key", flat=True)) == set(keys)


def test_nobody_elses(alice, bob, posts):
    for number in range(30):
        item(posts, f"Sourdough {number}", 100, now=NOON, likes=5)
    assert {one.kind for one in candidates(bob, NOON)} == {"plain"}
    assert ImportedItem.objects.of(bob).count() == 0 == Suggestion.objects.of(bob).count()
