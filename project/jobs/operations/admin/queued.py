"""The jobs that wait or run. A row is changed until a worker has it; a page that was open for
longer changes nothing."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_q.models import OrmQ

from social.admin import ColumnFilter, column
from social.networks import NETWORKS
from social.words import Words

from ...models import QueuedJob
from ...models.queued_jobs import QueuedJobQuerySet
from ...queue.job import Job, registered
from ...templatetags.job_words import job_word
from ..forms import QueuedJobForm
from .base import OperatedAdmin, RedirectAdmin, owner_link, subject_link

# state → the order of its list, as its index has it
ORDER_OF_STATE = {
    "queued": ("key", "-priority", "queue_position", "id"),
    "scheduled": ("key", "lock", "id"),
    "running": ("holder", "id"),
    "quarantined": ("holder", "id"),
}
JOB_GONE = _(
    "This job is no longer in line: it ran or was discarded meanwhile. Nothing was changed."
)
JOB_RUNNING = _("A worker has this job already. Nothing was changed.")


class QueueFilter(ColumnFilter):
    title, parameter_name = _("queue"), "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(queue, queue) for queue in settings.JOB_SLOTS]


class NetworkFilter(ColumnFilter):
    title, parameter_name = _("network"), "network"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(network.name, network.label) for network in NETWORKS.values()]


class JobFilter(ColumnFilter):
    title, parameter_name = _("job"), "func"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, job_word(name)) for name in sorted(registered())]


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = _("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, state) for state in ORDER_OF_STATE]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        state = self.value()
        return getattr(queryset, state)() if state and state in ORDER_OF_STATE else queryset


STATE = column("state", _("state"))


@admin.register(QueuedJob)
class QueuedJobAdmin(OperatedAdmin):
    form = QueuedJobForm
    list_display = ("what", "of", "whose", "key", STATE, "due", "priority")
    list_filter = (StateFilter, QueueFilter, NetworkFilter, JobFilter)
    search_fields = ("owner__startswith", "argument__startswith", "job__startswith")
    search_help_text = _("How an owner, an argument or a job's id begins.")
    shown = ("what", "of", "whose", "key", "network", STATE, "starts", "holder", "job")
    fields = ("lock", "priority", *shown)
    readonly_fields = shown
    ordering = ("id",)
    actions = ("run_now", "raise_priority", "lower_priority", "discard")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ORDER_OF_STATE.get(request.GET.get("state", ""), self.ordering)

    @admin.display(description=_("job"), ordering="func")
    def what(self, row: QueuedJob) -> str:
        if row.func:
            return job_word(row.func)
        job = row.read()
        return (
            job_word(job.func)
            if isinstance(job, Job)
            else gettext("unreadable: {why}").format(why=job)
        )

    @admin.display(description=_("about"), ordering="argument")
    def of(self, row: QueuedJob) -> str:
        return subject_link(row.func, row.argument)

    @admin.display(description=_("owner"), ordering="owner")
    def whose(self, row: QueuedJob) -> str:
        return owner_link(row.owner)

    @admin.display(description=_("due"), ordering="lock", empty_value="")
    def due(self, row: QueuedJob) -> datetime | None:
        return None if row.holder else row.lock

    # ── One ───────────────────────────────────────────────────────────────────────────────────
    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return self.may("change", request)

    def get_readonly_fields(self, request: HttpRequest, obj: QueuedJob | None = None) -> tuple:
        if obj is None or obj.holder:
            return self.fields
        return self.shown if obj.may_be_moved else ("lock", *self.shown)

    def change_view(self, request: HttpRequest, object_id: str, *more: Any, **rest: Any) -> Any:
        job = self.get_object(request, object_id)
        if job is None:
            return self.refuse(request, JOB_GONE)
        if job.holder and request.method == "POST":
            return self.refuse(request, JOB_RUNNING)
        return super().change_view(request, object_id, *more, **rest)

    def refuse(self, request: HttpRequest, why: Words) -> HttpResponse:
        messages.error(request, str(why))
        return redirect(reverse("admin:jobs_queuedjob_changelist"))

    def save_model(self, request: HttpRequest, obj: QueuedJob, form: Any, change: bool) -> None:
        # Django hands only the request on to `response_change`.
        request.happened = form.act(request.user)  # type: ignore[attr-defined]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit log has it from where it happens."""

    def response_change(self, request: HttpRequest, obj: QueuedJob) -> HttpResponse:
        if not request.happened:  # type: ignore[attr-defined]  # as above
            there = QueuedJob.objects.filter(pk=obj.pk).exists()
            return self.refuse(request, JOB_RUNNING if there else JOB_GONE)
        return super().response_change(request, obj)

    # ── Many ──────────────────────────────────────────────────────────────────────────────────
    @admin.action(description=_("Run now: before all of the same priority"), permissions=["act"])
    def run_now(self, request: HttpRequest, jobs: QueuedJobQuerySet) -> None:
        done = jobs.run_now(request.user)
        self.say(
            request,
            done,
            ngettext("{count} moved to the front.", "{count} moved to the front.", done),
        )

    @admin.action(description=_("Raise the priority"), permissions=["act"])
    def raise_priority(self, request: HttpRequest, jobs: QueuedJobQuerySet) -> None:
        done = jobs.shift_priority(1, request.user)
        self.say(request, done, ngettext("{count} raised.", "{count} raised.", done))

    @admin.action(description=_("Lower the priority"), permissions=["act"])
    def lower_priority(self, request: HttpRequest, jobs: QueuedJobQuerySet) -> None:
        done = jobs.shift_priority(-1, request.user)
        self.say(request, done, ngettext("{count} lowered.", "{count} lowered.", done))

    @admin.action(description=_("Discard"), permissions=["discard"])
    def discard(self, request: HttpRequest, jobs: QueuedJobQuerySet) -> None:
        done = jobs.discard(request.user)
        self.say(request, done, ngettext("{count} discarded.", "{count} discarded.", done))

    def say(self, request: HttpRequest, done: int, sentence: str) -> None:
        if done:
            messages.success(request, sentence.format(count=done))
        missed = len(request.POST.getlist("_selected_action")) - done
        if missed > 0:
            sentence = ngettext(
                "{count} had changed meanwhile: nothing done.",
                "{count} had changed meanwhile: nothing done.",
                missed,
            )
            messages.warning(request, sentence.format(count=missed))


@admin.register(OrmQ)
class OrmQAdmin(RedirectAdmin):
    model_name = "jobs_queuedjob"
