"""The workers and what they are commanded, and the queues that a person has paused."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ...models import Heartbeat, PausedQueue
from ..forms import PausedQueueForm
from .base import OperatedAdmin


@admin.register(Heartbeat)
class HeartbeatAdmin(OperatedAdmin):
    list_display = ("kind", "host", "pid", "started_at", "beat_at", "command", "at_work_on")
    fields = list_display
    readonly_fields = fields
    actions = ("quiet", "go_on", "stop", "kill")

    @admin.display(description=_("doing"))
    def at_work_on(self, worker: Heartbeat) -> str:
        sentence = gettext("{job} for {owner} since {time}")
        jobs = [
            sentence.format(
                job=task.what, owner=task.owner or gettext("nobody"), time=f"{task.since:%H:%M:%S}"
            )
            for task in worker.tasks
        ]
        return "; ".join(jobs)

    @admin.action(description=_("Quiet: take nothing new"), permissions=["act"])
    def quiet(self, request: HttpRequest, workers: QuerySet) -> None:
        self.command(request, workers, "quiet")

    @admin.action(description=_("Resume"), permissions=["act"])
    def go_on(self, request: HttpRequest, workers: QuerySet) -> None:
        self.command(request, workers, "")

    @admin.action(
        description=_("Stop: end what runs; another takes its place"), permissions=["act"]
    )
    def stop(self, request: HttpRequest, workers: QuerySet) -> None:
        self.command(request, workers, "stop")

    @admin.action(description=_("Kill: what runs may have to be looked up"), permissions=["act"])
    def kill(self, request: HttpRequest, workers: QuerySet) -> None:
        self.command(request, workers, "kill")

    def command(self, request: HttpRequest, workers: Any, command: str) -> None:
        done = workers.command(command, request.user)
        sentence = ngettext(
            "{count} told; a worker that is not stuck follows at once.",
            "{count} told; workers that are not stuck follow at once.",
            done,
        )
        messages.success(request, sentence.format(count=done))


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
