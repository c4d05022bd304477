"""Another time by a form, a key or the mouse: what is asked for, what the page says, and Undo."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from project.accounts.models import Profile
from publishing.calendar.days import week_name
from publishing.models import Delivery, Draft, Post, PostingTime
from tests.publishing.factories import delivery_in_state

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
YEAR = timezone.now().year + 1


def last_sunday(month: int) -> date:
    last = date(YEAR, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


SPRING, AUTUMN = last_sunday(3), last_sunday(10)  # clocks change on these
FRIDAY = SPRING - 2 * DAY
WEEK = f"/calendar/{week_name(FRIDAY - 4 * DAY)}/"


def at(day: date, clock: str = "02:30") -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), BERLIN)


def on(day: date, clock: str = "02:30") -> str:
    return f"{day}T{clock}"


def words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B} {day.year}"


@pytest.fixture(autouse=True)
def berlin(alice: Any) -> None:
    Profile.objects.of(alice).choose_time_zone("Europe/Berlin")


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def post(alice, channel) -> Post:
    """On the Friday before, half past two in the morning."""
    return Post.objects.publish(alice, "Early.", [channel], at(FRIDAY))


@pytest.fixture
def move(her, post):
    def move_it(**given: str) -> Any:
        given = {"seen": post.due_at.isoformat(), "next": WEEK} | given
        return her.post(f"/posts/{post.public_id}/times/", given)

    return move_it


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def clock(post: Post) -> str:
    return f"{post.deliveries.get().due_at.astimezone(BERLIN):%Y-%m-%dT%H:%M}"


def test_a_day_means_the_same_clock_time_there(move, post):
    day = FRIDAY - 2 * DAY
    answer = move(day=f"{day}")
    assert clock(post) == on(day)
    assert said(answer) == [f"Moved to {words(day)}, 02:30."]
    assert answer.url == f"{WEEK}#entry-{post.public_id}"


def test_it_goes_where_it_is_asked_to(move, post):
    for given, expected in {
        ("days", "-1"): on(FRIDAY - DAY),
        ("days", "7"): on(FRIDAY + 6 * DAY),
        ("at", on(SPRING + 2 * DAY, "18:15")): on(SPRING + 2 * DAY, "18:15"),
        ("at", f"{SPRING + 2 * DAY}T19:15:00+00:00"): on(SPRING + 2 * DAY, "21:15"),
    }.items():
        post.refresh_from_db()
        move(**dict([given]))
        assert clock(post) == expected


def test_undo_puts_it_back_once(her, move, post):
    answer = move(days="1")
    [undo] = [message.extra_tags for message in get_messages(answer.wsgi_request)]
    her.post(undo, {"next": WEEK})
    assert clock(post) == on(FRIDAY)
    late = her.post(undo, {"next": WEEK})
    assert said(late)[-1] == "It has changed meanwhile: this is how it stands now."
    assert clock(post) == on(FRIDAY)


def test_a_time_that_clocks_leave_out_is_not_guessed_but_the_next_one_is_offered(her, move, post):
    answer = move(day=f"{SPRING}")
    assert "does not exist" in said(answer)[0] and clock(post) == on(FRIDAY)
    page = her.get(answer.url)
    assert page.context["offer"]["time"] == "03:00"
    offered = page.context["offer"]["at"].isoformat()
    assert f'value="{offered}"' in page.content.decode()
    move(at=offered)
    assert clock(post) == on(SPRING, "03:00")
    script = her.post(
        f"/posts/{post.public_id}/times/", {"at": on(SPRING)},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert script.status_code == 204 and "offer=" in script["HX-Redirect"]


def test_of_an_hour_that_comes_twice_it_is_the_first_and_said(her, alice, channel):
    before = at(AUTUMN - DAY)
    post = Post.objects.publish(alice, "Late.", [channel], before)
    seen = before.isoformat()
    answer = her.post(f"/posts/{post.public_id}/times/", {"days": "1", "seen": seen})
    assert "02:30 (first). 02:30 comes twice" in said(answer)[0]
    assert post.deliveries.get().due_at == datetime(YEAR, 10, AUTUMN.day, 0, 30, tzinfo=UTC)


def test_what_cannot_be_is_said_and_changes_nothing(move, post):
    for given, words in {
        ("day", "2020-01-01"): "That time is past. Choose a later one.",
        ("at", "soon"): "That is not a date and time.",
        ("days", "3000"): "That is not a date and time.",
        ("day", f"{YEAR}-02-30"): "That is not a date and time.",
        ("next", WEEK): "That is not a date and time.",
        ("next_free", "1"): "You have no posting times yet. Add some, or choose a time.",
    }.items():
        answer = move(**dict([given]))
        assert said(answer)[-1] == words and answer.url == WEEK
    stale = move(seen=at(FRIDAY - DAY).isoformat(), days="1")
    assert said(stale)[-1] == "It has changed meanwhile: this is how it stands now."
    assert clock(post) == on(FRIDAY)


def test_what_is_sent_says_so_and_stays(her, channel):
    delivery = delivery_in_state(channel, "sent")
    address = f"/posts/{delivery.post.public_id}/times/"
    answer = her.post(address, {"seen": delivery.due_at.isoformat(), "days": "1", "next": WEEK})
    assert said(answer) == ["Too late to change it: sending has begun."]
    assert "Too late to change it" in her.get(address).content.decode()
    assert Delivery.objects.get().due_at == delivery.due_at


def test_by_a_key_the_calendar_follows_and_elsewhere_it_stays(move, post):
    assert move(days="7", follow="1").url == f"/calendar/{week_name(FRIDAY + 3 * DAY)}/"
    post.refresh_from_db()
    assert move(seen=post.due_at.isoformat(), days="-7", next="https://evil.example/").url == (
        f"/posts/{post.public_id}/"
    )


def test_the_next_free_time_is_offered_and_taken_as_a_posting_time(her, alice, move, post):
    PostingTime.objects.create(user=alice, weekday=0, clock="09:00")
    page = her.get(f"/posts/{post.public_id}/times/").content.decode()
    assert "Next free time" in page and "A week later" in page and "Back to drafts" in page
    move(next_free="1")
    row = post.deliveries.get()
    assert row.due_at.astimezone(BERLIN).weekday() == 0 and clock(post).endswith("T09:00")
    assert row.at_posting_time and row.due_at > timezone.now()


def test_a_draft_is_planned_for_another_day_and_stays_a_draft(her, alice):
    fields = {"text": ["An idea"], "when": ["later"], "at": [on(FRIDAY)]}
    draft = Draft(user=alice, fields=fields | {"zone": ["Europe/Berlin"]})
    assert draft.create()
    seen = draft.planned_at.isoformat()
    address = f"/drafts/{draft.public_id}/times/"
    assert "goes nowhere by itself" in her.get(address).content.decode()
    answer = her.post(address, {"seen": seen, "day": f"{SPRING + DAY}", "next": WEEK})
    assert said(answer) == [f"Planned for {words(SPRING + DAY)}, 02:30. Still a draft."]
    draft.refresh_from_db()
    assert draft.planned_at == at(SPRING + DAY)
    assert draft.fields["at"] == [on(SPRING + DAY)] and draft.revision == 2
    assert not Post.objects.exists()
    late = her.post(address, {"seen": seen, "day": f"{SPRING + 2 * DAY}", "next": WEEK})
    assert said(late)[-1] == "It has changed meanwhile: this is how it stands now."
