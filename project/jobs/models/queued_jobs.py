"""The queue's rows, for people and their pages. Workers use plain SQL on the same table
(queueing.py, claiming.py).

Each action is one statement that matches only what no worker holds, so that a page which was open
for long cannot change what runs already, nor bring back what is over.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from project.jobs.queue.job import Job, NotAJob
from project.jobs.queue.notifier import notify_workers
from project.jobs.queue.queueing import QUARANTINED
from project.jobs.queue.targets import TARGETS, JobTarget
from social.people import AnyUser

from .audit_log import AuditLogEntry

# As the index says it: SQLite uses one only for the very words of its condition.
IS_HELD = RawSQL("holder <> ''", (), models.BooleanField())
FRONT = 0  # the position of what goes before everything else of its priority
LOWEST_PRIORITY, HIGHEST_PRIORITY = -100, 100  # that a person may give
TARGETS_PER_ACTION = 1_000  # each costs a few statements


class QueuedJobQuerySet(models.QuerySet["QueuedJob"]):
    def unheld(self) -> Self:
        return self.filter(holder="")

    def queued(self) -> Self:
        """In line."""
        return self.unheld().filter(queue_position__isnull=False)

    def scheduled(self) -> Self:
        """Not due yet, or about to be put in line."""
        return self.unheld().filter(queue_position=None)

    def running(self) -> Self:
        """Claimed by a worker, which may have begun it."""
        return self.filter(IS_HELD).exclude(holder=QUARANTINED)

    def quarantined(self) -> Self:
        """Left by a worker that died, and to be run with nothing beside it."""
        return self.filter(IS_HELD, holder=QUARANTINED)

    # ── What a person does; each says to how many it happened ─────────────────────────────────
    def move(self, at: datetime, by: AnyUser | None = None) -> int:
        return self._act(
            f"moved to {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
            by,
            lambda jobs: jobs.unheld().update(lock=at, queue_position=None),
            lambda job: job.move_target(at),
        )

    def run_now(self, by: AnyUser | None = None) -> int:
        """Before all others of the same priority."""
        return self._act(
            "hurried",
            by,
            lambda jobs: jobs.unheld().update(lock=timezone.now(), queue_position=FRONT),
            lambda job: job.hurry_target(),
        )

    def discard(self, by: AnyUser | None = None) -> int:
        """Also what is quarantined."""
        return self._act(
            "discarded",
            by,
            lambda jobs: jobs.filter(holder__in=["", QUARANTINED]).delete()[0],
            lambda job: job.discard_target(),
        )

    def prioritise(self, priority: int, by: AnyUser | None = None) -> int:
        """Higher comes first. Only the queue knows priorities, no room does."""
        done = self.unheld().update(priority=priority)
        return self._record(f"gave priority {priority} to", by, done, self._name())

    def shift_priority(self, steps: int, by: AnyUser | None = None) -> int:
        within = Q(priority__gte=LOWEST_PRIORITY - steps, priority__lte=HIGHEST_PRIORITY - steps)
        done = self.unheld().filter(within).update(priority=F("priority") + steps)
        return self._record("raised" if steps > 0 else "lowered", by, done, self._name())

    def _act(
        self,
        did: str,
        by: AnyUser | None,
        change: Callable[[Self], int],
        through_target: Callable[["QueuedJob"], bool],
    ) -> int:
        name = self._name()
        with_target = list(self.filter(func__in=TARGETS).order_by("pk")[:TARGETS_PER_ACTION])
        done = change(self.exclude(func__in=TARGETS))
        return self._record(did, by, done + sum(through_target(job) for job in with_target), name)

    def _name(self) -> str:
        few = list(self.order_by()[:2])
        return str(few[0]) if len(few) == 1 else ""

    def _record(self, did: str, by: AnyUser | None, done: int, name: str) -> int:
        if done:
            AuditLogEntry.objects.record(by, did, name or f"{done} jobs")
            notify_workers()
        return done


class QueuedJob(models.Model):
    """A row of django-q2's queue table, with the columns that our migration adds to it."""

    key = models.CharField("queue", max_length=100)
    payload = models.TextField()
    lock = models.DateTimeField("due, or held until", null=True)
    priority = models.SmallIntegerField(default=0)  # higher comes first
    owner = models.CharField(max_length=100, default="", blank=True)  # for whom: the job's group
    network = models.CharField(max_length=20, default="", blank=True)
    func = models.CharField("job", max_length=256, default="", blank=True)
    argument = models.CharField(max_length=200, default="", blank=True)
    job = models.CharField("id", max_length=32, default="", blank=True)
    # None: scheduled, until `lock`.
    queue_position = models.BigIntegerField(null=True)
    starts = models.IntegerField(default=0)  # those that ended with their worker
    holder = models.CharField(max_length=120, default="", blank=True)  # the worker that has it

    objects = QueuedJobQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "django_q_ormq"
        ordering = ["key", "-priority", "queue_position", "lock", "id"]

    def __str__(self) -> str:
        return f"{self.func or 'an unreadable job'}({self.argument})"

    @property
    def state(self) -> str:
        if self.holder:
            return "quarantined" if self.holder == QUARANTINED else "running"
        return "scheduled" if self.queue_position is None else "queued"

    @property
    def may_be_moved(self) -> bool:
        return not self.holder

    def read(self) -> Job | NotAJob:
        """What a worker would read in it."""
        try:
            return Job.read(self.payload)
        except NotAJob as error:
            return error

    # ── What a person does; each says whether it happened ─────────────────────────────────────
    def move(self, at: datetime, by: AnyUser | None = None) -> bool:
        return bool(self._rows().move(at, by))

    def run_now(self, by: AnyUser | None = None) -> bool:
        return bool(self._rows().run_now(by))

    def discard(self, by: AnyUser | None = None) -> bool:
        return bool(self._rows().discard(by))

    def prioritise(self, priority: int, by: AnyUser | None = None) -> bool:
        return bool(self._rows().prioritise(priority, by))

    def _rows(self) -> QueuedJobQuerySet:
        return QueuedJob.objects.filter(pk=self.pk)

    # ── Through the row that it is about ──────────────────────────────────────────────────────
    def move_target(self, at: datetime) -> bool:
        return self._through_target(lambda target: target.move(at))

    def discard_target(self) -> bool:
        return self._through_target(lambda target: target.discard())

    def hurry_target(self) -> bool:
        with transaction.atomic():
            hurried = self._through_target(lambda target: target.run_now())
            if hurried:  # the row has queued another job, behind its owner's
                same = QueuedJob.objects.filter(func=self.func, argument=self.argument)
                newest = same.order_by("-pk").first()
                if newest:
                    QueuedJob.objects.filter(pk=newest.pk).unheld().update(queue_position=FRONT)
        return hurried

    def _through_target(self, act: Callable[[JobTarget], bool]) -> bool:
        """This job is locked meanwhile, so that no worker takes it, and then taken away: a row
        queues another where it needs one."""
        with transaction.atomic():
            locked = self._rows().unheld().select_for_update().first()
            happened = locked is not None and act(TARGETS[self.func](self.argument))
            if happened:
                self._rows().delete()
        return happened
