"""What is kept for a person: rows that cannot be run, and why jobs failed."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Failure, OrmQ

from project.jobs.job import Job, NotAJob


class SetAsideQuerySet(models.QuerySet):
    def take_row(self, key: int, reason: str) -> None:
        row = OrmQ.objects.filter(pk=key).first()
        if row is not None:
            self.take(row, reason)

    def take(self, row: OrmQ, reason: str) -> "SetAside":
        """Move a queue row here, so that neither it nor what stands behind it is lost."""
        with transaction.atomic():
            aside = self.create(key=row.key, payload=row.payload, reason=reason)
            OrmQ.objects.filter(pk=row.pk).delete()
        return aside


class SetAside(models.Model):
    """A queue row that could not be read, kept until a person releases or discards it."""

    key = models.CharField(max_length=100)
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

    def release(self) -> None:
        """Back into the queue. Raises NotAJob when it still cannot be read."""
        Job.read(self.payload)
        with transaction.atomic():
            if SetAside.objects.filter(pk=self.pk).delete()[0]:
                OrmQ.objects.create(key=self.key, payload=self.payload, lock=timezone.now())


class FailureNoteQuerySet(models.QuerySet):
    def write(self, task: dict[str, Any], error: str) -> None:
        self.update_or_create(
            task_id=task["id"],
            defaults={"func": task["func"], "args": list(task["args"] or ()), "error": error},
        )

    def retry(self, task_id: str) -> None:
        """Queue a failed job anew and forget the failure. Raises NotAJob if that cannot be."""
        with transaction.atomic():
            note = self.select_for_update().filter(task_id=task_id).first()
            if note is None:
                raise NotAJob("nothing is known of its id")
            job = Job.new(note.func, *note.args)
            note.delete()
            Failure.objects.filter(pk=task_id).delete()
            get_broker().add(job)


class FailureNote(models.Model):
    """What a failed job was and why it failed: django-q2's own columns are pickles nobody reads."""

    task_id = models.CharField(max_length=32, primary_key=True)
    func = models.CharField(max_length=256)
    args = models.JSONField(default=list)
    error = models.TextField()
    failed_at = models.DateTimeField(auto_now_add=True)

    objects = FailureNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-failed_at"]

    def __str__(self) -> str:
        return self.error
