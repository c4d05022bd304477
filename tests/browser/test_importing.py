"""The pages of what was imported, in all their looks."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from importing.models import ImportRun, Statistics, Suggestion
from tests.importing.history import ended, item, timeline_of
from tests.publishing.factories import page_channel, x_channel

from . import scenes
from .gallery import Gallery
from .test_pages import ARABIC

pytestmark = pytest.mark.browser


@pytest.fixture
def history(alice: Any) -> dict[str, Any]:
    """Half a year of posting to two places, with what networks and strangers may put into it."""
    scenes.worker_is_there()
    chance, now = random.Random(4), timezone.now()
    channels = {"x": x_channel(alice), "page": page_channel(alice, "Alice's Bakery")}
    for number in range(90):
        at = now - timedelta(days=chance.expovariate(1 / 40), hours=chance.gauss(2, 2) % 24)
        end = chance.choice(["sent"] * 8 + ["failed", "canceled"])
        where = chance.choice([[channels["x"]], [channels["page"]], list(channels.values())])
        ended(where, f"Bread number {number}, still warm", at, chance.expovariate(0.3), end)
    posts = timeline_of(channels["x"])
    item(posts, "<b>Free bread</b> & more " + "for everybody " * 30, 9, likes=1204, reposts=88)
    item(posts, ARABIC, 40, likes=311)
    item(posts, "A" * 300, 90, likes=60, reposts=2)
    item(timeline_of(channels["x"], "like"), "Sourdough, and how to feed it", 3)
    return channels


@pytest.fixture
def read(history: Any) -> None:
    """Two days of imports, some of which found something; and one for the first time, under way."""
    chance, now = random.Random(7), timezone.now()
    posts, likes = timeline_of(history["x"]), timeline_of(history["x"], "like")
    page = timeline_of(history["page"])
    for timeline, every in ((posts, 1), (page, 3)):
        for hour in range(26, -1, -every):
            at = now - timedelta(hours=hour, minutes=chance.randint(0, 9))
            added = chance.choice([0, 0, 0, 1, 2, 12, 180])
            run = {"added": added, "items": added + 20, "cost": "0.10", "state": "finished"}
            if hour == 6:
                run |= {"state": "waiting", "reason": "rate_limit"}
            ImportRun.objects.create(
                timeline=timeline, created_at=at, started_at=at, finished_at=at, **run
            )
        soon = now + timedelta(minutes=25)
        timeline.set(
            read_at=now, stored=3204, next_import_at=soon, import_interval_seconds=3600 * every
        )
    posts.set(visibility_note="history_ends", expected=3200)
    page.set(paused_at=now)
    ImportRun.objects.create(timeline=likes, state="running", started_at=now)
    likes.set(stored=180, expected=500)


def count(user: Any) -> None:
    Statistics.objects.mark_stale(user.pk)
    Statistics.objects.get(pk=user.pk).calculate()


def test_numbers(window: Callable[..., Page], gallery: Gallery, alice: Any, history: Any):
    count(alice)
    page = window(alice)
    page.goto("/numbers/")
    gallery.look(page, "numbers-month")
    page.get_by_role("link", name="90 days").click()
    page.locator("summary", has_text="As a table").first.press("Enter")
    page.get_by_role("columnheader", name="Day").wait_for()
    gallery.look(page, "numbers-quarter")


def test_ideas(window: Callable[..., Page], gallery: Gallery, alice: Any, history: Any):
    page = window(alice)
    page.goto("/suggestions/")
    gallery.look(page, "ideas-none")
    Suggestion.objects.refill(alice)
    Suggestion.objects.update(checked_at=timezone.now())
    page.goto("/suggestions/")
    gallery.look(page, "ideas")
    page.goto("/posts/new/")
    gallery.look(page, "compose-with-an-idea")
    idea = page.locator("#suggestion .own-text").inner_text()
    page.get_by_label("Your post").fill("Typed already")
    page.get_by_role("link", name="Another one").click()
    page.get_by_text(idea).wait_for(state="detached")
    assert page.get_by_label("Your post").input_value() == "Typed already"


def test_imports(window: Callable[..., Page], gallery: Gallery, alice: Any, read: Any):
    page = window(alice)
    page.route("**/imports/?polls=*", lambda route: None)
    page.goto("/imports/")
    page.locator("summary", has_text="The past day").first.press("Enter")
    page.locator("summary", has_text="Import more").first.press("Enter")
    gallery.look(page, "imports")
    page.goto("/imports/items/?q=bread")
    gallery.look(page, "items")
    page.goto("/imports/items/?q=nothing+like+that")
    gallery.look(page, "items-none")


def test_no_imports(window: Callable[..., Page], gallery: Gallery, alice: Any):
    page = window(alice)
    page.goto("/imports/")
    gallery.look(page, "imports-none")
