"""What a person is interested in, by what they post, like and follow. Derived: it may be wiped and
made anew at any time."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

WORD, HASHTAG, CATEGORY = "word", "hashtag", "category"
SORTS = (WORD, HASHTAG, CATEGORY)


class InterestQuerySet(models.QuerySet["Interest"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

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

    class Meta:
        ordering = ["-weight", "word"]
        indexes = [models.Index(fields=["user", "-weight"], name="interest_of_user")]
        constraints = [
            models.UniqueConstraint(fields=["user", "sort", "word"], name="interest_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.word}" if self.sort == HASHTAG else self.word
