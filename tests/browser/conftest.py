"""A real Chromium before the real app: live server, sandbox process, worker processes."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.sessions import session_cookie
from tests.chromium import installed_browser
from tests.sandbox import Sandbox

from .gallery import DESKTOP, Gallery

OPTIONS = [
    "--no-sandbox",  # as root, in a container, Chromium cannot build its own
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PATIENCE = 15_000  # milliseconds
SLOWLY = 60_000  # milliseconds


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed_browser(), args=OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def site(live_server: Any, sandbox: Sandbox) -> str:
    """Fanfare's address, known to the make-believe networks."""
    sandbox.allow(live_server.url)
    return live_server.url


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    gallery = Gallery()
    yield gallery
    assert not gallery.faults, "\n".join(gallery.faults)


@pytest.fixture
def window(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Opens windows of visitors of their own: `window(alice, width=390)`. Whatever the browser
    complains about in one of them fails the test."""
    contexts, complaints = [], []

    def opened(user: Any = None, width: int = DESKTOP, **options: Any) -> Page:
        size = {"width": width, "height": 900}
        # Its CA is not this browser's: what the networks' pages show is behind TLS all the same.
        options |= {"base_url": site, "viewport": size, "ignore_https_errors": True}
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user:
            context.add_cookies([session_cookie(user, site)])
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(complaint_of(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def complaint_of(message: ConsoleMessage) -> list[str]:
    """What is wrong, by the browser's console. Not that a page of ours is a 404 or a form of ours
    came back with what is wrong in it, nor that a person left a page before its counter had
    answered."""
    is_the_page = message.location["url"] == message.page.url
    is_a_form = re.search("status of (400|409|410) ", message.text)
    refused = (is_the_page or is_a_form) and message.text.startswith("Failed to load resource")
    left = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
    if message.type in ("error", "warning") and not (refused or left):
        return [f"{message.page.url}: {message.text}"]
    return []


@pytest.fixture
def patient() -> Iterator[None]:
    expect.set_options(timeout=SLOWLY)
    yield
    expect.set_options(timeout=5000)  # as it was


@pytest.fixture
def hers(browser: Browser, site: str, alice: Any) -> Iterator[BrowserContext]:
    """Alice's own browser; that its console complains of a cut wire is no fault of a page."""
    size = {"width": DESKTOP, "height": 900}
    context = browser.new_context(base_url=site, viewport=size, ignore_https_errors=True)
    context.set_default_timeout(SLOWLY)
    context.add_cookies([session_cookie(alice, site)])
    yield context
    context.close()
