"""Somebody who writes in a tab, and what stood there when."""

import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from playwright.sync_api import Page

from publishing.models import Draft

LETTERS = "abcdefghijklmnopqrstuvwxyz     ,.äß😀👩‍👩‍👧é"
SAFE_SECONDS = 2.0  # what is older may never be lost
MOST_LETTERS = 200  # of a post: the network takes 280, and counts some twice


@dataclass
class Desk:
    """A tab with a composer."""

    page: Page
    random: Random
    text: str = ""
    # (when, what stood there then)
    history: list[tuple[float, str]] = field(default_factory=list)

    def open(self, path: str = "/posts/new/") -> None:
        self.page.goto(path)
        self.settle()

    def settle(self) -> None:
        """Until what this browser had kept is back."""
        self.page.locator("form.composer[data-ready] textarea[name=text]").wait_for()

    def shown(self) -> str:
        return self.page.locator("textarea[name=text]").input_value()

    @property
    def draft_id(self) -> str:
        return self.page.locator("[name=submit_key]").input_value()

    def begin(self, mark: str) -> None:
        self.type(mark + " ")

    def write(self, seconds: float) -> None:
        """Type for a while, now quickly, now slowly, with pauses of somebody who thinks."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.type("".join(self.random.choices(LETTERS, k=self.random.randint(1, 6))))
            pause = self.random.choice((0.02, 0.05, 0.1, 0.3, 1.2))
            self.page.wait_for_timeout(1000 * min(pause, max(0.0, until - time.monotonic())))

    def type(self, letters: str) -> None:
        place = self.page.locator("textarea[name=text]")
        place.press("Control+End")
        self.page.keyboard.insert_text(letters)
        self.text += letters
        self.history.append((time.monotonic(), self.text))

    def safe(self, moment: float) -> str:
        """What had stood there for two seconds at `moment`."""
        old = [text for at, text in self.history if at <= moment - SAFE_SECONDS]
        return old[-1] if old else ""

    def is_saved(self) -> bool:
        """Where a save of the page that was left came after this one had loaded, both are shown."""
        mine = self.page.locator("#conflict [name=use][value=mine]")
        if mine.count():
            mine.click()
        return self.text in texts_at_server(self.draft_id)

    def publish(self) -> None:
        if len(self.text) > MOST_LETTERS:  # half a minute's
            self.text = self.text[:MOST_LETTERS].rstrip()
            self.page.locator("textarea[name=text]").fill(self.text)
            self.history = [(time.monotonic(), self.text)]
        self.page.locator("form.composer .actions .primary").click()


def texts_at_server(draft_id: str) -> list[str]:
    """Of a draft and of its versions."""
    draft = Draft.objects.filter(public_id=draft_id).first()
    if draft is None:
        return []
    rows: list[Any] = [draft, *draft.versions.all()]
    return [row.fields.get("text", [""])[0] for row in rows]
