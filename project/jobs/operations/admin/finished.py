"""The jobs that ended: what was done, and what failed and waits for a person."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, Success

from social.admin import ColumnFilter, FollowedFilter

from ...models import FailureGroup, FailureNote, FinishedJob
from ...models.failures import FailureNoteQuerySet
from ...templatetags.job_words import job_word
from .base import OperatedAdmin, RedirectAdmin, owner_link, subject_link
from .queued import JobFilter


class FinishedQueueFilter(ColumnFilter):
    title, parameter_name = _("queue"), "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(queue, queue) for queue in settings.JOB_SLOTS]


@admin.register(FinishedJob)
class FinishedJobAdmin(OperatedAdmin):
    list_display = ("what", "of", "whose", "queue", "worker", "started", "took", "success")
    list_filter = ("success", FinishedQueueFilter, JobFilter)
    search_fields = ("owner__startswith", "argument__startswith", "id", "worker__startswith")
    search_help_text = _("A job's id, or how an owner, an argument or a worker begins.")
    fields = (
        "func",
        *list_display[1:5],
        "started",
        "stopped",
        "took",
        "success",
        "attempt_count",
        "id",
    )
    readonly_fields = fields

    @admin.display(description=_("job"), ordering="func")
    def what(self, job: FinishedJob) -> str:
        return job_word(job.func)

    @admin.display(description=_("about"), ordering="argument")
    def of(self, job: FinishedJob) -> str:
        return subject_link(job.func, job.argument)

    @admin.display(description=_("owner"), ordering="owner")
    def whose(self, job: FinishedJob) -> str:
        return owner_link(job.owner)

    @admin.display(description=_("seconds"))
    def took(self, job: FinishedJob) -> str:
        return f"{job.seconds:.3f}"


class FailedAdmin(OperatedAdmin):
    """What was chosen is retried or discarded; nothing does that by itself."""

    list_filter: ClassVar[tuple[type[admin.ListFilter], ...]] = (JobFilter,)
    actions = ("retry", "discard")

    @admin.display(description=_("job"), ordering="func")
    def what(self, note: FailureNote) -> str:
        return job_word(note.func)

    def notes(self, chosen: Any) -> FailureNoteQuerySet:
        return chosen

    @admin.action(description=_("Retry: queue them again"), permissions=["act"])
    def retry(self, request: HttpRequest, chosen: QuerySet) -> None:
        done, refused = self.notes(chosen).retry_all(request.user)
        if done:
            sentence = ngettext("{count} is queued again.", "{count} are queued again.", done)
            messages.success(request, sentence.format(count=done))
        for why, count in refused.items():
            sentence = ngettext("{count} stays here: {why}.", "{count} stay here: {why}.", count)
            messages.error(request, sentence.format(count=count, why=why))
        if not done and not refused:
            messages.warning(request, gettext("They are gone already. Nothing was changed."))

    @admin.action(description=_("Discard"), permissions=["discard"])
    def discard(self, request: HttpRequest, chosen: QuerySet) -> None:
        done = self.notes(chosen).discard_all(request.user)
        sentence = ngettext("{count} discarded.", "{count} discarded.", done)
        messages.success(request, sentence.format(count=done))


@admin.register(FailureGroup)
class FailureGroupAdmin(FailedAdmin):
    list_display = ("what", "cause", "count", "first", "last")
    fields = ("what", "cause", "count", "first", "last", "error")
    readonly_fields = fields
    search_fields = ("cause",)

    def notes(self, chosen: QuerySet) -> FailureNoteQuerySet:
        return FailureNote.objects.like(chosen)

    @admin.display(description=_("failures"), ordering="failures")
    def count(self, group: Any) -> str:
        chosen = urlencode({"func": group.func, "cause": group.cause})
        url = f"{reverse('admin:jobs_failurenote_changelist')}?{chosen}"
        return format_html('<a href="{}">{}</a>', url, group.failures)

    @admin.display(description=_("first"), ordering="first")
    def first(self, group: Any) -> Any:
        return group.first

    @admin.display(description=_("last"), ordering="last")
    def last(self, group: Any) -> Any:
        return group.last


class CauseFilter(FollowedFilter):
    title, parameter_name = _("cause"), "cause"


@admin.register(FailureNote)
class FailureNoteAdmin(FailedAdmin):
    list_display = ("what", "about", "error", "failed_at")
    fields = ("what", "about", "error", "cause", "failed_at", "task_id")
    readonly_fields = fields
    list_filter: ClassVar[tuple[type[admin.ListFilter], ...]] = (JobFilter, CauseFilter)
    search_fields = ("error", "task_id")

    @admin.display(description=_("about"), ordering="args")
    def about(self, note: FailureNote) -> str:
        return subject_link(note.func, ", ".join(map(str, note.args or ())))


@admin.register(Success)
class SuccessAdmin(RedirectAdmin):
    model_name = "jobs_finishedjob"


@admin.register(Failure)
class FailureAdmin(RedirectAdmin):
    model_name = "jobs_failurenote"
