"""Tokens for operators: whose, since when and for what. Never what opens anything."""

from django.contrib import admin
from django.http import HttpRequest

from social.admin import ReadOnlyAdmin

from .models import ApiToken

TOKEN_COLUMNS = ("name", "user", "prefix", "scopes", "created_at", "last_used_at", "revoked_at")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = TOKEN_COLUMNS
    list_select_related = ["user"]
    fields = (*TOKEN_COLUMNS, "channel_ids", "expires_at", "last_address")
    readonly_fields = fields
    search_fields = ["name", "prefix", "user__username"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Nor its hash, piece by piece."""
        return lookup.split("__")[0] in self.fields and super().lookup_allowed(
            lookup, value, request
        )
