"""A calendar that other programs subscribe to: what two of them read in it, and who may."""

import warnings
from datetime import UTC, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

from publishing.calendar.icalendar import LINE_BYTES, Event, calendar_file
from publishing.models import CalendarFeed, Draft, Post
from tests.publishing.factories import page_channel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own old names
    import vobject

DAY = timedelta(days=1)
HOSTILE = 'Soup, bread; and "more"\\n\\:\r\nEND:VEVENT\r\nüß🍞' + "é" * 80 + "\x00\x0b"


@pytest.fixture
def address(alice, client_for) -> str:
    answer = client_for(alice).post("/calendar/feed/", {"shows_text": "on"})
    return "/" + answer.context["address"].split("/", 3)[3]


def read(address: str) -> list[Any]:
    """The events, as both libraries read them."""
    CalendarFeed.objects.update(read_at=None)
    content = Client().get(address).content
    first = icalendar.Calendar.from_ical(content)
    assert not first.errors and all(not event.errors for event in first.walk("VEVENT"))
    events = first.walk("VEVENT")
    second = vobject.readOne(content.decode())
    others = second.contents.get("vevent", [])
    assert [str(event["SUMMARY"]) for event in events] == [o.summary.value for o in others]
    assert [event["DTSTART"].dt for event in events] == [o.dtstart.value for o in others]
    return events


def test_any_words_survive_both_readers_in_lines_of_no_more_than_75_bytes():
    at = timezone.now().replace(microsecond=0)
    summary = HOSTILE + " the end"
    content = calendar_file("Alice", [Event("1@here", at, at, 3, summary, "https://here/1")])
    assert all(len(line) <= LINE_BYTES for line in content.split(b"\r\n"))
    whole = HOSTILE.replace("\r\n", "\n").replace("\x00\x0b", "") + " the end"
    [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    [other] = vobject.readOne(content.decode()).contents["vevent"]
    assert str(event["SUMMARY"]) == other.summary.value == whole
    assert event["DTSTART"].dt == at and event["SEQUENCE"] == 3


def test_posts_stand_in_it_with_where_when_and_what_became_of_them(alice, channel, address):
    page, at = page_channel(alice), (timezone.now() + 3 * DAY).replace(microsecond=0)
    post = Post.objects.publish(alice, "Rolls, until noon; " + "a" * 90, [channel, page], at)
    gone = Post.objects.publish(alice, "Never", [page], at + DAY)
    Post.objects.publish(alice, "Far away", [page], at + 500 * DAY)
    Draft(
        user=alice, fields={"text": ["Mine alone"], "when": ["later"], "at": ["2999-01-01T09:00"]}
    ).create()
    gone.cancel()
    first, second = read(address)
    assert str(first["UID"]).startswith(f"{post.public_id}@")
    assert first["DTSTART"].dt == at.astimezone(UTC) and first["STATUS"] == "CONFIRMED"
    assert str(first["SUMMARY"]).startswith("Facebook, X: Rolls, until noon; aaa")
    assert len(str(first["SUMMARY"])) < 80 and str(first["URL"]).endswith(f"/{post.public_id}/")
    assert (str(second["SUMMARY"]), second["STATUS"]) == ("Facebook: Never", "CANCELLED")
    assert first["SEQUENCE"] == 0
    Post.objects.filter(pk=post.pk).update(edited_at=timezone.now() + timedelta(minutes=2))
    assert read(address)[0]["SEQUENCE"] > 100


def test_it_may_be_without_words(alice, channel, client_for):
    Post.objects.publish(alice, "Secret", [channel], timezone.now() + DAY)
    answer = client_for(alice).post("/calendar/feed/")
    [event] = read("/" + answer.context["address"].split("/", 3)[3])
    assert str(event["SUMMARY"]) == "X"


def test_an_address_is_shown_once_and_ends_with_the_next_one_or_when_taken_away(
    alice, bob, client_for, address
):
    hers = client_for(alice)
    token = address.split("/")[-1].removesuffix(".ics")
    assert token not in CalendarFeed.objects.get().token_hash
    assert token not in hers.get("/calendar/feed/").content.decode()
    answer = Client().get(address)
    assert answer["Cache-Control"] == "private" and answer["Content-Type"].startswith("text/cal")
    again = Client().get(address)
    assert (again.status_code, again["Retry-After"]) == (429, "60")
    CalendarFeed.objects.update(read_at=timezone.now() - timedelta(minutes=2))
    assert Client().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    client_for(bob).post("/calendar/feed/revocations/")
    assert CalendarFeed.objects.count() == 1
    hers.post("/calendar/feed/")
    assert Client().get(address).status_code == 404
    hers.post("/calendar/feed/revocations/")
    assert not CalendarFeed.objects.exists()
    assert "There is none" in hers.get("/calendar/feed/").content.decode()
