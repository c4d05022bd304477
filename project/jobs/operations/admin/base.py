"""What the operators' pages have in common."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from social.admin import ReadOnlyAdmin, linked

from ...models import AuditLogEntry
from ...templatetags.job_words import shortened
from ..related import subject_address


class OperatedAdmin(ReadOnlyAdmin):
    """Rows that only programs write: a person may look at them and use the actions."""

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Of actions that change such rows; ours, not Django's for the whole form."""
        return self.may("change", request)

    def has_discard_permission(self, request: HttpRequest) -> bool:
        return self.may("delete", request)

    def may(self, verb: str, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}")


def subject_link(func: str, argument: str) -> str:
    """What a job is about, with the way there."""
    address = subject_address(func, argument)
    if not address:
        return shortened(argument)
    return format_html('<a href="{}" title="{}">{}</a>', address, argument, shortened(argument))


def owner_link(owner: str | None) -> str:
    """For whom a job is: a person, with the way there, or another name."""
    kind, _, key = (owner or "").partition(":")
    return linked("auth_user", key, owner) if kind == "user" and key else owner or ""


class AuditedAdmin(admin.ModelAdmin):
    """Rows that people edit: who did it is in the audit log as well."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        AuditLogEntry.objects.record(request.user, "added", f"{self.opts.verbose_name} {obj}")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        AuditLogEntry.objects.record(request.user, "changed", f"{self.opts.verbose_name} {obj}")
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            AuditLogEntry.objects.record(request.user, "deleted", f"{self.opts.verbose_name} {obj}")
        return super().log_deletions(request, queryset)


class RedirectAdmin(admin.ModelAdmin):
    """A stock page's address, for bookmarks: its rows are shown by a page of ours."""

    model_name = ""  # of the page of ours

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}  # not in the index

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.show_list), name=f"{name}_changelist"),
            path("<path:object_id>/change/", view(self.show_row), name=f"{name}_change"),
        ]

    def show_list(self, request: HttpRequest) -> HttpResponse:
        return redirect(reverse(f"admin:{self.model_name}_changelist"))

    def show_row(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect(reverse(f"admin:{self.model_name}_change", args=[object_id]))
