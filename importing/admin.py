"""Timelines, runs and items for operators, to look at."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from social.admin import ReadOnlyAdmin

from .models import ImportedItem, ImportRun, Timeline

MANY = 10_000
RUN = ("created_at", "state", "reason", "added", "updated", "items", "pages", "cost", "seconds")


class Bounded(Paginator):
    """Counts no further than a person turns pages: there may be millions."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:MANY].count()


@admin.register(Timeline)
class TimelineAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "user",
        "network_name",
        "kind",
        "stored",
        "expected",
        "read_at",
        "next_import_at",
        "interval",
        "failures",
        "paused_at",
    )
    list_filter = ("network_name", "kind")
    search_fields = ("user__username",)
    list_select_related = ("user",)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    list_display = ("id", "timeline_id", *RUN, "asked", "again_at", "worker")
    list_filter = ("state",)
    search_fields = ("timeline__user__username",)
    show_full_result_count = False
    paginator = Bounded


@admin.register(ImportedItem)
class ImportedItemAdmin(ReadOnlyAdmin):
    """By the newest that were stored, which is an index: there may be millions."""

    list_display = ("id", "network_name", "kind", "remote_id", "start", "created_at", "reactions")
    ordering = ("-id",)
    show_full_result_count = False
    paginator = Bounded

    @admin.display(description="text")
    def start(self, item: ImportedItem) -> str:
        return item.text[:80]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("entities")
