"""Letting go of drafts that nobody can want any more: a few at a time, so that nobody waits."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from publishing.models import Draft, DraftVersion

KEEP_TRASH = timedelta(days=30)
KEEP_VERSIONS = timedelta(days=90)
KEEP_TOMBSTONES = timedelta(days=30)  # no page saves as late as that
DRAFTS_PER_BATCH, BATCHES_PER_RUN = 200, 50


def prune_drafts() -> None:
    """Empty the trash, and forget old versions and what was published long ago. Pictures of these
    are on their own again, and go as such do. What was published keeps the words that another
    window had, for as long as versions are kept."""
    now = timezone.now()
    delete(DraftVersion.objects.filter(created_at__lt=now - KEEP_VERSIONS))
    delete(Draft.objects.trashed().filter(trashed_at__lt=now - KEEP_TRASH))
    old = Draft.objects.tombstones().filter(changed_at__lt=now - KEEP_TOMBSTONES)
    delete(old.filter(versions=None))


def delete(rows: models.QuerySet) -> None:
    """In batches, each of which looks again: one may have been restored meanwhile."""
    for _batch in range(BATCHES_PER_RUN):
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[:DRAFTS_PER_BATCH])
        if not pks:
            return
        rows.filter(pk__in=pks).delete()
