"""Queues that a person has paused."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from project.jobs.queue.notifier import notify_workers
from social.people import AnyUser

from .audit_log import AuditLogEntry


class PausedQueueQuerySet(models.QuerySet["PausedQueue"]):
    def pause(self, queue: str, by: AnyUser | None = None) -> bool:
        _, is_new = self.get_or_create(queue=queue, defaults={"by": by})
        if is_new:
            AuditLogEntry.objects.record(by, did="paused", to=f"the queue {queue}")
        return is_new

    def resume(self, queue: str, by: AnyUser | None = None) -> bool:
        was_paused = bool(self.filter(queue=queue).delete()[0])
        if was_paused:
            AuditLogEntry.objects.record(by, "resumed", f"the queue {queue}")
            notify_workers()
        return was_paused


class PausedQueue(models.Model):
    """Its jobs stay where they are until a person takes this away."""

    queue = models.CharField(max_length=100, primary_key=True)
    since = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PausedQueueQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.queue}, paused {timezone.localtime(self.since):%Y-%m-%d %H:%M}"
