"""Sending what is due to one webhook: one worker at a time, the message that waits longest first.

A message that alone fails holds up no other. Where several fail one after the other it is the
receiver: then one message is tried at a time, and the rest waits for it to succeed."""

from django.db.models import Min

from social.timing import Window, ago

from .calling import call
from .events import write_post_done
from .models import Webhook, WebhookEvent
from .noticing import sync_webhook_notices

RUN_SECONDS = 25.0  # of one job; what is left is the next one's
WEBHOOK_FORGOTTEN_SECONDS = 60


def call_webhook(webhook_id: int) -> None:
    """Send what is due, unless somebody does; whoever does looks again when they are done."""
    webhook = Webhook.objects.filter(pk=webhook_id).select_related("user").first()
    window = Window(RUN_SECONDS)
    while webhook is not None and webhook.claim():
        try:
            is_done = send_due(webhook, window)
        finally:
            webhook.release()
        if not is_done or not webhook.events.due().exists():
            plan_next(webhook)
            return


def send_due(webhook: Webhook, window: Window) -> bool:
    """Whether all that was due was tried. False: enough for this time."""
    while window.left and webhook.renew():
        event = webhook.events.due().order_by("next_try_at", "pk").first()
        if event is None:
            return True
        event.webhook = webhook
        if event.begin_try() and not tell(event) and webhook.is_failing:
            return False
    return False


def tell(event: WebhookEvent) -> bool:
    """One try, and what became of it."""
    webhook, answer = event.webhook, call(event)
    if answer.is_yes:
        event.note_delivered(answer.status or 0, answer.words)
        webhook.note_success()
        write_post_done(event)
        return True
    event.note_failed(answer.status, answer.words, answer.wait_seconds)
    webhook.note_failure()
    if answer.is_gone:
        webhook.disable()
    return False


def plan_next(webhook: Webhook) -> None:
    """Queue the next call, when something is pending: as soon as it is due and may be sent."""
    at = webhook.events.pending().aggregate(at=Min("next_try_at"))["at"]
    if at is not None and webhook.disabled_at is None:
        webhook.call_later(max(at, webhook.paused_until or at))


def sweep_webhooks() -> None:
    """Queue what was forgotten: due for a while, and nobody calls. Say what was switched off."""
    forgotten = WebhookEvent.objects.pending().filter(
        next_try_at__lt=ago(WEBHOOK_FORGOTTEN_SECONDS)
    )
    for webhook in Webhook.objects.callable().filter(pk__in=forgotten.values("webhook_id")):
        webhook.call_later()
    sync_webhook_notices()
