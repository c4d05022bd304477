"""Rows that cannot be run, kept for a person."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django_q.models import OrmQ

from project.jobs.job import Job
from project.jobs.queueing import NewRow, insert

from .acts import Act


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    def take_row(self, key: int, reason: str) -> None:
        """Move a queue row here, so that neither it nor what stands behind it is lost. Another
        worker may be faster."""
        row = OrmQ.objects.filter(pk=key).first()
        with transaction.atomic():
            if row and OrmQ.objects.filter(pk=key).delete()[0]:
                self.create(key=row.key, payload=row.payload, reason=reason)

    def discard(self, by: Any = None) -> int:
        names = [str(row) for row in self[:2]]
        done = self.delete()[0]
        if done:
            Act.objects.record(by, "discarded", names[0] if done == 1 else f"{done} set aside")
        return done


class SetAside(models.Model):
    """A queue row that could not be read, kept until a person releases or discards it."""

    key = models.CharField("queue", max_length=100)
    payload = models.TextField()
    reason = models.TextField()
    set_aside_at = models.DateTimeField(auto_now_add=True)

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        ordering = ["-set_aside_at"]
        verbose_name = "job set aside"
        verbose_name_plural = "jobs set aside"

    def __str__(self) -> str:
        return f"{self.reason} ({self.set_aside_at:%Y-%m-%d %H:%M})"

    def release(self, by: Any = None) -> None:
        """Back into the queue. Raises NotAJob when it still cannot be read."""
        job = Job.read(self.payload)
        with transaction.atomic():
            if SetAside.objects.filter(pk=self.pk).delete()[0]:
                insert([NewRow(self.key, job, timezone.now())])
                Act.objects.record(by, "released", str(self))
