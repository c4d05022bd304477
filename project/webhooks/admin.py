"""Webhooks for operators: whom people have told, and how that goes; never a secret."""

from django.contrib import admin

from social.admin import ReadOnlyAdmin

from .models import Webhook


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("url", "user", "failures", "failing_since", "succeeded_at", "disabled_at")
    fields = (
        "public_id",
        "url",
        "user",
        "created_at",
        "failures",
        "failing_since",
        "paused_until",
        "succeeded_at",
        "disabled_at",
        "worker",
        "lease_until",
    )
    list_select_related = ("user",)
