"""Everything a person needs works with JavaScript off."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.people import PASSWORD
from tests.sandbox import Sandbox

from . import scenes
from .steps import SOON, connect_facebook, connect_x, decide, delivery, expect_state, publish, write

pytestmark = pytest.mark.browser
X, BAKERY = "Alice Example", "Alice's Bakery"


def test_from_signing_in_to_the_answer(
    window: Callable[..., Page], alice: Any, worker: Any, sandbox: Sandbox
):
    page = window(java_script_enabled=False)
    page.goto("/accounts/login/")
    page.get_by_label("E-mail or user name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Connect a channel").click()
    connect_x(page)
    connect_facebook(page)
    use = page.get_by_role("button", name="Use these Pages")
    while not use.is_visible():
        page.goto("/channels/")
    use.click()
    expect(page.get_by_text("Works")).to_have_count(3)
    publish(page, "Without scripts", X, BAKERY)
    expect_state(page, X, "Sent")  # by the refresh that stands in <noscript>
    expect_state(page, BAKERY, "Sent")
    sandbox.change("visibility_lag", ms=3_600_000)  # nothing to be seen for now
    sandbox.arm("x.503.after")
    publish(page, "In doubt", X)
    page.wait_for_timeout(1000)
    page.reload()  # rather than wait for the next refresh
    expect_state(page, X, "Checking")
    decide(page, X)
    page.get_by_label("It is there: paste its link").fill(sandbox.truth("x")[0]["id"])
    page.get_by_role("button", name="It is there").click()
    expect_state(page, X, "Sent")
    page.goto("/channels/")
    page.get_by_role("button", name=f"Pause {X}").click()
    expect(page.get_by_text("Paused")).to_be_visible()
    assert len(sandbox.truth("x")) == 2


def test_editing_a_post_for_later(window: Callable[..., Page], alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice, java_script_enabled=False)
    write(page, "Bread " * 60, X)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert")).to_contain_text("Too long for X")
    page.get_by_label("Your post").fill("Later")
    page.get_by_label("At a time").check()
    later = timezone.now() + timedelta(days=2)
    page.get_by_label("Date and time").fill(f"{later:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Schedule").click()
    expect_state(page, X, "Scheduled")
    page.get_by_role("link", name="Edit or move").click()
    page.get_by_label("Your post").fill("Later still")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".post-text")).to_have_text("Later still")
    page.get_by_role("button", name="Cancel this post").click()
    expect(delivery(page, X).locator(".chip")).to_have_text("Canceled", timeout=SOON)
