"""What Facebook was not asked for when it was connected is asked for there when it is wanted."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .steps import SOON, connect_facebook

pytestmark = pytest.mark.browser


def test_what_somebody_liked_is_read_once_they_allow_it(
    window: Callable[..., Page], start_worker: Callable[..., Any], site: str, alice: Any
):
    page = window(alice)
    start_worker()
    page.goto("/channels/")
    connect_facebook(page)
    page.get_by_role("button", name="Use these Pages").click(timeout=SOON)
    expect(page.get_by_text("Alice's Bakery").first).to_be_visible()
    want_likes(page)
    page.get_by_role("radio", name=re.compile("Alice")).check()
    refused = page.get_by_role("checkbox", name=re.compile("user_likes"))
    refused.locator("visible=true").uncheck()
    page.get_by_role("button", name="Continue").click()
    again = page.get_by_role("button", name="Allow it at Facebook")
    expect_on_imports(page, again)
    again.click()
    page.get_by_role("radio", name=re.compile("Alice")).check()
    page.get_by_role("button", name="Continue").click()
    expect_on_imports(page, page.get_by_text("2 items"))
    expect(again).to_have_count(0)


def want_likes(page: Page) -> None:
    page.goto("/imports/")
    page.get_by_role("button", name="Import what you liked").click()


def expect_on_imports(page: Page, wanted: Any) -> None:
    expect(page.get_by_role("heading", name="Imports", exact=True)).to_be_visible()
    expect(wanted.first).to_be_visible(timeout=SOON)
