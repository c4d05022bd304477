"""Every page, as a person sees it: light and dark, desktop and phone, and through axe's eyes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.environment import DIRECTORY
from tests.project.test_accounts_pages import ANONYMOUS, SIGNED_IN
from tests.sandbox import Sandbox

from . import scenes
from .conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
PICTURES = DIRECTORY / "screenshots"
NARROW = 320
HEIGHT = 900


def examine(page: Page, name: str, pictures: Path = PICTURES) -> None:
    """What stands in the window now: no fault that axe knows, nothing to scroll sideways."""
    pictures.mkdir(exist_ok=True)
    for scheme, width in (("light", DESKTOP), ("dark", PHONE), ("light", PHONE), ("dark", DESKTOP)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png", full_page=True)
        found = Axe().run(page)
        assert not found.violations_count, f"{name} {width} {scheme}: {found.generate_report()}"
        assert_nothing_sticks_out(page, name)
    page.set_viewport_size({"width": NARROW, "height": HEIGHT})
    assert_nothing_sticks_out(page, name)


def assert_nothing_sticks_out(page: Page, name: str) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px at {page.viewport_size['width']}"


def named(url: str) -> str:
    return url.strip("/").partition("?")[0].replace("/", "-") or "landing"


def test_pages_for_strangers(window: Callable[..., Page]):
    page = window()
    for url in ANONYMOUS:
        page.goto(url)
        examine(page, named(url))


def test_pages_for_people(window: Callable[..., Page], alice: Any):
    page = window(alice)
    for url in SIGNED_IN:
        page.goto(url)
        examine(page, named(url))
