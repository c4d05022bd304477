"""The calendar by the mouse, by keys alone, by touch and without JavaScript; and how it looks."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from project.accounts.models import Profile
from publishing.calendar.days import first_of_week, week_name
from publishing.models import Draft, Post, PostingTime
from tests.publishing.factories import delivery_in_state, page_channel, x_channel

from . import scenes
from .gallery import PHONE, Gallery

pytestmark = pytest.mark.browser
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def tuesday(alice: Any) -> datetime:
    """Of the week after next, at nine; Alice's zone is Berlin, and two posts stand there."""
    scenes.worker_is_there()
    Profile.objects.of(alice).choose_time_zone("Europe/Berlin")
    monday = first_of_week(timezone.now().astimezone(BERLIN).date(), 0) + timedelta(days=14)
    tuesday = datetime(monday.year, monday.month, monday.day, 9, tzinfo=BERLIN) + timedelta(days=1)
    x, page = x_channel(alice), page_channel(alice)
    Post.objects.publish(alice, "Rolls", [x, page], tuesday)
    Post.objects.publish(alice, "Soup", [page], tuesday + timedelta(days=2, hours=3))
    planned = {"text": ["An idea"], "when": ["later"], "zone": ["Europe/Berlin"]}
    assert Draft(user=alice, fields=planned | {"at": [f"{tuesday:%Y-%m-%dT17:00}"]}).create()
    PostingTime.objects.create(user=alice, weekday=4, clock="09:00")
    return tuesday


def address_of(day: datetime) -> str:
    return f"/calendar/{week_name(first_of_week(day.date(), 0))}/"


def due(text: str) -> str:
    at = Post.objects.get(text=text).due_at
    assert at is not None
    return f"{at.astimezone(BERLIN):%a %H:%M}"


def news(page: Page, words: str) -> None:
    expect(page.get_by_role("status").get_by_text(words).first).to_be_visible()


def test_by_keys_and_by_mouse(window: Callable[..., Page], alice: Any, tuesday: datetime):
    page = window(alice)
    page.goto(address_of(tuesday))
    rolls = page.locator(".week-grid .entry", has_text="Rolls")
    rolls.get_by_role("link", name="Rolls", exact=True).focus()
    page.keyboard.press("Alt+ArrowRight")
    news(page, "Moved to Wednesday")
    expect(rolls.get_by_role("link", name="Rolls", exact=True)).to_be_focused()
    assert due("Rolls") == "Wed 09:00"
    page.keyboard.press("Alt+ArrowDown")  # the calendar follows
    page.wait_for_url(f"**{address_of(tuesday + timedelta(days=7))}")
    expect(rolls.get_by_role("link", name="Rolls", exact=True)).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    page.wait_for_url(f"**{address_of(tuesday)}")
    expect(rolls.get_by_role("link", name="Rolls", exact=True)).to_be_focused()
    assert due("Rolls") == "Wed 09:00"
    page.locator(".week-grid .entry", has_text="Soup").drag_to(page.locator("td[data-at]").nth(5))
    news(page, "Moved to Saturday")
    assert due("Soup") == "Sat 09:00"
    page.get_by_role("link", name="Month").click()
    page.wait_for_url(f"**/calendar/{tuesday - timedelta(days=1):%Y-%m}/")  # of its Monday
    idea = page.locator(".month-grid .entry", has_text="An idea")
    idea.drag_to(page.locator(f"td[data-day='{tuesday + timedelta(days=2):%Y-%m-%d}']"))
    news(page, "Still a draft.")
    assert Post.objects.count() == 2
    page.go_back()
    page.wait_for_url(f"**{address_of(tuesday)}")
    expect(page.locator(".week-grid .entry", has_text="An idea")).to_be_visible()


def test_by_touch_and_without_javascript(
    window: Callable[..., Page], alice: Any, tuesday: datetime
):
    for options in ({"has_touch": True, "is_mobile": True}, {"java_script_enabled": False}):
        before = due("Rolls")
        page = window(alice, width=PHONE, **options)
        page.goto(f"/calendar/agenda/?from={tuesday:%Y-%m-%d}")
        move = page.get_by_role("link", name="Move Rolls")
        box = move.bounding_box()
        assert box and box["width"] >= 44 and box["height"] >= 44
        move.tap() if "has_touch" in options else move.click()
        page.get_by_role("button", name="A day later").click()
        news(page, "Moved to")
        assert due("Rolls") != before
        page.get_by_role("button", name="Undo").click()
        news(page, "Moved to Tuesday")
        assert due("Rolls") == before
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_how_it_looks(window: Callable[..., Page], alice: Any, tuesday: datetime, gallery: Gallery):
    x = Post.objects.get(text="Rolls").deliveries.get(network_name="x").channel
    for state in ("sent", "failed", "unconfirmed"):
        delivery_in_state(x, state)
    for number in range(6):
        at = tuesday + timedelta(days=1, minutes=number)
        Post.objects.publish(alice, f"A long day, number {number}", [x], at)
    page = window(alice)
    post = Post.objects.get(text="Rolls").public_id
    for name, address in {
        "calendar-week": address_of(tuesday),
        "calendar-month": f"/calendar/{tuesday:%Y-%m}/",
        "calendar-agenda": "/calendar/agenda/",
        "calendar-move": f"/posts/{post}/times/",
        "calendar-feed": "/calendar/feed/",
    }.items():
        page.goto(address)
        gallery.look(page, name)
