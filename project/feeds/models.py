"""The rows of this room: which feeds somebody reads, and what was seen in each."""

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext

from social.exporting import ExportPart
from social.jobs import enqueue
from social.people import AnyUser
from social.timing import from_now

FEEDS_PER_USER = 20
FEED_ADDRESS_CHARACTERS = 500
TITLE_CHARACTERS = 200
READ_EVERY_SECONDS = 3_600
LONGEST_READING_PAUSE_SECONDS = 24 * 3_600  # between two readings of a feed that cannot be read
STARTED_AT_A_TIME = 500
ENTRIES_KEPT_FOR = timedelta(days=90)  # that were seen, and are in their feed no more
NOT_THERE, NO_FEED = "not there", "no feed"


class FeedQuerySet(models.QuerySet["Feed"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def due(self) -> Self:
        return self.filter(next_read_at__lte=timezone.now(), user__is_active=True)

    def start_due(self) -> None:
        """Queue the reading of what is due."""
        for feed in self.due().order_by("next_read_at")[:STARTED_AT_A_TIME]:
            feed.read_later()


class Feed(models.Model):
    """An address whose new entries become drafts of its user."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feeds"
    )
    url = models.CharField(max_length=FEED_ADDRESS_CHARACTERS)
    title = models.CharField(max_length=TITLE_CHARACTERS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    next_read_at = models.DateTimeField(default=timezone.now, db_index=True)
    read_at = models.DateTimeField(null=True, blank=True)  # last, and it could be read
    failures = models.PositiveIntegerField(default=0)  # in a row
    trouble = models.CharField(max_length=20, blank=True)

    objects = FeedQuerySet.as_manager()
    export = ExportPart("feeds", "public_id url title created_at read_at trouble")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["user", "url"], name="feed_once_an_address")]

    def __str__(self) -> str:
        return self.url

    @property
    def trouble_sentence(self) -> str:
        """Why it was not read last; empty where it was."""
        if self.trouble == NO_FEED:
            return gettext("There is no feed at this address.")
        return gettext("This address did not answer.") if self.trouble else ""

    def read_later(self) -> bool:
        """Queue its reading, unless somebody has a moment ago. One that gets lost comes an hour
        later."""
        mine = Feed.objects.filter(pk=self.pk, next_read_at=self.next_read_at)
        with transaction.atomic():
            if not mine.update(next_read_at=from_now(READ_EVERY_SECONDS)):
                return False
            enqueue("project.feeds.tasks.read_feed", self.pk, queue="import", owner=self.user_id)
        return True

    def note_read(self, title: str, keys: Collection[str]) -> None:
        """It could be read, and has entries of these `keys`. What it has not any more is forgotten
        after a while."""
        gone = self.entries.filter(seen_at__lt=timezone.now() - ENTRIES_KEPT_FOR)
        gone.exclude(key__in=keys).delete()
        self._write(
            title=title[:TITLE_CHARACTERS] or self.title,
            read_at=timezone.now(),
            next_read_at=from_now(READ_EVERY_SECONDS),
            failures=0,
            trouble="",
        )

    def note_trouble(self, trouble: str) -> None:
        """It is asked ever less often while it cannot be read."""
        pause = min(READ_EVERY_SECONDS * 2 ** min(self.failures, 10), LONGEST_READING_PAUSE_SECONDS)
        self._write(failures=self.failures + 1, trouble=trouble, next_read_at=from_now(pause))

    def _write(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        Feed.objects.filter(pk=self.pk).update(**fields)


class FeedEntry(models.Model):
    """That an entry of a feed was seen: it becomes a draft once, however often it is read."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="entries")
    key = models.CharField(max_length=64)
    seen_at = models.DateTimeField(default=timezone.now)

    export = None  # a digest of an address says nothing to anybody

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "feed entries"
        constraints = [models.UniqueConstraint(fields=["feed", "key"], name="feed_entry_seen_once")]

    def __str__(self) -> str:
        return f"entry {self.key[:8]} of {self.feed_id}"
