"""What workers do for this room."""

from . import delivering
from .models import WebhookEvent


def call_webhook(webhook_id: int) -> None:
    delivering.call_webhook(webhook_id)


def sweep_webhooks() -> None:
    delivering.sweep_webhooks()


def prune_webhook_events() -> None:
    WebhookEvent.objects.prune()
