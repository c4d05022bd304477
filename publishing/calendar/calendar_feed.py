"""A person's calendar for programs that show calendars: who reads it, and how often."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from social.exporting import ExportPart

READ_EVERY = timedelta(minutes=1)  # at most
TOKEN_BYTES = 24


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def open(self, user: Any, shows_text: bool) -> str:
        """Let whoever has the token that is returned read the calendar of `user`, and nobody who
        had an earlier one. It is known to nobody else: what is stored cannot be turned back."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        values = {"token_hash": hash_of(token), "shows_text": shows_text, "read_at": None}
        self.update_or_create(user=user, defaults={**values, "created_at": timezone.now()})
        return token

    def by_token(self, token: str) -> "CalendarFeed | None":
        rows = self.filter(token_hash=hash_of(token), user__is_active=True)
        return rows.select_related("user").first()


class CalendarFeed(models.Model):
    """That somebody may read a person's calendar by an address that cannot be guessed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    shows_text = models.BooleanField(default=True)  # how a post begins, beside where it goes
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()
    export = ExportPart("calendar_feeds", "shows_text created_at read_at")

    def __str__(self) -> str:
        return f"calendar of {self.user}"

    def note_read(self) -> bool:
        """Whether it may be read now: nobody has within READ_EVERY."""
        now = timezone.now()
        long_ago = Q(read_at=None) | Q(read_at__lte=now - READ_EVERY)
        return bool(CalendarFeed.objects.filter(long_ago, pk=self.pk).update(read_at=now))


def hash_of(token: str) -> str:
    """As it is stored. The token is long and drawn by chance, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
