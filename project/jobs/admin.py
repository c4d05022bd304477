"""The task list of the operators: django-q2's rows, shown without reading one pickle.

The stock pages unpickle what they show, and run whatever function a person types.
"""

from typing import Any

import django_q.admin  # noqa: F401  registers the stock pages, so that they can be taken away
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django_q.models import Failure, OrmQ, Schedule, Success

for model in (OrmQ, Schedule, Success, Failure):
    admin.site.unregister(model)

from . import admin_ended, admin_queue  # noqa: E402, F401  they take the places of those
from .admin_base import Listed, Recorded  # noqa: E402
from .forms import PausedQueueForm, ScheduleForm  # noqa: E402
from .job import NotAJob  # noqa: E402
from .models import Act, Heartbeat, PausedQueue, SetAside  # noqa: E402
from .timetable import OURS  # noqa: E402


@admin.register(Schedule)
class ScheduleAdmin(Recorded):
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
class SetAsideAdmin(Listed):
    list_display = ("reason", "key", "set_aside_at")
    fields = ("reason", "key", "set_aside_at", "payload")
    readonly_fields = fields
    search_fields = ("reason",)
    actions = ("release", "discard")

    @admin.action(description="Release: back into the queue", permissions=["act"])
    def release(self, request: HttpRequest, rows: QuerySet) -> None:
        for row in rows:
            try:
                row.release(request.user)
            except NotAJob as error:
                messages.error(request, f"{row.pk} stays set aside: {error}.")
            else:
                messages.success(request, f"{row.pk} is in the queue again.")

    @admin.action(description="Discard", permissions=["discard"])
    def discard(self, request: HttpRequest, rows: QuerySet) -> None:
        messages.success(request, f"{rows.discard(request.user)} discarded.")


@admin.register(Heartbeat)
class HeartbeatAdmin(Listed):
    list_display = ("kind", "host", "pid", "started_at", "beat_at", "wish", "at_work_on")
    fields = list_display
    readonly_fields = fields
    actions = ("quiet", "go_on", "stop", "kill")

    @admin.display(description="doing")
    def at_work_on(self, worker: Heartbeat) -> str:
        jobs = [f"{task.what} for {task.owner or 'nobody'} since {task.since:%H:%M:%S}"
                for task in worker.tasks]  # fmt: skip
        return "; ".join(jobs)

    @admin.action(description="Quiet: take nothing new", permissions=["act"])
    def quiet(self, request: HttpRequest, workers: QuerySet) -> None:
        self.ask(request, workers, "quiet")

    @admin.action(description="Resume", permissions=["act"])
    def go_on(self, request: HttpRequest, workers: QuerySet) -> None:
        self.ask(request, workers, "")

    @admin.action(description="Stop: end what runs; another takes its place", permissions=["act"])
    def stop(self, request: HttpRequest, workers: QuerySet) -> None:
        self.ask(request, workers, "stop")

    @admin.action(description="Kill: what runs may have to be looked up", permissions=["act"])
    def kill(self, request: HttpRequest, workers: QuerySet) -> None:
        self.ask(request, workers, "kill")

    def ask(self, request: HttpRequest, workers: QuerySet, wish: str) -> None:
        done = workers.ask(wish, request.user)
        messages.success(request, f"{done} asked; a worker that turns obeys within a second.")


@admin.register(PausedQueue)
class PausedQueueAdmin(admin.ModelAdmin):
    """To add one is to pause it; to delete it is to resume."""

    form = PausedQueueForm
    list_display = ("queue", "since", "by")

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PausedQueue, form: Any, change: bool) -> None:
        PausedQueue.objects.pause(obj.queue, request.user)

    def delete_model(self, request: HttpRequest, obj: PausedQueue) -> None:
        PausedQueue.objects.resume(obj.queue, request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for paused in queryset:
            self.delete_model(request, paused)


@admin.register(Act)
class ActAdmin(Listed):
    list_display = ("at", "who", "did", "to")
    fields = list_display
    readonly_fields = fields
    search_fields = ("who", "did", "to")
