from django.contrib import admin
from django.http import HttpRequest

from .models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(admin.ModelAdmin):
    """Read only, and never a body: it may hold a link that lets its reader in."""

    list_display = ["subject", "to", "created_at", "sent_at", "tries", "next_try_at", "error"]
    fields = readonly_fields = list_display
    list_filter = [("sent_at", admin.EmptyFieldListFilter)]
    search_fields = ["to", "subject"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutgoingMail | None = None) -> bool:
        return False
