"""Keys: single letters outside of fields, for whoever has not switched them off."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from publishing.models import Post
from tests.sandbox import Sandbox

from . import scenes
from .steps import write

pytestmark = pytest.mark.browser


def test_letters_lead_to_pages_and_a_list_says_which(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.connect_one(alice, sandbox, "x")
    page = window(alice)
    page.goto("/settings/")
    page.keyboard.press("p")
    page.wait_for_url("**/posts/")
    page.keyboard.press("Shift+?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    page.keyboard.press("n")  # what is in front is read first
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    assert page.url.endswith("/posts/")
    page.keyboard.press("Control+p")
    page.keyboard.press("n")
    page.wait_for_url("**/posts/new/")
    page.get_by_label("Your post").press_sequentially("pn?")
    expect(page.get_by_label("Your post")).to_have_value("pn?")
    expect(keys).to_be_hidden()


def test_letters_can_be_switched_off(window: Callable[..., Page], alice: Any):
    page = window(alice)
    page.goto("/settings/")
    page.get_by_label("Single letters are keys").uncheck()
    page.get_by_role("button", name="Save what keys do").click()
    expect(page.get_by_label("Single letters are keys")).not_to_be_checked()
    page.keyboard.press("p")
    page.keyboard.press("Shift+?")
    page.wait_for_timeout(100)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.url.endswith("/settings/")
    page.get_by_role("button", name="Show them").click()
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Single letters are off")


def test_control_and_enter_press_the_button(
    window: Callable[..., Page], alice: Any, sandbox: Sandbox
):
    scenes.worker_is_there()
    scenes.connect_one(alice, sandbox, "x")
    page = window(alice)
    write(page, "By keys alone.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()
    assert Post.objects.get().text == "By keys alone."
