"""Posting times: one weekly list a person, in their zone."""

from datetime import time
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from social.exporting import ExportPart

from .instants import WeeklyTime

TIMES_PER_DAY = 24
CLOCK = r"([01]\d|2[0-3]):[0-5]\d"


class PostingTimeQuerySet(models.QuerySet["PostingTime"]):
    """Posting times by whose they are."""

    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def switched_on(self) -> Self:
        return self.filter(is_on=True)

    def weekly(self) -> list[WeeklyTime]:
        """These as `instants` takes them."""
        return [
            WeeklyTime(weekday, time.fromisoformat(clock))
            for weekday, clock in self.values_list("weekday", "clock")
        ]


class PostingTime(models.Model):
    """A clock time of each week at which its user likes to post."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="posting_times"
    )
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])  # 0 is Monday
    clock = models.CharField(max_length=5, validators=[RegexValidator(rf"^{CLOCK}\Z")])
    is_on = models.BooleanField(default=True)  # off: kept, and nothing is placed there

    objects = PostingTimeQuerySet.as_manager()
    export = ExportPart("posting_times", "weekday clock is_on")

    class Meta:
        ordering = ["user", "weekday", "clock"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "weekday", "clock"], name="posting_time_once_a_week"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="posting_time_has_a_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.clock}"
