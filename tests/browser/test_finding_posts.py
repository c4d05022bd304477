"""Posts found again: tags, filters, one act on many, and a file, by key and by thumb."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from publishing.models import Delivery, Post, Tag
from publishing.reuse.tag import COLOURS
from tests.sandbox import Sandbox

from . import scenes
from .gallery import PHONE, Gallery

pytestmark = pytest.mark.browser
FILE = "text;at;channels\nFrom a file.;2027-03-01 09:00;Alice Example\nNowhere.;;Garden\n"


def test_posts_are_found_tagged_and_moved_by_key(
    window: Callable[..., Page], gallery: Gallery, alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    x = scenes.connect_all(alice, sandbox)["Alice Example"]
    tags = [
        Tag.objects.create(user=alice, name=f"A {name} one", colour=name) for name, _ in COLOURS
    ]
    for number in range(3):
        at = timezone.now() + timedelta(days=number + 1)
        Post.objects.publish(alice, f"Bread {number}.", [x], at, tags=tags[number * 3 :][:3])
    scenes.post_in(alice, x, "failed")
    page = window(alice)
    page.goto(reverse("posts:list"))
    page.get_by_role("searchbox").fill("bread")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Bread 2.")).to_be_visible()
    page.get_by_role("link", name="Queued").press("Enter")
    expect(page).to_have_url(f"{page.url.split('?')[0]}?q=bread&state=queued")
    for name in ("Filters", "Do something with all of these"):
        page.locator("summary", has_text=name).press("Enter")
    gallery.look(page, "posts-found")
    page.get_by_label("What to do").select_option("move")
    page.get_by_label("Days, to move").fill("7")
    page.get_by_label("Days, to move").press("Enter")
    expect(page.get_by_text("This is about 3 posts.")).to_be_visible()
    gallery.look(page, "act-asked")
    page.get_by_role("button", name="Move 3 posts").press("Enter")
    expect(page.get_by_text("Done for 3 posts.")).to_be_visible()
    assert not Delivery.objects.filter(due_at__range=[timezone.now(), at]).exists()
    page.goto(reverse("reuse:tags"))
    gallery.look(page, "tags")
    page.get_by_role("button", name="Delete A blue one").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_text("A blue one is back.")).to_be_visible()
    page.goto(reverse("posts:compose"))
    page.locator("summary", has_text="Tags").press("Enter")
    page.get_by_label("A red one").press("Space")
    gallery.look(page, "composer-tags")


def test_a_file_becomes_drafts_on_a_phone_without_script(
    window: Callable[..., Page], gallery: Gallery, alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice, width=PHONE, java_script_enabled=False)
    page.goto(reverse("posts:tables"))
    data = {"name": "posts.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.get_by_label("CSV file").set_input_files(data)  # type: ignore[arg-type]
    page.get_by_role("button", name="Show the rows").click()
    expect(page.get_by_text("There is no channel “Garden”.")).to_be_visible()
    page.get_by_role("button", name="Make 1 draft").click()
    expect(page.get_by_role("link", name="From a file.")).to_be_visible()
    scripted = window(alice)
    scripted.goto(reverse("posts:tables"))
    gallery.look(scripted, "tables")
    scripted.get_by_label("CSV file").set_input_files(data)  # type: ignore[arg-type]
    scripted.get_by_role("button", name="Show the rows").click()
    expect(scripted.get_by_text("Made before", exact=True)).to_be_visible()
    gallery.look(scripted, "table-rows")
