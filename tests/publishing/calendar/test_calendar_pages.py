"""What stands in a calendar, where, and what it costs to look at it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from project.accounts.models import Profile
from publishing.calendar.pages import ENTRIES_SHOWN
from publishing.models import Delivery, Draft, Post, PostingTime
from social.models import Channel
from tests.publishing.factories import delivery_in_state, page_channel

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def her(alice, client_for):
    profile = Profile.objects.of(alice)
    profile.choose_time_zone("Europe/Berlin")
    return client_for(alice)


@pytest.fixture
def page(alice, channel) -> Channel:
    return page_channel(alice)


@pytest.fixture
def friday() -> datetime:
    """At nine in the morning in Berlin, one to two weeks from now."""
    today = timezone.now().astimezone(BERLIN)
    day = today + timedelta(days=7 + (4 - today.weekday()) % 7)
    return day.replace(hour=9, minute=0, second=0, microsecond=0)


def addresses(at: datetime) -> dict[str, str]:
    day = at.astimezone(BERLIN).date()
    year, week, _ = day.isocalendar()
    return {
        "month": f"/calendar/{day:%Y-%m}/",
        "week": f"/calendar/{year}-W{week:02}/",
        "agenda": f"/calendar/agenda/?from={day}",
    }


def look(browser: Any, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_post_stands_in_each_of_the_ways_at_its_clock_time(her, alice, channel, page, friday):
    post = Post.objects.publish(alice, "Rolls <b>today</b>", [channel, page], friday)
    for name, address in addresses(friday).items():
        html = look(her, address)
        assert "Rolls &lt;b&gt;today&lt;/b&gt;" in html and "<b>today" not in html
        assert f"/posts/{post.public_id}/times/" in html and ">09:00" in html
        assert "Facebook" in html and "Scheduled" in html and "Europe/Berlin" in html
        last = her.get("/calendar/").url
        assert ("agenda" in last, "-W" in last) == (name == "agenda", name == "week")


def test_the_first_look_is_an_agenda_on_phones_and_a_week_elsewhere(her, alice, client_for):
    assert re.fullmatch(r"/calendar/\d{4}-W\d\d/", her.get("/calendar/").url)
    phone = client_for(alice).get("/calendar/", HTTP_USER_AGENT="Mozilla/5.0 (Android) Mobile")
    assert phone.url.startswith("/calendar/agenda/")


def test_days_are_the_persons_own_and_weeks_begin_as_they_like(her, alice, channel):
    late = (timezone.now() + 14 * DAY).astimezone(BERLIN).replace(hour=0, minute=30)
    Post.objects.publish(alice, "After midnight", [channel], late)
    view = her.get(addresses(late)["month"]).context["view"]
    days = [c.day for week in view.weeks for c in week if c.entries]
    assert days == [late.date()] and late.astimezone(UTC).date() != late.date()
    assert view.heads[0].weekday() == 0
    her.post("/settings/calendar/", {"first_weekday": "6"})
    for address in (addresses(late)["month"], addresses(late)["week"]):
        assert her.get(address).context["view"].heads[0].weekday() == 6
    assert "Choose one of" in look(her, her.post("/settings/calendar/", {"first_weekday": 3}).url)


def test_it_says_what_became_of_each_and_leaves_out_what_was_canceled(her, channel):
    for state in ("sent", "failed", "unconfirmed", "canceled"):
        delivery_in_state(channel, state)
    html = look(her, "/calendar/agenda/")
    for state, word in {"sent": "Sent", "failed": "Failed", "unconfirmed": "Checking"}.items():
        assert f"This will be {state}" in html and f'<span class="state">{word}</span>' in html
    assert "This will be canceled" not in html
    assert "draggable=true" not in html and 'class="move"' not in html


def test_a_planned_draft_stands_dashed_and_others_nowhere(her, alice, page, friday):
    planned = {"when": ["later"], "at": [f"{friday:%Y-%m-%dT%H:%M}"], "zone": ["Europe/Berlin"]}
    for text, fields in {
        "Planned.": planned | {"channels": [str(page.pk), "gone"]},
        "At once.": planned | {"when": ["now"]},
        "For a slot.": {"when": ["next"], "slot": [friday.isoformat()]},
        "Nonsense.": planned | {"at": ["soon"]},
    }.items():
        assert Draft(user=alice, fields={"text": [text], **fields}).create()
    html = look(her, addresses(friday)["agenda"])
    assert re.search(r'class="entry draft".*Planned\..*Facebook.*class="state">Draft<', html)
    assert "For a slot." in html and "At once." not in html and "Nonsense." not in html
    Draft.objects.get(excerpt="Planned.").discard()
    assert "Planned." not in look(her, addresses(friday)["agenda"])


def test_a_post_stands_once_for_each_of_its_times(her, alice, channel, page, friday):
    post = Post.objects.publish(alice, "Twice", [channel, page], friday)
    post.deliveries.get(channel=page).reschedule(friday + DAY)
    view = her.get(addresses(friday)["week"]).context["view"]
    shown = [(e.at, [n.name for n in e.networks]) for c in view.days for e in c.entries]
    assert shown == [(friday, ["x"]), (friday + DAY, ["facebook"])]


def test_of_a_full_day_the_first_four_and_how_many_more(her, alice, channel, friday):
    for number in range(11):
        Post.objects.publish(alice, f"No. {number}", [channel], friday + number * HOUR / 4)
    html = look(her, addresses(friday)["month"])
    assert html.count('class="entry queued"') == 4 and "and 7 more" in html
    assert f'href="/calendar/agenda/?from={friday:%Y-%m-%d}"' in html
    agenda = look(her, addresses(friday)["agenda"])
    assert agenda.count('class="entry queued"') == 11


def test_free_posting_times_lead_into_the_composer(her, alice, channel, page, friday):
    for clock in ("09:00", "12:30"):
        PostingTime.objects.create(user=alice, weekday=friday.weekday(), clock=clock)
    Post.objects.publish(alice, "Taken", [page], friday)
    for name, address in addresses(friday).items():
        cells = her.get(address).context["view"]
        cells = [c for w in cells.weeks for c in w] if name == "month" else cells.days
        [cell] = [cell for cell in cells if cell.day == friday.date()]
        assert [free.clock.words for free in cell.free] == ["12:30"]
        assert cell.free[0].address.startswith("/posts/new/?slot=")
    answer = her.get(addresses(friday + 70 * DAY)["agenda"])
    assert not [cell for cell in answer.context["view"].days if cell.free]


def test_nobody_sees_what_stands_in_anothers(alice, bob, channel, client_for, friday):
    Post.objects.publish(alice, "Hers", [channel], friday)
    draft = {"text": ["Hers"], "when": ["later"], "at": [f"{friday:%Y-%m-%dT%H:%M}"]}
    assert Draft(user=alice, fields=draft).create()
    for address in addresses(friday).values():
        assert "Hers" not in look(client_for(bob), address)


def test_what_is_no_time_of_a_calendar_is_not_found(her):
    for nonsense in ("2026-13/", "2026-W54/", "0000-01/", "9999-12/", "agenda/?from=soon"):
        assert her.get(f"/calendar/{nonsense}").status_code == 404
    for edge in ("1901-01/", "9998-12/", "agenda/?from=9998-12-30", "1901-W02/"):
        assert her.get(f"/calendar/{edge}").status_code == 200


def test_a_script_is_given_the_calendar_alone_and_back_the_whole_page(her, friday):
    address = addresses(friday)["week"]
    part = {"HX-Request": "true", "HX-Current-URL": "https://fanfare.example/calendar/2026-12/"}
    answer = her.get(address, headers=part)
    assert answer.content.lstrip().startswith(b"<title>")
    assert b'id="calendar-news"' in answer.content and b"<html" not in answer.content
    assert answer["HX-Push-Url"] == address
    part["HX-Current-URL"] = f"https://fanfare.example{address}"
    assert her.get(address, headers=part)["HX-Push-Url"] == "false"
    part["HX-History-Restore-Request"] = "true"
    assert b"<html" in her.get(address, headers=part).content


def statements_of(browser: Any, address: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(address).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


def test_a_thousand_posts_ask_as_little_as_one_and_by_an_index(her, alice, channel, friday):
    PostingTime.objects.create(user=alice, weekday=0, clock="09:00")
    Post.objects.publish(alice, "One", [channel], friday)
    draft = {"text": ["Two"], "when": ["later"], "at": [f"{friday:%Y-%m-%dT%H:%M}"]}
    assert Draft(user=alice, fields=draft).create()
    places = addresses(friday)
    for address in places.values():
        her.get(address)  # what is asked once a process
    few = {name: len(statements_of(her, address)) for name, address in places.items()}
    posts = Post.objects.bulk_create(
        [Post(user=alice, text=f"No. {n}", due_at=friday + n * 2 * HOUR) for n in range(1000)]
    )
    Delivery.objects.bulk_create(
        Delivery(post=post, channel=channel, network_name="x", account=channel.account,
                 due_at=post.due_at, next_attempt_at=post.due_at, waiting_for="time")
        for post in posts
    )  # fmt: skip
    many = {name: statements_of(her, address) for name, address in places.items()}
    assert all(len(asked) <= few[name] for name, asked in many.items())
    for address in places.values():
        assert look(her, address).count('class="entry queued"') <= 2 * ENTRIES_SHOWN
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE publishing_delivery; SET LOCAL enable_seqscan = off")
        [marks] = [sql for sql in many["week"] if "DISTINCT" in sql and "due_at" in sql]
        plan = explained(cursor, marks)
    assert "delivery_in_calendar" in plan, plan


def test_a_day_with_more_than_a_page_leads_to_the_list_of_that_day(her, alice, channel, friday):
    beyond = 3
    for number in range(ENTRIES_SHOWN + beyond):
        Post.objects.publish(alice, f"No. {number}", [channel], friday)
    page = look(her, f"/calendar/agenda/?from={friday:%Y-%m-%d}")
    assert page.count('class="entry queued"') == ENTRIES_SHOWN
    day = f"{friday:%Y-%m-%d}"
    assert f'href="/posts/?to={day}&amp;from={day}"' in page and f"and {beyond} more" in page


def explained(cursor: Any, sql: str) -> str:
    how = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    cursor.execute(f"{how} {sql}")
    return "\n".join(str(row) for row in cursor.fetchall())
