"""The processes that are at work."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, models
from django.utils import timezone

from project.jobs.queue.notifier import notify_workers
from social.people import AnyUser

from .audit_log import AuditLogEntry

ALIVE_AFTER_BEAT = timedelta(seconds=45)
HEARTBEAT_KEPT_FOR = timedelta(days=1)
# What an operator may command a worker, and how that is written down.
COMMANDS = {"": "resumed", "quiet": "quieted", "stop": "stopped", "kill": "killed"}


@dataclass(frozen=True)
class WorkerTask:
    """One job that a worker runs."""

    job: str
    argument: str
    owner: str
    queue: str
    since: datetime

    @property
    def what(self) -> str:
        return f"{self.job}({self.argument})"


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    def fresh(self) -> "HeartbeatQuerySet":
        return self.filter(beat_at__gte=timezone.now() - ALIVE_AFTER_BEAT)

    def forgotten(self) -> "HeartbeatQuerySet":
        return self.filter(beat_at__lt=timezone.now() - HEARTBEAT_KEPT_FOR)

    def alive(self) -> bool:
        """Whether any worker beat lately; False, not an error, before the first migrate."""
        try:
            return self.fresh().exists()
        except DatabaseError:
            return False

    def start(self, kind: str, pid: int | None = None) -> "Heartbeat":
        now = timezone.now()
        # What an earlier process with this number was told is not meant for this one.
        new = {"started_at": now, "beat_at": now, "doing": [], "command": ""}
        return self.update_or_create(
            host=socket.gethostname(), pid=pid or os.getpid(), kind=kind, defaults=new
        )[0]

    def command(self, command: str, by: AnyUser | None = None) -> int:
        """To how many it is new. Workers apply it at their next snapshot; an empty one lets the
        quiet go on. Raises ValueError for what is none of COMMANDS."""
        if command not in COMMANDS:
            raise ValueError(f"{command!r} is no command that a worker knows")
        others = self.fresh().filter(kind="worker").exclude(command=command)
        names = [str(worker) for worker in others]
        done = others.update(command=command)
        if done:
            notify_workers()
            AuditLogEntry.objects.record(by, COMMANDS[command], ", ".join(names))
        return done


class Heartbeat(models.Model):
    """One process of ours that is at work, as of its last beat."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)
    doing = models.JSONField(default=list)  # the jobs it runs right now
    command = models.CharField(max_length=10, blank=True)  # of an operator: one of COMMANDS

    objects = HeartbeatQuerySet.as_manager()

    # By which this machine's clock was, at its last beat, ahead of the database's.
    clock_ahead_seconds = 0.0

    class Meta:
        ordering = ["-beat_at"]
        constraints = [
            models.UniqueConstraint(fields=["host", "pid", "kind"], name="jobs_one_heartbeat")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pid} on {self.host}"

    @property
    def tasks(self) -> list[WorkerTask]:
        """What it was at work on when it last beat."""
        return [
            WorkerTask(
                job=str(task.get("job", "")),
                argument=", ".join(map(str, task.get("id") or ())),
                owner=str(task.get("owner", "")),
                queue=str(task.get("queue", "")),
                since=self.beat_at - timedelta(seconds=float(task.get("seconds", 0))),
            )
            for task in self.doing
        ]

    def beat(self, doing: list[dict[str, Any]] | None = None) -> str:
        """Say that this process lives, and what it does; the command of an operator, if any."""
        now, field = timezone.now(), Heartbeat._meta.get_field("doing")
        theirs = "clock_timestamp()" if connection.vendor == "postgresql" else "NULL"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE jobs_heartbeat SET beat_at = %s, doing = %s WHERE id = %s
                RETURNING command, {theirs}""",  # noqa: S608
                [
                    connection.ops.adapt_datetimefield_value(now),
                    field.get_db_prep_save(doing or [], connection),
                    self.pk,
                ],
            )
            row = cursor.fetchone()
        if row is None:  # somebody pruned the row
            self.pk = Heartbeat.objects.start(self.kind, self.pid).pk
            return ""
        self.clock_ahead_seconds = clock_ahead_seconds(now, row[1], timezone.now())
        return row[0]


def clock_ahead_seconds(before: datetime, theirs: datetime | None, after: datetime) -> float:
    """How far we are ahead of a clock that answered in between, at least; negative: behind."""
    if theirs is None:
        return 0.0  # it has no clock of its own
    return max((before - theirs).total_seconds(), 0.0) + min((after - theirs).total_seconds(), 0.0)
