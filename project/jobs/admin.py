"""The task list of the operators: django-q2's rows, shown without reading one pickle.

The stock pages unpickle what they show, and run whatever function a person types.
"""

import django_q.admin  # noqa: F401  registers the stock pages, so that they can be taken away
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django_q.models import Failure, OrmQ, Schedule, Success

from .forms import ScheduleForm
from .job import Job, NotAJob
from .models import FailureNote, Heartbeat, SetAside
from .pickles import PICKLED
from .timetable import OURS

for model in (OrmQ, Schedule, Success, Failure):
    admin.site.unregister(model)


class LookOnly(admin.ModelAdmin):
    """Rows that only programs write: a person may look at them and discard them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(OrmQ)
class QueuedAdmin(LookOnly):
    list_display = ("id", "job", "argument", "due", "waiting_since")
    fields = ("job", "argument", "group", "due", "waiting_since", "key")
    readonly_fields = fields
    ordering = ("lock", "id")

    def job(self, row: OrmQ) -> str:
        job = look(row)
        return job.func if isinstance(job, Job) else f"unreadable: {job}"

    def argument(self, row: OrmQ) -> str:
        job = look(row)
        return ", ".join(map(str, job.args)) if isinstance(job, Job) else ""

    def group(self, row: OrmQ) -> str:
        job = look(row)
        return job.group or "" if isinstance(job, Job) else ""

    @admin.display(ordering="lock", description="due, or leased until")
    def due(self, row: OrmQ) -> object:
        return row.lock

    def waiting_since(self, row: OrmQ) -> object:
        job = look(row)
        return job.queued_at if isinstance(job, Job) else None


def look(row: OrmQ) -> Job | NotAJob:
    try:
        return Job.read(row.payload)
    except NotAJob as error:
        return error


class TaskAdmin(LookOnly):
    list_display = ("func", "group", "started", "stopped", "seconds")
    fields = ("id", "name", "func", "group", "cluster", "started", "stopped", "attempt_count")
    readonly_fields = fields
    search_fields = ("id", "name", "func", "group")
    list_filter = ("func",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer(*PICKLED)

    @admin.display(description="seconds from queueing to the end")
    def seconds(self, task: Success) -> str:
        return f"{task.time_taken():.1f}"


@admin.register(Success)
class SuccessAdmin(TaskAdmin):
    pass


@admin.register(Failure)
class FailureAdmin(TaskAdmin):
    list_display = ("func", "argument", "error", "group", "stopped")
    fields = (*TaskAdmin.fields, "argument", "error")
    readonly_fields = fields
    actions = ("retry",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        note = FailureNote.objects.filter(task_id=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(noted_error=Subquery(note.values("error")[:1]))
            .annotate(noted_args=Subquery(note.values("args")[:1]))
        )

    def error(self, task: Failure) -> str:
        return task.noted_error or ""

    def argument(self, task: Failure) -> str:
        return ", ".join(map(str, task.noted_args or ())) or ""

    @admin.action(description="Retry: queue them again", permissions=["delete"])
    def retry(self, request: HttpRequest, tasks: QuerySet) -> None:
        for key in tasks.values_list("pk", flat=True):
            try:
                FailureNote.objects.retry(key)
            except NotAJob as error:
                messages.error(request, f"{key} stays here: {error}.")
            else:
                messages.success(request, f"{key} is queued again.")

    def delete_model(self, request: HttpRequest, obj: Failure) -> None:
        FailureNote.objects.filter(task_id=obj.pk).delete()
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        FailureNote.objects.filter(task_id__in=list(queryset.values_list("pk", flat=True))).delete()
        super().delete_queryset(request, queryset)


@admin.register(Schedule)
class ScheduleAdmin(admin.ModelAdmin):
    form = ScheduleForm
    list_display = ("name", "func", "args", "schedule_type", "minutes", "repeats", "next_run")
    fields = ("name", "func", "args", "schedule_type", "minutes", "repeats", "next_run")
    search_fields = ("name", "func")
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Schedule | None = None) -> tuple:
        return self.fields[:5] if is_ours(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        return not is_ours(obj) and super().has_delete_permission(request, obj)


def is_ours(schedule: Schedule | None) -> bool:
    """A row of the timetable: a person may pause it (repeats 0), not change or delete it."""
    return schedule is not None and (schedule.name or "").startswith(OURS)


@admin.register(SetAside)
class SetAsideAdmin(LookOnly):
    list_display = ("reason", "key", "set_aside_at")
    fields = ("reason", "key", "set_aside_at", "payload")
    readonly_fields = fields
    search_fields = ("reason",)
    actions = ("release",)

    @admin.action(description="Release: back into the queue", permissions=["delete"])
    def release(self, request: HttpRequest, rows: QuerySet) -> None:
        for row in rows:
            try:
                row.release()
            except NotAJob as error:
                messages.error(request, f"{row.pk} stays set aside: {error}.")
            else:
                messages.success(request, f"{row.pk} is in the queue again.")


@admin.register(Heartbeat)
class HeartbeatAdmin(LookOnly):
    list_display = ("kind", "host", "pid", "started_at", "beat_at", "doing")
    readonly_fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False
