"""The audit log: what people did to jobs and workers."""

import logging

from django.conf import settings
from django.db import models
from django.utils import timezone

from social.people import AnyUser

LONGEST_OBJECT = 250
logger = logging.getLogger("jobs")


class AuditLogQuerySet(models.QuerySet["AuditLogEntry"]):
    def record(self, by: AnyUser | None, did: str, to: str) -> None:
        who = by.get_username() if by else "a program"
        self.create(by=by, who=who, did=did, to=to[:LONGEST_OBJECT])
        logger.info("%s %s %s", who, did, to)


class AuditLogEntry(models.Model):
    """One line of it. The admin's own log forgets what people did together with their account."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    who = models.CharField(max_length=150)
    did = models.CharField(max_length=80)
    to = models.CharField(max_length=LONGEST_OBJECT)

    objects = AuditLogQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log"

    def __str__(self) -> str:
        return f"{self.who} {self.did} {self.to}"
