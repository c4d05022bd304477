"""A run: one reading of one timeline, from being asked for to how it ended."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django_q.brokers import get_broker

from importing.reading import import_interval as rhythm
from importing.states import FAILED, FINISHED, OPEN, QUEUED, RUNNING, STATES, WAITING
from social.networks.messages import sentence
from social.timing import delay

from .importer import Running
from .timeline import Timeline

AT_A_TIME = 150  # that are started together, or more when very many are due
ROUND, ROUNDS = 60, 60  # seconds until the timetable comes again; times until all have begun
APART = 0.4  # seconds from one beginning to the next, or less when there are many
NOW = timedelta(0)
WAITED_FOR = 1800  # seconds after which another job is queued: the first may be lost


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def of(self, user: Any) -> Self:
        return self.filter(timeline__user=user)

    def with_all(self) -> Self:
        return self.select_related(
            "timeline",
            "timeline__channel",
            "timeline__channel__connection",
            "timeline__connection",
        )

    def queued(self) -> Self:
        return self.filter(state=QUEUED)

    def running(self) -> Self:
        return self.filter(state=RUNNING)

    def open(self) -> Self:
        """Queued or running: of each timeline there is one at most."""
        return self.filter(state__in=OPEN)

    def ended(self) -> Self:
        return self.exclude(state__in=OPEN)

    def start(self, timeline: Timeline, asked: bool = False) -> "ImportRun":
        """The one open run of `timeline`, and a worker for it; also when two ask at once."""
        with transaction.atomic():
            self.bulk_create([self.model(timeline=timeline, asked=asked)], ignore_conflicts=True)
            run = self.with_all().open().filter(timeline=timeline).first()
            if run is None:  # it ended in this very moment
                run = self.create(timeline=timeline, asked=asked)
            timeline.set(next_import_at=timezone.now() + rhythm.after(timeline.interval))
            if run.state == QUEUED:
                run.run_later()
        return run

    def start_due(self) -> int:
        """Start the timelines that are due, so many at a time: after a long pause it may be all."""
        due = Timeline.objects.due()
        many = max(AT_A_TIME, due.count() // ROUNDS)
        rows = list(due.order_by("next_import_at").only("pk", "interval")[:many])
        now = timezone.now()
        with transaction.atomic():
            for row in rows:  # should its run be lost, it comes round again
                row.next_import_at = now + rhythm.after(row.interval)
            Timeline.objects.bulk_update(rows, ["next_import_at"], batch_size=100)
            runs = [self.model(timeline=row) for row in rows]
            self.bulk_create(runs, batch_size=100, ignore_conflicts=True)
            apart = delay(min(APART, ROUND / max(1, len(rows))))
            self.queued().filter(timeline__in=rows).run_later(apart)
        return len(rows)

    def claim(self, run_id: int) -> "ImportRun | None":
        """The run, now ours to read; None when somebody is at it, or it has ended."""
        run = self.with_all().open().filter(pk=run_id).first()
        if run is None or (run.state == RUNNING and not run.is_left_behind) or not run.take():
            return None
        return run

    def wake_forgotten(self) -> None:
        """Those whose worker is gone, or whose job is: another one goes on."""
        now = timezone.now()
        forgotten = self.open().filter(lease_until__lt=now)
        left = [run.pk for run in self.running() if run.is_left_behind]
        pks = [*forgotten.values_list("pk", flat=True)[:AT_A_TIME], *left]
        self.open().filter(pk__in=pks).run_later()

    def run_later(self, apart: timedelta = NOW) -> None:
        """Wake a worker for each of these; one that does not come in time is sent for again. What
        begins `apart` leaves room for what people wait for."""
        names = ("pk", "timeline__user_id", "timeline__network_name")
        rows, broker = list(self.values_list(*names)), get_broker("import")
        now = timezone.now()
        until = now + delay(WAITED_FOR)
        self.model.objects.queued().filter(pk__in=[pk for pk, *_ in rows]).update(lease_until=until)
        with broker.batch():
            for number, (pk, user_id, network) in enumerate(rows):
                broker.network, broker.run_after = network, now + number * apart
                broker.queue("importing.tasks.run_import", pk, f"user:{user_id}")

    def prune(self) -> None:
        """What ended long ago, but for the latest of each timeline."""
        old = timezone.now() - timedelta(days=settings.KEEP_IMPORT_RUNS)
        latest = Timeline.objects.values(latest=Max("runs__pk"))
        self.ended().filter(finished_at__lt=old).exclude(pk__in=latest).delete()


class ImportRun(Running):
    timeline = models.ForeignKey(Timeline, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, default=QUEUED)
    reason = models.CharField(max_length=40, blank=True)  # a key of messages.SENTENCES
    detail = models.TextField(blank=True)  # what the network said: redacted, for staff
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
    worker = models.CharField(max_length=120, blank=True)  # the process that took it
    lease_until = models.DateTimeField(null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)  # how many workers took it, one after another

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["timeline", "-id"], name="run_of_timeline"),
            models.Index(fields=["lease_until"], condition=Q(state__in=OPEN), name="run_open"),
            models.Index(
                fields=["finished_at"], condition=Q(finished_at__isnull=False), name="run_ended"
            ),
        ]
        constraints = [
            # Two never run at a time, and none waits behind another one.
            models.UniqueConstraint(
                fields=["timeline"], condition=Q(state__in=OPEN), name="one_open_run_a_timeline"
            ),
            models.CheckConstraint(condition=Q(state__in=STATES), name="run_state_is_a_word"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.timeline_id}: {self.state}"

    def run_later(self) -> None:
        type(self).objects.filter(pk=self.pk).run_later()

    @property
    def found(self) -> int:
        return self.added + self.updated

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def went_wrong(self) -> bool:
        return self.state in (WAITING, FAILED)

    @property
    def is_finished(self) -> bool:
        return self.state == FINISHED

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
