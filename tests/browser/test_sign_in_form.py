"""Connecting where people sign in by a form of ours."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from social.models import Connection

from .gallery import Gallery

pytestmark = pytest.mark.browser


def test_somebody_connects_by_typing_their_server_name_and_password(
    window: Callable[..., Page], gallery: Gallery, alice: Any, pond: Any
):
    page = window(alice)
    page.goto("/channels/")
    page.get_by_role("link", name="Connect Pond").click()
    gallery.look(page, "connect-by-form")
    page.get_by_label("Server").fill("green.example")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("rose")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Pond (green.example) did not accept that.")).to_be_visible()
    expect(page.get_by_label("Server")).to_have_value("green.example")
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_label("Password").fill("lily")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("Pond is connected.")).to_be_visible()
    assert Connection.objects.get().handle == "ada@green.example"
    Connection.objects.get().mark_lost("token_dead")
    page.reload()
    page.get_by_role("link", name="Reconnect").click()
    expect(page.get_by_label("Server")).to_have_value("green.example")
