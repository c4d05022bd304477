"""Webhooks of a crowd, made inside Django: `python -m benchmarks.crowd.webhooks COMMAND …`.

add http://127.0.0.1:9000   each person of the crowd has a webhook at …/0, …/1, …; prints secrets
switch off|on               none of them is told anything, or all are
hours_pass                  what is to be tried later is tried now; prints how many still wait
told                        prints the id of every message that there is, and how it ended
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.utils import timezone  # noqa: E402

from project.webhooks.models import Webhook, WebhookEvent  # noqa: E402
from project.webhooks.tasks import sweep_webhooks  # noqa: E402


def main(command: str, *given: str) -> None:
    {"add": add, "switch": switch, "hours_pass": hours_pass, "told": told}[command](*given)


def add(address: str) -> None:
    people = get_user_model().objects.filter(username__startswith="crowd").order_by("pk")
    secrets = []
    for number, user in enumerate(people):
        webhook = Webhook(user=user, url=f"{address}/{number}")
        webhook.draw_secret()
        webhook.save()
        secrets.append(webhook.secret)
    print(json.dumps(secrets))


def switch(to: str) -> None:
    Webhook.objects.update(disabled_at=None if to == "on" else timezone.now())


def hours_pass() -> None:
    now = timezone.now()
    waiting = WebhookEvent.objects.pending().exclude(webhook__disabled_at__isnull=False)
    print(waiting.count())
    Webhook.objects.update(paused_until=None, lease_until=None)
    waiting.update(next_try_at=now)
    for webhook in Webhook.objects.filter(events__in=waiting).distinct():
        webhook.call_later()
    sweep_webhooks()


def told() -> None:
    rows = WebhookEvent.objects.all()
    print(json.dumps([(row.message_id, row.state, row.kind) for row in rows]))


if __name__ == "__main__":
    main(*sys.argv[1:])
