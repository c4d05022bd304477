"""Why jobs failed. Nothing here runs again by itself: a person retries or discards it."""

import re
from collections import Counter
from typing import Any, Self

from django.db import models, transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from project.jobs.queue.job import Job, NotAJob
from project.jobs.queue.queueing import DEFAULT_QUEUE, NewRow, insert
from social.people import AnyUser

from .audit_log import AuditLogEntry
from .finished_jobs import FinishedJob

LONGEST_CAUSE = 200
RETRIES_PER_TRANSACTION = 200
# What differs between two failures of one cause: addresses, what is quoted, ids, numbers.
PARTICULARS = (
    (re.compile(r"\b\w+://\S+|\S+@\S+\.\w+"), "…"),
    (re.compile(r"(?<!\w)(['\"`]).*?\1(?!\w)|“[^”]*”|«[^»]*»"), "…"),
    (re.compile(r"\b(?=[0-9a-f-]*\d)[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b|\b0x[0-9a-f]+", re.I), "#"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
)


def cause_of(error: str) -> str:
    """The error without its particulars, so that many of a kind are one line."""
    for particular, instead in PARTICULARS:
        error = particular.sub(instead, error)
    return " ".join(error.split())[:LONGEST_CAUSE]


class FailureNoteQuerySet(models.QuerySet["FailureNote"]):
    def write(self, task: dict[str, Any], error: str) -> None:
        """Of a job that failed: `task` has its id, func and args."""
        what = {"func": task["func"], "args": list(task["args"] or ())}
        self.update_or_create(
            task_id=task["id"], defaults={**what, "error": error, "cause": cause_of(error)}
        )

    def like(self, groups: "models.QuerySet[FailureGroup]") -> Self:
        """All of these groups."""
        wanted = Q(pk__in=[])
        for func, cause in groups.order_by().values_list("func", "cause"):
            wanted |= Q(func=func, cause=cause)
        return self.filter(wanted)

    def groups(self) -> "models.QuerySet[FailureNote, dict[str, Any]]":
        """As {func, cause, failures, first, last}, the latest first."""
        grouped = self.order_by().values("func", "cause")
        return grouped.annotate(
            failures=Count("pk"), first=Min("failed_at"), last=Max("failed_at")
        ).order_by("-last")

    def retry_all(self, by: AnyUser | None = None) -> tuple[int, "Counter[str]"]:
        """How many are queued again, and why others are not."""
        done, name = 0, self._name()
        refused: Counter[str] = Counter()
        for keys in self._batches():
            with transaction.atomic():
                notes = list(FailureNote.objects.select_for_update().filter(pk__in=keys))
                rows = [row for note in notes if (row := note.as_new_row(refused))]
                retried = [note.pk for note, row in rows]
                insert([row for _, row in rows])
                FailureNote.objects.filter(pk__in=retried).delete()
                FinishedJob.objects.filter(pk__in=retried).forget()
            done += len(rows)
        if done:
            AuditLogEntry.objects.record(by, "retried", name or f"{done} failed jobs")
        return done, refused

    def discard_all(self, by: AnyUser | None = None) -> int:
        done, name = 0, self._name()
        for keys in self._batches():
            with transaction.atomic():
                done += FailureNote.objects.filter(pk__in=keys).delete()[0]
                FinishedJob.objects.filter(pk__in=keys).forget()
        if done:
            AuditLogEntry.objects.record(by, "discarded", name or f"{done} failed jobs")
        return done

    def _batches(self) -> list[list[str]]:
        keys = list(self.order_by("failed_at").values_list("pk", flat=True))
        size = RETRIES_PER_TRANSACTION
        return [keys[start : start + size] for start in range(0, len(keys), size)]

    def _name(self) -> str:
        few = list(self.order_by()[:2])
        return f"the failed {few[0].func}" if len(few) == 1 else ""


class FailureNote(models.Model):
    """What a failed job was and why it failed: django-q2's own columns are pickles nobody reads."""

    task_id = models.CharField("id", max_length=32, primary_key=True)
    func = models.CharField("job", max_length=256)
    args = models.JSONField("argument", default=list)
    error = models.TextField()
    cause = models.CharField(max_length=LONGEST_CAUSE)
    failed_at = models.DateTimeField(auto_now_add=True)

    objects = FailureNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-failed_at"]
        verbose_name = "failed job"
        indexes = [models.Index(fields=["func", "cause", "failed_at"], name="jobs_of_a_cause")]

    def __str__(self) -> str:
        return self.error

    def as_new_row(self, refused: "Counter[str]") -> "tuple[FailureNote, NewRow] | None":
        """In the queue it came from, for the same owner; None, and counted, if it is no job."""
        task = FinishedJob.objects.filter(pk=self.pk).first()
        try:
            job = Job.new(self.func, *self.args, group=task.owner if task else None)
        except NotAJob as error:
            refused[str(error)] += 1
            return None
        return self, NewRow((task and task.queue) or DEFAULT_QUEUE, job, timezone.now())


class FailureGroupManager(models.Manager["FailureGroup"]):
    def get_queryset(self) -> "models.QuerySet[FailureGroup]":
        """Each group is shown by its oldest failure: newer ones may come while a page is open."""
        same = FailureNote.objects.filter(func=OuterRef("func"), cause=OuterRef("cause"))
        older = same.filter(
            Q(failed_at__lt=OuterRef("failed_at"))
            | Q(failed_at=OuterRef("failed_at"), task_id__lt=OuterRef("task_id"))
        )
        counted = same.order_by().values("cause").annotate(n=Count("pk"), last=Max("failed_at"))
        return (
            super()
            .get_queryset()
            .filter(~Exists(older))
            .annotate(
                failures=Coalesce(Subquery(counted.values("n")), 0),
                last=Subquery(counted.values("last")),
                first=F("failed_at"),
            )
        )


class FailureGroup(FailureNote):
    """All failures of one job for one cause."""

    objects = FailureGroupManager()  # type: ignore[assignment, misc]  # of a proxy: Django allows

    class Meta:
        proxy = True
        ordering = ["-failed_at"]
        verbose_name = "group of failed jobs"
        verbose_name_plural = "groups of failed jobs"

    def __str__(self) -> str:
        return f"{self.func}: {self.cause}"
