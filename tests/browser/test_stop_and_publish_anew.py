"""Stopping a Page: asked first, told, undone; and what failed is published anew."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from publishing.models import Post
from tests.sandbox import Sandbox

from . import scenes
from .gallery import Gallery

pytestmark = pytest.mark.browser
BAKERY = "Alice's Bakery"


def test_a_page_is_stopped_after_a_question_and_taken_back(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    channels = scenes.connect_all(alice, sandbox)
    for day in range(1, 8):
        at = timezone.now() + timedelta(days=day)
        text = (
            f"What we bake on day {day}, with a few words more than fit into one line of it. " * 2
        )
        Post.objects.publish(alice, text, list(channels.values()), at)
    page, gallery = window(alice), Gallery()
    page.goto("/channels/")
    page.get_by_role("button", name=f"Stop using {BAKERY}").click()
    expect(page.get_by_role("heading", name=f"Stop using {BAKERY}?")).to_be_visible()
    expect(page.get_by_text("and 2 more")).to_be_visible()
    gallery.look(page, "stop")
    page.get_by_role("link", name="Keep using it").click()
    page.get_by_role("button", name=f"Stop using {BAKERY}").click()
    page.get_by_role("button", name="Stop using it, and cancel them there").click()
    expect(page.get_by_text(f"You stopped using {BAKERY}: 7 posts")).to_be_visible()
    gallery.look(page, "stopped")
    page.goto("/posts/")
    expect(page.get_by_text(f"Not on {BAKERY}: you stopped using it").first).to_be_visible()
    gallery.look(page, "posts-stopped")
    page.goto("/channels/")
    page.get_by_role("button", name=f"Undo and use {BAKERY} again").click()
    expect(page.get_by_text("7 posts came back")).to_be_visible()
    page.goto("/posts/")
    expect(page.get_by_text("you stopped using it")).to_have_count(0)
    assert not gallery.faults, "\n".join(gallery.faults)


def test_what_failed_is_published_anew(window: Callable[..., Page], alice: Any, sandbox: Sandbox):
    x = scenes.connect_all(alice, sandbox)["Alice Example"]
    scenes.post_in(alice, x, "failed")
    page, gallery = window(alice), Gallery()
    old = Post.objects.get().get_absolute_url()
    page.goto(old)
    page.get_by_role("link", name="Change it and publish anew").click()
    page.get_by_label("Your post").fill("Said otherwise.")
    page.get_by_role("button", name="Publish").locator("visible=true").click()
    expect(page.get_by_text("Published anew instead of")).to_be_visible()
    page.get_by_role("link", name="an earlier post").click()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    gallery.look(page, "anew")
    page.get_by_role("link", name="See the new one").click()
    page.goto("/posts/new/?again=" + str(Post.objects.last().deliveries.get().job_id))
    page.get_by_label("Your post").fill("Said a third time.")
    page.get_by_role("button", name="Publish").locator("visible=true").click()
    expect(page.get_by_role("button", name="Publish it beside the earlier one")).to_be_visible()
    gallery.look(page, "beside")
    assert not gallery.faults, "\n".join(gallery.faults)
