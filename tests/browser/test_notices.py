"""What needs a person, as they see it: on the front page, above their posts, and among notices."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from publishing.models import Delivery
from publishing.notices.sync import sync_notices
from social.models import Connection
from tests.sandbox import Sandbox

from . import scenes
from .gallery import Gallery

pytestmark = pytest.mark.browser


def test_the_pages_that_say_it(
    window: Callable[..., Page],
    gallery: Gallery,
    alice: Any,
    sandbox: Sandbox,
):
    scenes.worker_is_there()
    page = window(alice)
    page.goto(reverse("notices:list"))
    expect(page.get_by_role("heading", name="Nothing needs you")).to_be_visible()
    scenes.trouble(alice, sandbox)
    page.goto(reverse("posts:compose"))
    page.get_by_role("link", name="More than 3 things need you").wait_for()
    gallery.look(page, "compose-needs-you")
    page.goto(reverse("posts:list"))
    expect(page.get_by_role("heading", name="Needs you")).to_be_visible()
    gallery.look(page, "posts-needs-you")
    page.goto(reverse("notices:list"))
    page.locator("summary", has_text="Look and settle it").first.click()
    gallery.look(page, "notices")


def test_a_person_settles_what_needs_them_where_they_read_it(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    x = scenes.connect_all(alice, sandbox)["Alice Example"]
    posts = {state: scenes.post_in(alice, x, state) for state in ("held", "unconfirmed")}
    sync_notices()
    page = window(alice, java_script_enabled=False)
    page.goto(reverse("posts:list"))
    bell = page.get_by_role("link", name="Notices 2 new")
    expect(bell).to_be_visible()
    page.get_by_role("button", name="Send now").click()
    expect(page).to_have_url(f"{page.url.split('/posts/')[0]}/posts/")
    expect(page.get_by_text("Too late for")).to_have_count(0)
    page.get_by_text("Look and settle it").click()
    page.get_by_role("button", name="Drop it").click()
    expect(page.get_by_role("heading", name="Needs you")).to_have_count(0)
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    assert posts["held"].deliveries.get().state == "queued"
    assert posts["unconfirmed"].deliveries.get().state == "canceled"


def test_the_bell_is_quiet_once_it_was_answered_and_notices_are_dismissed(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    x = scenes.connect_all(alice, sandbox)["Alice Example"]
    for _ in range(2):
        scenes.post_in(alice, x, "failed")
    Delivery.objects.update(finished_at=timezone.now())
    Connection.objects.filter(network_name="facebook").update(blocked_reason="token_dead")
    sync_notices()
    page = window(alice, width=390)
    page.goto(reverse("posts:list"))
    page.get_by_role("link", name="Notices 3 new").click()
    expect(page.locator(".badge", has_text="New")).to_have_count(3)
    page.reload()
    expect(page.locator(".badge", has_text="New")).to_have_count(0)
    expect(page.get_by_role("link", name="Notices", exact=True)).to_be_visible()
    page.get_by_role(
        "button", name="Dismiss the notice: Not sent to Alice Example on X"
    ).first.click()
    expect(page.get_by_role("heading", name="Earlier")).to_be_visible()
    page.get_by_role("button", name="Dismiss all").click()
    expect(page.get_by_role("button", name="Dismiss the notice")).to_have_count(0)
    expect(page.get_by_role("button", name="Reconnect Facebook")).to_be_visible()
