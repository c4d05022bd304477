"""An import run: one reading of one timeline, from being asked for to how it ended."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from importing.states import (
    OPEN_RUN_STATES,
    RUN_FAILED,
    RUN_FINISHED,
    RUN_QUEUED,
    RUN_RUNNING,
    RUN_STATES,
    RUN_WAITING,
)
from social.exporting import ExportPart
from social.jobs import JobRequest, enqueue_many
from social.leases import LeasedRow
from social.networks.messages import sentence
from social.people import AnyUser
from social.timing import delay, from_now

from .import_interval import jittered
from .timeline import Timeline

RUNS_PER_ROUND = 150  # that are started together, or more when very many are due
ROUND_SECONDS = 60  # until the timetable comes again
MOST_ROUNDS = 60  # until all that are due have begun
SECONDS_APART = 0.4  # from one beginning to the next, or less when there are many
RUN_JOB_PATIENCE_SECONDS = 1800  # after which another job is queued: the first may be lost
MANUAL_PAUSE_SECONDS = 60  # between two readings that a person asks for, at least
RUN_LEASE_SECONDS = 120  # longer than a page may take
NO_TIME = timedelta(0)


class RunTakenOver(Exception):
    """Somebody else has taken this run over, or it is gone: nothing more is written."""


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(timeline__user=user)

    def with_all(self) -> Self:
        return self.select_related(
            "timeline",
            "timeline__channel",
            "timeline__channel__connection",
            "timeline__connection",
        )

    def queued(self) -> Self:
        return self.filter(state=RUN_QUEUED)

    def running(self) -> Self:
        return self.filter(state=RUN_RUNNING)

    def open(self) -> Self:
        """Select what is queued or running: of each timeline there is one at most."""
        return self.filter(state__in=OPEN_RUN_STATES)

    def ended(self) -> Self:
        return self.exclude(state__in=OPEN_RUN_STATES)

    # ── starting ──────────────────────────────────────────────────────────────────────────────
    def start(self, timeline: Timeline, asked: bool = False) -> "ImportRun":
        """Return the one open run of `timeline`, with a worker on its way to it; the same one when
        two ask at once. `asked` says that a person did."""
        with transaction.atomic():
            self.bulk_create([self.model(timeline=timeline, asked=asked)], ignore_conflicts=True)
            run = ImportRun.objects.with_all().open().filter(timeline=timeline).first()
            if run is None:  # it ended in this very moment
                run = ImportRun.objects.create(timeline=timeline, asked=asked)
            interval = timeline.import_interval_seconds
            timeline.set(next_import_at=timezone.now() + jittered(interval))
            if run.state == RUN_QUEUED:
                run.run_later()
        return run

    def start_by_person(self, timeline: Timeline) -> datetime | None:
        """Start it because its person wants it now, and return None; or return from when on they
        may ask again. What somebody pays for, and what counts for everybody's limit, does not go by
        clicks."""
        runs = self.filter(timeline=timeline).order_by("-created_at")
        latest = runs.values_list("created_at", flat=True).first()
        allowed_at = latest and latest + delay(MANUAL_PAUSE_SECONDS)
        if allowed_at and allowed_at > timezone.now():
            return allowed_at
        self.start(timeline, asked=True)
        return None

    def start_due(self) -> int:
        """Start the timelines that are due, so many at a time: after a long pause it may be all.
        Return how many."""
        due = Timeline.objects.due()
        number = max(RUNS_PER_ROUND, due.count() // MOST_ROUNDS)
        columns = ("pk", "import_interval_seconds")
        timelines = list(due.order_by("next_import_at").only(*columns)[:number])
        now = timezone.now()
        with transaction.atomic():
            for row in timelines:  # should its run be lost, it comes round again
                row.next_import_at = now + jittered(row.import_interval_seconds)
            Timeline.objects.bulk_update(timelines, ["next_import_at"], batch_size=100)
            runs = [self.model(timeline=row) for row in timelines]
            self.bulk_create(runs, batch_size=100, ignore_conflicts=True)
            apart = delay(min(SECONDS_APART, ROUND_SECONDS / max(1, len(timelines))))
            self.queued().filter(timeline__in=timelines).run_later(apart)
        return len(timelines)

    # ── workers ───────────────────────────────────────────────────────────────────────────────
    def claim(self, run_id: int) -> "ImportRun | None":
        """Return the run, now this worker's; None when somebody is at it, or it has ended."""
        run = self.with_all().open().filter(pk=run_id).first()
        if run is None or (run.state == RUN_RUNNING and not run.is_abandoned) or not run.take():
            return None
        return run

    def wake_forgotten(self) -> None:
        """Send another worker to those whose worker is gone, or whose job is."""
        now = timezone.now()
        forgotten = self.open().filter(lease_until__lt=now)
        abandoned = [run.pk for run in self.running() if run.is_abandoned]
        pks = [*forgotten.values_list("pk", flat=True)[:RUNS_PER_ROUND], *abandoned]
        self.open().filter(pk__in=pks).run_later()

    def run_later(self, apart: timedelta = NO_TIME) -> None:
        """Queue a job for each of these; one that does not come in time is queued again. What
        begins `apart` leaves room for what people wait for."""
        columns = ("pk", "timeline__user_id", "timeline__network_name")
        rows, now = list(self.values_list(*columns)), timezone.now()
        until = now + delay(RUN_JOB_PATIENCE_SECONDS)
        queued = ImportRun.objects.queued().filter(pk__in=[pk for pk, *_ in rows])
        queued.update(lease_until=until)
        enqueue_many(
            JobRequest(
                "importing.tasks.run_import",
                pk,
                queue="import",
                owner=user_id,
                run_after=now + number * apart,
                network=network,
            )
            for number, (pk, user_id, network) in enumerate(rows)
        )

    def prune(self) -> None:
        """Delete what ended long ago, but for the latest of each timeline."""
        old = timezone.now() - timedelta(days=settings.KEEP_IMPORT_RUNS)
        latest = Timeline.objects.values(latest=Max("runs__pk"))
        self.ended().filter(finished_at__lt=old).exclude(pk__in=latest).delete()


class ImportRun(LeasedRow):
    timeline = models.ForeignKey(Timeline, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, default=RUN_QUEUED)
    reason = models.CharField(max_length=40, blank=True)  # a Reason
    detail = models.TextField(blank=True)  # the network's words: redacted, for staff
    again_at = models.DateTimeField(null=True, blank=True)  # when the timeline is read next
    asked = models.BooleanField(default=False)  # by a person, not by the timetable
    # What it did.
    items = models.PositiveIntegerField(default=0)  # that were read, as networks bill them
    added = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    pages = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=10, decimal_places=4, default=0)  # US dollars, at most
    # When, and by whom.
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    claims = models.PositiveIntegerField(default=0)  # how many workers took it, one after another

    objects = ImportRunQuerySet.as_manager()
    export = ExportPart(
        "imports",
        "timeline_id state reason asked items added updated cost created_at started_at finished_at",
        owner="timeline__user",
    )
    lease_seconds = RUN_LEASE_SECONDS

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["timeline", "-id"], name="run_of_timeline"),
            models.Index(
                fields=["lease_until"], condition=Q(state__in=OPEN_RUN_STATES), name="run_open"
            ),
            models.Index(
                fields=["finished_at"], condition=Q(finished_at__isnull=False), name="run_ended"
            ),
        ]
        constraints = [
            # Two never run at a time, and none waits behind another one.
            models.UniqueConstraint(
                fields=["timeline"],
                condition=Q(state__in=OPEN_RUN_STATES),
                name="one_open_run_a_timeline",
            ),
            models.CheckConstraint(condition=Q(state__in=RUN_STATES), name="run_state_is_a_word"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.timeline_id}: {self.state}"

    # ── what is shown ─────────────────────────────────────────────────────────────────────────
    @property
    def changes(self) -> int:
        """How many items were new or had changed."""
        return self.added + self.updated

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_RUN_STATES

    @property
    def is_finished(self) -> bool:
        return self.state == RUN_FINISHED

    @property
    def went_wrong(self) -> bool:
        return self.state in (RUN_WAITING, RUN_FAILED)

    @property
    def seconds(self) -> float | None:
        """From its first page to its end, or to now."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def sentence(self) -> str:
        """Why it ended before its end; empty when it did not."""
        return sentence(self.reason, self.timeline.network.label)

    # ── how it moves: each one UPDATE, by its state and by which claim it is ──────────────────
    def run_later(self) -> None:
        ImportRun.objects.filter(pk=self.pk).run_later()

    def take(self) -> bool:
        """Move it from QUEUED to RUNNING, or over from a worker that is gone; return whether it is
        this worker's now. One worker has it at a time."""
        now = timezone.now()
        unchanged = ImportRun.objects.open().filter(pk=self.pk, claims=self.claims)
        fields: dict[str, Any] = {"state": RUN_RUNNING} | self.new_lease()
        started_at = Coalesce("started_at", now)
        if not unchanged.update(claims=F("claims") + 1, started_at=started_at, **fields):
            return False
        self._set(claims=self.claims + 1, started_at=self.started_at or now, **fields)
        return True

    def extend_lease(self) -> None:
        """Hold it for another while; in a transaction nobody else writes meanwhile. Raises
        RunTakenOver."""
        if not self._held().update(lease_until=from_now(RUN_LEASE_SECONDS)):
            raise RunTakenOver

    def count(self, **counts: Any) -> None:
        """Add to its counters in the database. The caller holds it, and calls `counted` once that
        is committed."""
        self._held().update(**{name: F(name) + number for name, number in counts.items()})

    def counted(self, **counts: Any) -> None:
        """Add to the counters of this object."""
        self._set(**{name: getattr(self, name) + number for name, number in counts.items()})

    def requeue_later(self) -> None:
        """Move it from RUNNING to QUEUED: a job of its own goes on from its page token, after
        others."""
        with transaction.atomic():
            if self._held().update(state=RUN_QUEUED, lease_until=None):
                self.state = RUN_QUEUED
                self.run_later()

    def end(
        self,
        state: str,
        again_at: datetime,
        reason: str = "",
        detail: str = "",
        **timeline_fields: Any,
    ) -> bool:
        """Move it from RUNNING to its end, and its timeline to when it is read next. Return whether
        that happened."""
        fields = {"state": state, "reason": reason, "detail": detail, "again_at": again_at}
        fields |= {"finished_at": timezone.now(), "lease_until": None}
        with transaction.atomic():
            if not self._held().update(**fields):
                return False
            self.timeline.set(next_import_at=again_at, **timeline_fields)
        self._set(**fields)
        return True

    def _held(self) -> ImportRunQuerySet:
        """The row, as long as this claim of it is the latest."""
        return ImportRun.objects.running().filter(pk=self.pk, claims=self.claims)

    def _set(self, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
