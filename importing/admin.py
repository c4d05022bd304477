"""Timelines, runs and items for operators, to look at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from social.admin import ColumnFilter, NetworkNameFilter, ReadOnlyAdmin, column

from .models import ImportedItem, ImportRun, Timeline
from .states import RUN_STATES, TIMELINE_KINDS

TIMELINE_COLUMNS = (
    "id user network_name kind stored expected read_at next_import_at import_interval_seconds "
    "failures paused_at"
).split()
RUN_COLUMNS = (
    "id",
    column("timeline_id", _("timeline")),
    *"created_at state reason added updated items pages cost".split(),
    column("seconds", _("seconds")),
    *("asked", "again_at", "worker"),
)


class KindFilter(ColumnFilter):
    title, parameter_name = _("kind"), "kind"
    values = TIMELINE_KINDS


@admin.register(Timeline)
class TimelineAdmin(ReadOnlyAdmin):
    list_display = (*TIMELINE_COLUMNS,)
    list_filter = (NetworkNameFilter, KindFilter)
    search_fields = ("user__username",)
    list_select_related = ("user",)


class RunStateFilter(ColumnFilter):
    title, parameter_name = _("state"), "state"
    values = RUN_STATES


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = RUN_COLUMNS
    list_filter = (RunStateFilter,)
    search_fields = ("timeline__user__username",)


@admin.register(ImportedItem)
class ImportedItemAdmin(ReadOnlyAdmin):
    """Lists the newest that were stored first, by an index: there may be millions."""

    list_display = ("id", "network_name", "kind", "remote_id", "start", "created_at", "reactions")
    ordering = ("-id",)

    @admin.display(description=_("text"))
    def start(self, item: ImportedItem) -> str:
        return item.text[:80]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("entities")
