"""What happens to a page that nobody planned."""

from collections.abc import Callable

from playwright.sync_api import Page, Route


def answering(status: int) -> Callable[[Route], None]:
    """As a proxy does that had no answer of ours, or did not ask for one."""
    return lambda route: route.fulfill(status=status, content_type="text/html", body="<h1>No")


def hide(page: Page, hidden: bool) -> None:
    """The tab goes behind another one, or comes to the front."""
    page.evaluate(
        """hidden => {
        Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
        document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
