"""Rows that cannot be run, kept for a person."""

from django.db import models, transaction
from django.utils import timezone
from django_q.models import OrmQ

from project.jobs.queue.job import Job
from project.jobs.queue.queueing import NewRow, insert
from social.people import AnyUser

from .audit_log import AuditLogEntry


class DeadLetterQuerySet(models.QuerySet["DeadLetter"]):
    def take_row(self, key: int, reason: str) -> None:
        """Move a queue row here, so that neither it nor what stands behind it is lost. Another
        worker may be faster."""
        row = OrmQ.objects.filter(pk=key).first()
        with transaction.atomic():
            if row and OrmQ.objects.filter(pk=key).delete()[0]:
                self.create(key=row.key, payload=row.payload, reason=reason)

    def discard(self, by: AnyUser | None = None) -> int:
        """How many were still there."""
        names = [str(row) for row in self[:2]]
        done = self.delete()[0]
        if done:
            name = names[0] if done == 1 else f"{done} dead letters"
            AuditLogEntry.objects.record(by, "discarded", name)
        return done


class DeadLetter(models.Model):
    """A queue row that could not be read or run, kept until a person releases or discards it."""

    key = models.CharField("queue", max_length=100)
    payload = models.TextField()
    reason = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeadLetterQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "dead letter"

    def __str__(self) -> str:
        return f"{self.reason} ({timezone.localtime(self.created_at):%Y-%m-%d %H:%M})"

    def release(self, by: AnyUser | None = None) -> None:
        """Back into the queue. Raises NotAJob when it still cannot be read."""
        job = Job.read(self.payload)
        with transaction.atomic():
            if DeadLetter.objects.filter(pk=self.pk).delete()[0]:
                insert([NewRow(self.key, job, timezone.now())])
                AuditLogEntry.objects.record(by, "released", str(self))
