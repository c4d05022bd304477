"""What goes in and out of webhooks."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from project.webhooks.models import ADDRESS_CHARACTERS

from .schemas import EXAMPLE_ID, example, strict

SHOWN_WEBHOOK: dict[str, Any] = {
    "id": EXAMPLE_ID,
    "url": "https://example.org/fanfare",
    "is_on": True,
    "failing_since": None,
    "succeeded_at": "2027-03-01T07:31:00Z",
    "created_at": "2027-02-27T10:00:00Z",
}


class WebhookIn(Schema):
    """Whom to tell."""

    model_config = strict(url="https://example.org/fanfare")

    url: str = Field(max_length=ADDRESS_CHARACTERS)


class WebhookSwitch(Schema):
    """Whether it is told."""

    model_config = strict(is_on=False)

    is_on: bool


class WebhookOut(Schema):
    """An address that is told what became of each post."""

    model_config = example(**SHOWN_WEBHOOK)

    id: UUID
    url: str
    is_on: bool
    failing_since: datetime | None
    succeeded_at: datetime | None
    created_at: datetime


class WebhookSecretOut(WebhookOut):
    """The same with its secret, which is told this once: the answer to a repeat has none."""

    model_config = example(**SHOWN_WEBHOOK | {"secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"})

    secret: str | None = None


class WebhooksOut(Schema):
    items: list[WebhookOut]
    next: None = Field(None, description="All of them come at once.")


class WebhookEventOut(Schema):
    """One message, and how telling it went."""

    model_config = example(
        id="msg_7f9c2ba4e88f4d6a9f5c3f1f0d6b8a11",
        event=EXAMPLE_ID,
        type="delivery.sent",
        sequence=42,
        occurred_at="2027-03-01T07:31:00Z",
        state="delivered",
        tries=1,
        next_try_at=None,
        status=204,
        answer="",
        data={},
    )

    id: str = Field(description="As its receiver knows it: webhook-id.")
    event: UUID = Field(description="As its address has it.")
    type: str
    sequence: int
    occurred_at: datetime
    state: Literal["pending", "delivered", "given up"]
    tries: int
    next_try_at: datetime | None
    status: int | None = Field(description="Of the last answer.")
    answer: str
    data: dict[str, Any]


class WebhookEventsOut(Schema):
    items: list[WebhookEventOut]
    next: str | None


class ReplayedOut(Schema):
    """How many messages are told once more."""

    model_config = example(count=3)

    count: int
