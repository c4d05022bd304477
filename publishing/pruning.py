"""Letting go of what nobody needs any more, by the retention settings. Never of what is unfinished,
nor of the one try that says how a delivery ended."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F
from django.utils import timezone

from publishing.states import DONE

from .bulk.bulk_act import BulkAct
from .deliveries.attempt import Attempt
from .deliveries.verification import Verification
from .media.media import MediaBytes
from .reuse.tag import Tag

KEEP_DELETED_TAGS = timedelta(days=1)  # for those who think again
KEEP_BULK_ACTS = timedelta(days=30)
ROWS_PER_BATCH, BATCHES_PER_DAY = 500, 40


def prune_old() -> None:
    """Let go of old attempts, verifications and thumbnails, of tags that were deleted, and of what
    was done to many posts."""
    now = timezone.now()
    over = before(now - timedelta(days=settings.KEEP_ATTEMPTS))
    in_vain = Attempt.objects.filter(**over, remote_id="", number__lt=F("delivery__attempt"))
    delete(in_vain)
    delete(Verification.objects.filter(**over))
    delete(Tag.objects.filter(deleted_at__lt=now - KEEP_DELETED_TAGS))
    delete(BulkAct.objects.filter(created_at__lt=now - KEEP_BULK_ACTS))
    # Only of posts whose originals went before, and so of nothing that may still be sent.
    seen = now - timedelta(days=settings.KEEP_THUMBNAILS)
    delete(MediaBytes.objects.filter(media__pruned_at__lt=seen))


def before(moment: datetime) -> dict[str, object]:
    """The delivery came to its end before then."""
    return {"delivery__state__in": DONE, "delivery__finished_at__lt": moment}


def delete(rows: models.QuerySet) -> None:
    """The oldest first, a few at a time, so that nobody waits for it."""
    pks = list(rows.order_by("pk").values_list("pk", flat=True)[: ROWS_PER_BATCH * BATCHES_PER_DAY])
    for start in range(0, len(pks), ROWS_PER_BATCH):
        rows.model.objects.filter(pk__in=pks[start : start + ROWS_PER_BATCH]).delete()
