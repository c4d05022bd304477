import os
import socket
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, models, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Failure, OrmQ

from .job import Job, NotAJob

ALIVE = timedelta(seconds=20)
FORGOTTEN = timedelta(days=1)


class HeartbeatQuerySet(models.QuerySet):
    def fresh(self) -> "HeartbeatQuerySet":
        return self.filter(beat_at__gte=timezone.now() - ALIVE)

    def forgotten(self) -> "HeartbeatQuerySet":
        return self.filter(beat_at__lt=timezone.now() - FORGOTTEN)

    def alive(self) -> bool:
        """Whether any worker beat lately; False, not an error, before the first migrate."""
        try:
            return self.fresh().exists()
        except DatabaseError:
            return False

    def start(self, kind: str, pid: int | None = None) -> "Heartbeat":
        now = timezone.now()
        whose = {"host": socket.gethostname(), "pid": pid or os.getpid(), "kind": kind}
        return self.update_or_create(**whose, defaults={"started_at": now, "beat_at": now})[0]

    def end(self, kind: str, pid: int) -> None:
        self.filter(host=socket.gethostname(), pid=pid, kind=kind).delete()


class Heartbeat(models.Model):
    """One process of ours that is at work, as of its last beat."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)
    doing = models.JSONField(default=list)  # the jobs it runs right now

    objects = HeartbeatQuerySet.as_manager()

    class Meta:
        ordering = ["-beat_at"]
        constraints = [
            models.UniqueConstraint(fields=["host", "pid", "kind"], name="jobs_one_heartbeat")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pid} on {self.host}"

    def beat(self, doing: list[dict[str, Any]] | None = None) -> None:
        news = {"beat_at": timezone.now(), "doing": doing or []}
        if not Heartbeat.objects.filter(pk=self.pk).update(**news):
            self.pk = Heartbeat.objects.start(self.kind, self.pid).pk  # somebody pruned the row


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
