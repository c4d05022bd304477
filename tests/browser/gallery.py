"""Looking at a page in all its looks: light and dark, desktop and phone, and through axe's eyes."""

import os
import tempfile
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.db import connection
from playwright.sync_api import Page

DESKTOP, PHONE = 1280, 390
NARROW, HEIGHT = 320, 900
# One step after the other changes only colours or only the width.
ALL_LOOKS = [("light", DESKTOP), ("dark", DESKTOP), ("dark", PHONE), ("light", PHONE)]
# Every colour and every width, but not every pair: LOOKS=all sees those, and takes pictures.
THOROUGH = os.environ.get("LOOKS") == "all"
LOOKS = ALL_LOOKS if THOROUGH else ALL_LOOKS[::2]
# Only what is wrong comes back: most of the time went into telling what is right.
AXE = 'axe.run({resultTypes: ["violations"]}).then(({violations}) => ({violations}))'


class Gallery:
    """Looks at pages, keeps their pictures and collects what is wrong with them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.gettempdir()) / f"fanfare-screenshots-{connection.vendor}"
        self.folder.mkdir(exist_ok=True)
        self.faults: list[str] = []

    def look(self, page: Page, name: str) -> None:
        page.evaluate(AXE_SCRIPT)
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if THOROUGH:
                self.picture(page, f"{name}-{width}-{scheme}")
            self.measure(page, name)
            found = AxeResults(page.evaluate(AXE))
            if found.violations_count:
                self.faults.append(f"{name} {width} {scheme}: {found.generate_report()}")
        page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        self.measure(page, name)
        page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})

    def picture(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)

    def measure(self, page: Page, name: str) -> None:
        """Nothing to scroll sideways."""
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            self.faults.append(f"{name} sticks out by {wide} px at {page.viewport_size['width']}")
