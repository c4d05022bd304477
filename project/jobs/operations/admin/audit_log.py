"""The audit log: what people did to jobs and workers."""

from django.contrib import admin

from ...models import AuditLogEntry
from .base import OperatedAdmin


@admin.register(AuditLogEntry)
class AuditLogAdmin(OperatedAdmin):
    list_display = ("at", "who", "did", "to")
    fields = list_display
    readonly_fields = fields
    search_fields = ("who", "did", "to")
