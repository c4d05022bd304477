"""A first comment: written beside its post, and allowed at Facebook when it is first wanted."""

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .steps import SOON, connect_facebook, write

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS", "")  # a folder, for whoever wants to look


def shoot(page: Page, name: str) -> None:
    for width in (1280, 390) if SHOTS else ():
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)


def test_a_first_comment_is_allowed_once_it_is_wanted(
    window: Callable[..., Page], start_worker: Callable[..., Any], site: str, alice: Any
):
    page = window(alice)
    start_worker()
    page.goto("/channels/")
    connect_facebook(page)
    page.get_by_role("button", name="Use these Pages").click(timeout=SOON)
    expect(page.get_by_text("Alice's Bakery").first).to_be_visible()
    write(page, "Rye: https://a.example and https://b.example", "Alice's Bakery")
    comment = page.locator("[name=extra_facebook_comment]")
    comment.evaluate("field => field.closest('details')?.setAttribute('open', '')")
    comment.fill("More of it tomorrow.")
    card = page.locator("[name=extra_facebook_link]")
    expect(card.locator("option")).to_have_count(4, timeout=SOON)
    card.select_option("https://b.example")
    expect(card).to_have_value("https://b.example")
    shoot(page, "composer")
    page.get_by_role("button", name="Publish").click()
    failed = page.get_by_text("Sent. The first comment failed")
    expect(failed).to_be_visible(timeout=SOON)
    expect(page.locator(".deliveries .chip").first).to_have_text("Sent")
    shoot(page, "failed")
    page.get_by_role("button", name="Allow comments at Facebook").click()
    page.get_by_role("radio", name=re.compile("Alice")).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("The first comment is there.")).to_be_visible(timeout=SOON)
    expect(failed).to_have_count(0)
    shoot(page, "there")
