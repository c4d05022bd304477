"""From connecting to the next post: everything that was there is read back, counted and used."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import Locator, Page, expect

from importing.models import ImportRun
from tests.sandbox import Sandbox

from .steps import SOON, connect_x, expect_state

pytestmark = pytest.mark.browser
QUICKLY = 0.2  # of all delays
SOME_READ = re.compile(r"[1-9][\d,]* of 3,200 read|3,200 items")  # it may be quick


def lane(page: Page, word: str) -> Locator:
    return page.locator(".lane", has_text=word)


def until_shown(page: Page, url: str, text: str) -> Locator:
    """Look again until the jobs have done it."""
    for _ in range(60):
        page.goto(url)
        if page.get_by_text(text).count():
            return page.get_by_text(text)
        page.wait_for_timeout(250)
    raise AssertionError(f"{text!r} does not appear on {url}")


def test_what_was_said_before_is_read_counted_and_said_again(
    window: Callable[..., Page],
    start_worker: Callable[..., Any],
    sandbox: Sandbox,
    site: str,
    alice: Any,
    settings: Any,
):
    settings.TIME_SCALE, settings.IMPORT_AT_ONCE = QUICKLY, ["post"]
    sandbox.call("POST", "/reset", json={"fixture": "large"})
    sandbox.allow(site)
    page = window(alice)
    page.goto("/channels/")
    connect_x(page)
    page.goto("/imports/")
    expect(page.get_by_role("progressbar")).to_be_visible()
    start_worker(TIME_SCALE=str(QUICKLY))
    expect(lane(page, "Your own posts")).to_contain_text(SOME_READ, timeout=2 * SOON)
    expect(lane(page, "Your own posts")).to_contain_text("3,200 items", timeout=2 * SOON)
    expect(lane(page, "Your own posts").locator(".chip")).to_have_text("Up to date", timeout=SOON)
    for word, number in (("What you liked", "500"), ("Whom you follow", "1,000")):
        page.get_by_text("Import more").click()
        page.get_by_role("button", name=f"Import {word.lower()}").click()
        expect(lane(page, word)).to_contain_text(f"{number} items", timeout=2 * SOON)
    until_shown(page, "/numbers/", "4,700")

    read_again(page, "0 new, 0 changed")
    first = sandbox.truth("x", account="alice", origin=None)[0]
    sandbox.call("POST", "/posts", json={"edit": first["id"], "text": "Rye is out."})
    for text in ("Plum cake at ten.", "Plum cake is gone."):
        sandbox.call("POST", "/posts", json={"network": "x", "account": "alice", "text": text})
    read_again(page, "2 new, 1 changed")

    until_shown(page, "/suggestions/", "Most of your posts go out between")
    page.get_by_role("listitem").filter(has_text="usual hour").get_by_role("button").first.click()
    expect(page.get_by_label("At a time")).to_be_checked()
    page.get_by_label("Now").check()
    page.get_by_label("Your post").fill("Fresh from an old habit.")
    page.get_by_role("button", name="Publish").click()
    expect_state(page, "Alice", "Sent")


def read_again(page: Page, found: str) -> None:
    """A minute after the last time: sooner nobody may ask."""
    ImportRun.objects.update(created_at=F("created_at") - timedelta(minutes=1))
    page.goto("/imports/")
    lane(page, "Your own posts").get_by_role("button", name="Import now").click()
    expect(lane(page, "Your own posts")).to_contain_text(found, timeout=SOON)
