"""What a person does in the browser, one step a function."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.people import PASSWORD

SOON = 20_000  # milliseconds, in which a worker has done its work


def sign_up(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign up").or_(
        page.get_by_role("link", name="Set up your account")
    ).first.click()
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password, once more").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("E-mail or user name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def connect_x(page: Page, button: str = "Connect X") -> None:
    page.get_by_role("button", name=re.compile(f"^{button}")).first.click()
    page.get_by_role("radio", name=re.compile("Alice")).check()
    page.get_by_role("button", name="Authorize").click()
    expect(page.get_by_role("heading", name="Channels")).to_be_visible()


def connect_facebook(page: Page, without: tuple[str, ...] = ()) -> None:
    """Allow every Page but these."""
    page.get_by_role("button", name="Connect Facebook").click()
    page.get_by_role("radio", name=re.compile("Alice")).check()
    for name in without:
        page.get_by_role("checkbox", name=re.compile(name)).locator("visible=true").uncheck()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Channels")).to_be_visible()


def write(page: Page, text: str, *channels: str) -> None:
    """Fill the composer in; with `channels`, only these."""
    page.goto("/posts/new/")
    page.get_by_label("Your post").fill(text)
    if channels:
        for label in page.locator("#channels label").all():
            label.set_checked(any(name in label.inner_text() for name in channels))


def publish(page: Page, text: str, *channels: str) -> None:
    write(page, text, *channels)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Where it goes")).to_be_visible()


def delivery(page: Page, name: str) -> Locator:
    return page.locator(".deliveries > li", has_text=name)


def decide(page: Page, name: str) -> None:
    """Open what a person can do while we are still looking."""
    delivery(page, name).get_by_text("Decide it yourself").click()


def expect_state(page: Page, name: str, word: str, why: str = "") -> None:
    expect(delivery(page, name).locator(".chip")).to_have_text(word, timeout=SOON)
    expect(delivery(page, name)).to_contain_text(why)
