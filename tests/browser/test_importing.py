"""The pages of what was imported, in all their looks."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from importing.models import Statistics, Suggestion
from tests.importing.history import ended, item, timeline_of
from tests.publishing.conftest import page_channel, x_channel

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
