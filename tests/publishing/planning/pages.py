"""A composer's page, as its script and its buttons ask."""

import uuid
from typing import Any

JSON = {"HTTP_ACCEPT": "application/json"}


class Composer:
    """One page: it knows its draft's id and the revision that it has."""

    def __init__(self, browser: Any, draft_id: Any = None, revision: int = 0) -> None:
        self.browser, self.id = browser, str(draft_id or uuid.uuid4())
        self.revision = revision
        self.address = f"/drafts/{self.id}/"

    def fields(self, text: str, **more: Any) -> dict[str, Any]:
        return {"text": text, "submit_key": self.id, "revision": self.revision, **more}

    def save(self, text: str, **more: Any) -> Any:
        """As the script saves; it learns from the answer."""
        answer = self.browser.post(self.address, self.fields(text, **more), **JSON)
        if answer.status_code == 200:
            self.revision = answer.json()["revision"]
        return answer

    def press(self, text: str, **more: Any) -> Any:
        """The button for people without script."""
        return self.browser.post(self.address, self.fields(text, **more))

    def publish(self, text: str, channels: Any, **more: Any) -> Any:
        chosen = {"channels": [channel.pk for channel in channels], "when": "now"}
        return self.browser.post("/posts/", self.fields(text, **{**chosen, **more}))
