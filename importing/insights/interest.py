"""What a person is interested in, by what they post, like and follow. Derived: it may be wiped and
made anew at any time."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from importing.reading.item import ImportedItem
from importing.states import FRIEND, LIKE, POST
from social.exporting import ExportPart
from social.people import AnyUser

from .topics import HASHTAG_TOPIC, TopicWeights, topics_of, weight_of

ITEMS_OF_A_KIND = 3_000  # the newest: what is older says little of today


class InterestQuerySet(models.QuerySet["Interest"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def recompute(self, user_id: int) -> None:
        """Make this person's interests anew from what is stored; what is none any more is gone."""
        topics, now = TopicWeights(), timezone.now()
        for kind in (POST, LIKE, FRIEND):
            items = ImportedItem.objects.filter(user=user_id, kind=kind, gone_at=None)
            rows = items.newest_first().values_list("text", "entities", "created_at")
            for text, entities, created_at in rows[:ITEMS_OF_A_KIND].iterator(chunk_size=500):
                topics.add(topics_of(kind, text, entities), weight_of(kind, created_at, now))
        self._replace(user_id, topics, now)

    def _replace(self, user_id: int, topics: TopicWeights, now: datetime) -> None:
        columns = ("sort", "word", "weight", "count")
        rows = [
            Interest(user_id=user_id, updated_at=now, **dict(zip(columns, row, strict=True)))
            for row in topics.strongest()
        ]
        with transaction.atomic():
            Interest.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["user", "sort", "word"],
                update_fields=["weight", "count", "updated_at"],
            )
            self.filter(user=user_id, updated_at__lt=now).delete()

    def strongest(self) -> Self:
        return self.order_by("-weight", "word")


class Interest(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="interests"
    )
    sort = models.CharField(max_length=10)  # word, hashtag or category
    word = models.CharField(max_length=100)  # in small letters; a hashtag without its #
    weight = models.FloatField(default=0)  # 1 is their strongest
    count = models.PositiveIntegerField(default=0)  # items that speak of it
    updated_at = models.DateTimeField(default=timezone.now)

    objects = InterestQuerySet.as_manager()
    export = ExportPart("interests", "sort word weight count")

    class Meta:
        ordering = ["-weight", "word"]
        indexes = [models.Index(fields=["user", "-weight"], name="interest_of_user")]
        constraints = [
            models.UniqueConstraint(fields=["user", "sort", "word"], name="interest_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.word}" if self.sort == HASHTAG_TOPIC else self.word
