"""The queue's rows, for people and their pages. Workers use plain SQL on the same table
(queueing.py, claiming.py).

Each act is one statement that matches only what no worker holds, so that a page which was open for
long cannot change what runs already, nor bring back what is over.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from project.jobs.belonging import BELONGING, Belonging
from project.jobs.job import Job, NotAJob
from project.jobs.queueing import SOLO
from project.jobs.waking import ring

from .acts import Act

# As the index says it: SQLite uses one only for the very words of its condition.
TAKEN = RawSQL("holder <> ''", (), models.BooleanField())
FRONT = 0  # the turn of what goes before everything else of its priority
LOWEST, HIGHEST = -100, 100  # priorities that a person may give
AT_A_TIME = 1_000  # jobs of rooms that one act reaches: each costs a few statements


class QueuedJobQuerySet(models.QuerySet["QueuedJob"]):
    def unheld(self) -> Self:
        return self.filter(holder="")

    def ready(self) -> Self:
        """In line."""
        return self.unheld().filter(turn__isnull=False)

    def asleep(self) -> Self:
        """Not due yet, or about to be put in line."""
        return self.unheld().filter(turn=None)

    def held(self) -> Self:
        """Claimed by a worker, which may have begun it."""
        return self.filter(TAKEN).exclude(holder=SOLO)

    def alone(self) -> Self:
        """Left by a worker that died, and to be run with nothing beside it."""
        return self.filter(TAKEN, holder=SOLO)

    # ── What a person does; each says to how many it happened ─────────────────────────────────
    def move(self, at: datetime, by: Any = None) -> int:
        return self._act(
            f"moved to {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
            by,
            lambda jobs: jobs.unheld().update(lock=at, turn=None),
            lambda job: job.move_its_row(at),
        )

    def run_now(self, by: Any = None) -> int:
        """Before all others of the same priority."""
        return self._act(
            "hurried",
            by,
            lambda jobs: jobs.unheld().update(lock=timezone.now(), turn=FRONT),
            lambda job: job.hurry_its_row(),
        )

    def discard(self, by: Any = None) -> int:
        """Also what waits to run alone."""
        return self._act(
            "discarded",
            by,
            lambda jobs: jobs.filter(holder__in=["", SOLO]).delete()[0],
            lambda job: job.discard_its_row(),
        )

    def prioritise(self, priority: int, by: Any = None) -> int:
        """Higher comes first. Only the queue knows priorities, no room does."""
        done = self.unheld().update(priority=priority)
        return self._note(f"gave priority {priority} to", by, done, self._name())

    def shift_priority(self, steps: int, by: Any = None) -> int:
        within = Q(priority__gte=LOWEST - steps, priority__lte=HIGHEST - steps)
        done = self.unheld().filter(within).update(priority=F("priority") + steps)
        return self._note("raised" if steps > 0 else "lowered", by, done, self._name())

    def _act(
        self,
        did: str,
        by: Any,
        change: Callable[[Self], int],
        through_row: Callable[["QueuedJob"], bool],
    ) -> int:
        name = self._name()
        of_rooms = list(self.filter(func__in=BELONGING).order_by("pk")[:AT_A_TIME])
        done = change(self.exclude(func__in=BELONGING))
        return self._note(did, by, done + sum(through_row(job) for job in of_rooms), name)

    def _name(self) -> str:
        few = list(self.order_by()[:2])
        return str(few[0]) if len(few) == 1 else ""

    def _note(self, did: str, by: Any, done: int, name: str) -> int:
        if done:
            Act.objects.record(by, did, name or f"{done} jobs")
            ring()
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
    turn = models.BigIntegerField(null=True)  # its place in line; none: asleep until `lock`
    starts = models.IntegerField(default=0)  # those that ended with their worker
    holder = models.CharField(max_length=120, default="", blank=True)  # the worker that has it

    objects = QueuedJobQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "django_q_ormq"
        ordering = ["key", "-priority", "turn", "lock", "id"]

    def __str__(self) -> str:
        return f"{self.func or 'an unreadable job'}({self.argument})"

    @property
    def state(self) -> str:
        if self.holder:
            return "alone" if self.holder == SOLO else "held"
        return "asleep" if self.turn is None else "ready"

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
    def move(self, at: datetime, by: Any = None) -> bool:
        return bool(self._rows().move(at, by))

    def run_now(self, by: Any = None) -> bool:
        return bool(self._rows().run_now(by))

    def discard(self, by: Any = None) -> bool:
        return bool(self._rows().discard(by))

    def prioritise(self, priority: int, by: Any = None) -> bool:
        return bool(self._rows().prioritise(priority, by))

    def _rows(self) -> QueuedJobQuerySet:
        return QueuedJob.objects.filter(pk=self.pk)

    # ── Through the row of a room that it belongs to ──────────────────────────────────────────
    def move_its_row(self, at: datetime) -> bool:
        return self._through_row(lambda row: row.move(at))

    def discard_its_row(self) -> bool:
        return self._through_row(lambda row: row.discard())

    def hurry_its_row(self) -> bool:
        with transaction.atomic():
            hurried = self._through_row(lambda row: row.run_now())
            if hurried:  # the row has queued another job, at the end of its person's
                same = QueuedJob.objects.filter(func=self.func, argument=self.argument)
                newest = same.order_by("-pk").first()
                QueuedJob.objects.filter(pk=newest and newest.pk).unheld().update(turn=FRONT)
        return hurried

    def _through_row(self, act: Callable[[Belonging], bool]) -> bool:
        """This job is locked meanwhile, so that no worker takes it, and then taken away: a row
        queues another where it needs one."""
        with transaction.atomic():
            locked = self._rows().unheld().select_for_update().first()
            happened = locked is not None and act(BELONGING[self.func](self.argument))
            if happened:
                self._rows().delete()
        return happened
