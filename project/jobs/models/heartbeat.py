"""Who is at work."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, models
from django.utils import timezone

from project.jobs.waking import ring

from .acts import Act

ALIVE = timedelta(seconds=45)
FORGOTTEN = timedelta(days=1)
# What an operator may wish of a worker, and how that is written down.
WISHES = {"": "resumed", "quiet": "quieted", "stop": "stopped", "kill": "killed"}


@dataclass(frozen=True)
class Task:
    """One job that a worker runs."""

    job: str
    argument: str
    owner: str
    queue: str
    since: datetime

    @property
    def what(self) -> str:
        return f"{self.job}({self.argument})"


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
        # What was wished of an earlier process with this number is not meant for this one.
        new = {"started_at": now, "beat_at": now, "doing": [], "wish": ""}
        return self.update_or_create(**whose, defaults=new)[0]

    def ask(self, wish: str, by: Any = None) -> int:
        """Workers obey at their next look; an empty wish takes back to be quiet."""
        if wish not in WISHES:
            raise ValueError(f"{wish!r} is no wish that a worker knows")
        asked = [str(worker) for worker in self.fresh().filter(kind="worker").exclude(wish=wish)]
        done = self.fresh().filter(kind="worker").exclude(wish=wish).update(wish=wish)
        if done:
            ring()
            Act.objects.record(by, WISHES[wish], ", ".join(asked))
        return done

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
    wish = models.CharField(max_length=10, blank=True)  # of an operator: one of WISHES

    objects = HeartbeatQuerySet.as_manager()

    ahead = (
        0.0  # seconds by which this machine's clock was, at its last beat, ahead of the database's
    )

    class Meta:
        ordering = ["-beat_at"]
        constraints = [
            models.UniqueConstraint(fields=["host", "pid", "kind"], name="jobs_one_heartbeat")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pid} on {self.host}"

    @property
    def tasks(self) -> list["Task"]:
        """What it was at work on when it last beat."""
        return [
            Task(
                job=str(task.get("job", "")),
                argument=", ".join(map(str, task.get("id") or ())),
                owner=str(task.get("owner", "")),
                queue=str(task.get("queue", "")),
                since=self.beat_at - timedelta(seconds=float(task.get("seconds", 0))),
            )
            for task in self.doing
        ]

    def beat(self, doing: list[dict[str, Any]] | None = None) -> str:
        """Say that this process lives, and what it does; what an operator wishes of it."""
        now, field = timezone.now(), Heartbeat._meta.get_field("doing")
        theirs = "clock_timestamp()" if connection.vendor == "postgresql" else "NULL"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE jobs_heartbeat SET beat_at = %s, doing = %s WHERE id = %s
                RETURNING wish, {theirs}""",  # noqa: S608
                [
                    connection.ops.adapt_datetimefield_value(now),
                    field.get_db_prep_save(doing or [], connection),
                    self.pk,
                ],
            )
            found = cursor.fetchone()
        if found is None:  # somebody pruned the row
            self.pk = Heartbeat.objects.start(self.kind, self.pid).pk
            return ""
        self.ahead = ahead(now, found[1], timezone.now())
        return found[0]


def ahead(before: datetime, theirs: datetime | None, after: datetime) -> float:
    """At least so many seconds, whenever in between they answered; less than none: behind."""
    if theirs is None:
        return 0.0  # it has no clock of its own
    return max((before - theirs).total_seconds(), 0.0) + min((after - theirs).total_seconds(), 0.0)
