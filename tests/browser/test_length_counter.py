"""The counter in the page and the check at publishing agree, whatever is written."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from playwright.sync_api import Page, expect

from publishing.posts.contents import check_content, tidy
from tests.sandbox import Sandbox

from . import scenes

pytestmark = pytest.mark.browser
CASES = {  # what X weighs
    "Hello": 5,
    "a" * 280: 280,
    "a" * 281: 281,
    "https://example.com/a": 23,
    "see https://example.com/" + "long/" * 60 + " there": 33,
    "example.com and https://a.example/?q=1#x": 23 + 5 + 24,  # .example is no real end
    "日本語": 6,
    "漢" * 140: 280,
    "漢" * 141: 282,
    "👍": 2,
    "👍🏽": 2,
    "🇩🇪": 2,
    "👨‍👩‍👧‍👦": 2,
    "👨‍👩‍👧‍👦" * 140: 280,
    "👨‍👩‍👧‍👦" * 141: 282,
    "❤️ and 1️⃣": 9,
    "é": 1,
    "e\u0301": 1,
    "one\ntwo": 7,
    "one\r\ntwo": 7,
    "  spaces at the ends  ": 18,
    "صباح الخير": 10,
    "“quotes” — and … dashes": 24,
    "@alice #bread $BRD": 18,
    "<b>& &amp;</b>": 14,
}


def test_they_agree_on_every_case(window: Callable[..., Page], alice: Any, sandbox: Sandbox):
    scenes.worker_is_there()
    channels = list(scenes.connect_all(alice, sandbox).values())
    page = window(alice)
    page.goto("/posts/new/")
    x = page.locator(".counter[data-network=X]")
    differing = {}
    for text in CASES:
        with page.expect_response("**/posts/lengths/"):
            page.get_by_label("Your post").fill(text)
        expect(page.locator(".htmx-request, .htmx-settling")).to_have_count(0)
        shown = int(x.locator("output").inner_text().replace(",", ""))
        server = fits(text, [channel for channel in channels if channel.network_name == "x"])
        if shown != CASES[text] or ("too long" in x.inner_text()) == server:
            differing[text] = (shown, CASES[text], server)
    assert not differing


def fits(text: str, channels: list[Any]) -> bool:
    try:
        check_content(tidy(text), channels, {})
    except ValidationError:
        return False
    return True


def test_it_speaks_in_thousands_and_follows_the_channels(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_all(alice, sandbox)
    page = window(alice)
    page.goto("/posts/new/")
    page.get_by_label("Your post").fill("Bread. " * 900)
    facebook = page.locator(".counter[data-network=Facebook]")
    expect(facebook).to_contain_text("Facebook: 6,299 of 63,206")
    page.get_by_label("Alice Example").uncheck()
    expect(page.locator(".counter")).to_have_count(1)
    page.locator(".text-tabs > label", has_text="X").click()
    page.get_by_label("Alice Example").check()
    page.get_by_label("For X").fill("Short")
    expect(page.locator(".counter[data-network=X]")).to_contain_text("X: 5 of 280")
