"""What runs by itself: the rows of the timetable, and those that a person makes."""

from django.contrib import admin
from django.http import HttpRequest
from django_q.models import Schedule

from ...queue.timetable import TIMETABLE_PREFIX
from ..forms import ScheduleForm
from .base import AuditedAdmin


@admin.register(Schedule)
class ScheduleAdmin(AuditedAdmin):
    form = ScheduleForm
    list_display = ("name", "func", "args", "schedule_type", "minutes", "repeats", "next_run")
    fields = ("name", "func", "args", "schedule_type", "minutes", "repeats", "next_run")
    search_fields = ("name", "func")
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Schedule | None = None) -> tuple:
        return self.fields[:5] if is_of_timetable(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Schedule | None = None) -> bool:
        return not is_of_timetable(obj) and super().has_delete_permission(request, obj)


def is_of_timetable(schedule: Schedule | None) -> bool:
    """A row of the timetable: a person may pause it (repeats 0), not change or delete it."""
    return schedule is not None and (schedule.name or "").startswith(TIMETABLE_PREFIX)
