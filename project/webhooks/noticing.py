"""Who is told that a webhook of theirs was switched off because nothing got through: by a notice,
until it is switched on again, or deleted."""

from django.db.models import F

from publishing.models import Notice
from publishing.notices.kinds import WEBHOOK_OFF
from publishing.notices.sync import Cause, sync

from .models import FAILING_FOR, Webhook


def sync_webhook_notices() -> None:
    """All of everybody's. What its person switched off themselves has not failed for so long."""
    off = Webhook.objects.filter(
        disabled_at__gt=F("failing_since") + FAILING_FOR, user__is_active=True
    )
    causes = [
        Cause(user_id=user_id, kind=WEBHOOK_OFF, about=str(public_id), count=1)
        for user_id, public_id in off.values_list("user_id", "public_id")
    ]
    sync(causes, Notice.objects.open().filter(kind=WEBHOOK_OFF))
