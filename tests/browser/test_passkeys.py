"""A passkey, by Chromium's make-believe key: added, used instead of the password and after it."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import BrowserContext, Page, expect

from tests.people import PASSWORD

from .gallery import Gallery

pytestmark = pytest.mark.browser
KEY = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
KEY |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}


def with_key(page: Page) -> Any:
    """The browser's other end, and its key."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    made = wire.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return wire, made["authenticatorId"]


def show_it_is_you(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_a_passkey_is_added_and_lets_in(hers: BrowserContext, alice: Any, gallery: Gallery):
    page = hers.new_page()
    wire, key = with_key(page)
    page.goto("/settings/")
    page.get_by_role("link", name="Change your second step").click()
    gallery.look(page, "second-step-none")
    page.get_by_role("link", name="Add a passkey").click()
    show_it_is_you(page)
    gallery.look(page, "passkey-add")
    page.get_by_label("Its name, for you").fill("My laptop")
    page.get_by_label("Sign in with it alone, without the password").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    gallery.look(page, "recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    gallery.look(page, "second-step")
    hers.clear_cookies()
    page.goto("/accounts/login/?next=/settings/")
    gallery.look(page, "sign-in-with-passkeys")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    hers.clear_cookies()
    page.goto("/accounts/login/?next=/settings/")
    page.get_by_label("E-mail or user name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Your second step")).to_be_visible()
    gallery.look(page, "second-step-asked")
    wire.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    wire.send("WebAuthn.setAutomaticPresenceSimulation", {"authenticatorId": key, "enabled": True})
    wire.send("WebAuthn.clearCredentials", {"authenticatorId": key})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("No passkey came of it.")).to_be_visible()
    gallery.look(page, "passkey-refused")


def test_passkeys_are_renamed_and_removed(
    window: Callable[..., Page], alice: Any, gallery: Gallery
):
    page = window(alice)
    with_key(page)
    page.goto("/accounts/second-step/webauthn/add/")
    show_it_is_you(page)
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Change your passkeys").click()
    page.get_by_role("link", name="Rename Passkey 1").click()
    page.get_by_label("Its name, for you").fill("<b>Phone</b>")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("<b>Phone</b>", exact=True).first).to_be_visible()
    gallery.look(page, "passkeys")
    page.get_by_role("link", name="Remove <b>Phone</b>").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert not Authenticator.objects.exists()
