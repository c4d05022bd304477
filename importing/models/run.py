"""A run: one reading of one timeline, from being asked for to how it ended."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from importing.states import FAILED, FINISHED, OPEN, QUEUED, RUNNING, STATES, WAITING
from social.networks.messages import sentence

from .timeline import Timeline


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def of(self, user: Any) -> Self:
        return self.filter(timeline__user=user)

    def with_all(self) -> Self:
        return self.select_related(
            "timeline",
            "timeline__channel",
            "timeline__channel__connection",
            "timeline__connection",
        )

    def queued(self) -> Self:
        return self.filter(state=QUEUED)

    def running(self) -> Self:
        return self.filter(state=RUNNING)

    def open(self) -> Self:
        """Queued or running: of each timeline there is one at most."""
        return self.filter(state__in=OPEN)

    def ended(self) -> Self:
        return self.exclude(state__in=OPEN)


class ImportRun(models.Model):
    timeline = models.ForeignKey(Timeline, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, default=QUEUED)
    reason = models.CharField(max_length=40, blank=True)  # a key of messages.SENTENCES
    detail = models.TextField(blank=True)  # what the network said: redacted, for staff
    again_at = models.DateTimeField(null=True, blank=True)  # when the timeline is read next
    asked = models.BooleanField(default=False)  # by a person, not by the timetable
    # What it did.
    items = models.PositiveIntegerField(default=0)  # that were read, as networks bill them
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=10, decimal_places=4, default=0)  # US dollars, at most
    # When, and by whom.
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)  # the process that took it
    lease_until = models.DateTimeField(null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)  # how many workers took it, one after another

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["timeline", "-id"], name="run_of_timeline"),
            models.Index(fields=["lease_until"], condition=Q(state__in=OPEN), name="run_open"),
            models.Index(
                fields=["finished_at"], condition=Q(finished_at__isnull=False), name="run_ended"
            ),
        ]
        constraints = [
            # Two never run at a time, and none waits behind another one.
            models.UniqueConstraint(
                fields=["timeline"], condition=Q(state__in=OPEN), name="one_open_run_a_timeline"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="run_state_is_a_word"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.timeline_id}: {self.state}"

    @property
    def found(self) -> int:
        return self.added + self.updated

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def went_wrong(self) -> bool:
        return self.state in (WAITING, FAILED)

    @property
    def is_finished(self) -> bool:
        return self.state == FINISHED

    @property
    def seconds(self) -> float | None:
        """From its first page to its end, or to now."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def sentence(self) -> str:
        """Why it ended before its end; empty when it did not."""
        return sentence(self.reason, self.timeline.network.label)
