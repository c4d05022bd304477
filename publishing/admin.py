"""Posts and deliveries for operators. What can be done to one goes through its own verbs."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from social.admin import ReadOnlyAdmin, ReadOnlyInline

from .models import Attempt, Delivery, Post, Verification


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = readonly_fields = (
        "number",
        "started_at",
        "finished_at",
        "outcome",
        "reason",
        "status",
        "detail",
        "remote_id",
        "worker",
    )


class VerificationInline(ReadOnlyInline):
    model = Verification
    fields = readonly_fields = (
        "verified_at",
        "outcome",
        "reason",
        "items",
        "candidates",
        "detail",
    )


class DeliveryInline(ReadOnlyInline):
    fk_name = "post"
    model = Delivery
    fields = readonly_fields = ("job_id", "channel", "state", "waiting_for", "reason", "remote_url")
    show_change_link = True


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "user", "start", "status", "due_at", "created_at")
    search_fields = ("public_id", "text", "user__username", "user__email")
    date_hierarchy = "created_at"
    list_select_related = ("user",)
    inlines = (DeliveryInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("deliveries")

    @admin.display(description="text")
    def start(self, post: Post) -> str:
        return post.text[:80]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        "job_id",
        "channel",
        "user",
        "state",
        "waiting_for",
        "reason",
        "attempt",
        "due_at",
        "next_attempt_at",
        "next_verification_at",
    )
    list_filter = ("state", "waiting_for", "network_name", "reason")
    search_fields = ("job_id", "remote_id", "account", "post__user__username", "post__text")
    list_select_related = ("channel", "post__user")
    ordering = ("-id",)
    inlines = (AttemptInline, VerificationInline)
    actions = ("send_now", "cancel")

    def user(self, delivery: Delivery) -> str:
        return delivery.post.user.get_username()

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("publishing.change_delivery")

    @admin.action(description="Send now: what failed or waits", permissions=["operate"])
    def send_now(self, request: HttpRequest, deliveries: QuerySet) -> None:
        done = sum(delivery.retry() for delivery in deliveries)
        messages.success(request, f"{done} queued to go out now; the rest cannot be.")

    @admin.action(description="Cancel: what is not being sent yet", permissions=["operate"])
    def cancel(self, request: HttpRequest, deliveries: QuerySet) -> None:
        done = sum(delivery.cancel() for delivery in deliveries)
        messages.success(request, f"{done} canceled; the rest cannot be.")
