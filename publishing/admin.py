"""Posts and deliveries for operators. What can be done to one goes through its own verbs."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from social.admin import (
    ColumnFilter,
    FollowedFilter,
    NetworkNameFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
    column,
    linked,
)

from .models import Attempt, Comment, Delivery, Draft, Post, PostingTime, Tag, Verification
from .states import STATES, WAITING_FOR

WHEN = (
    "created_at",
    "due_at",
    "at_posting_time",
    "next_attempt_at",
    "next_verification_at",
    "doubted_since",
    "woken_at",
    "finished_at",
)


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


class CommentInline(ReadOnlyInline):
    model = Comment
    fields = readonly_fields = (
        "text",
        "state",
        "reason",
        "attempt",
        "looks",
        "next_at",
        "begun_at",
        "finished_at",
        "detail",
        "remote_id",
        "worker",
    )


class DeliveryInline(ReadOnlyInline):
    fk_name = "post"
    model = Delivery
    fields = readonly_fields = ("job_id", "channel", "state", "waiting_for", "reason", "remote_url")
    show_change_link = True


STATUS = column("status", _("status"))


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ("start", "user", STATUS, "due_at", "created_at")
    search_fields = ("public_id", "text", "user__username", "user__email")
    list_select_related = ("user",)
    fields = readonly_fields = (
        "user",
        "text",
        STATUS,
        "due_at",
        "time_zone",
        "picture_count",
        "created_at",
        "published_at",
        "edited_at",
        "public_id",
    )
    inlines = (DeliveryInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("deliveries")

    @admin.display(description=_("text"))
    def start(self, post: Post) -> str:
        return post.text[:80] or gettext("(pictures only)")


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    """Whose it is; which posts have it is their person's business."""

    list_display = ("name", "user", "colour", "created_at", "deleted_at")
    search_fields = ("name", "user__username", "user__email")
    list_select_related = ("user",)
    ordering = ("-id",)
    fields = readonly_fields = ("user", "name", "colour", "created_at", "deleted_at")


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """That somebody is writing, not what: that is nobody's business before it is published."""

    list_display = ("public_id", "user", "revision", "changed_at", "trashed_at", "published_as")
    search_fields = ("public_id", "user__username", "user__email")
    list_select_related = ("user", "published_as")
    ordering = ("-id",)
    fields = readonly_fields = (
        "user",
        "public_id",
        "revision",
        "post",
        "published_as",
        "planned_at",
        "created_at",
        "changed_at",
        "trashed_at",
    )


@admin.register(PostingTime)
class PostingTimeAdmin(ReadOnlyAdmin):
    list_display = ("user", "weekday", "clock", "is_on")
    search_fields = ("user__username", "user__email")
    list_select_related = ("user",)
    fields = readonly_fields = ("user", "weekday", "clock", "is_on")


class DeliveryStateFilter(ColumnFilter):
    title, parameter_name = _("state"), "state"
    values = STATES


class WaitingForFilter(ColumnFilter):
    title, parameter_name, values = _("what it waits for"), "waiting_for", WAITING_FOR


class ReasonFilter(FollowedFilter):
    title, parameter_name = _("reason"), "reason"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        "start",
        "channel",
        "user",
        "state",
        "waiting_for",
        "why",
        "tries",
        "due_at",
        "next_attempt_at",
    )
    list_filter = (DeliveryStateFilter, WaitingForFilter, NetworkNameFilter, ReasonFilter)
    search_fields = ("job_id", "remote_id", "account", "post__user__username", "post__text")
    list_select_related = ("channel", "post__user")
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("post", "user", "channel", "connection", "content", "job_id")}),
        (_("Where it stands"), {"fields": ("state", "waiting_for", "reason", "remote_url")}),
        (_("When"), {"fields": WHEN}),
        (_("Who has it"), {"fields": ("attempt", "tries", "worker", "lease_until")}),
        (_("At the network"), {"fields": ("account", "remote_id", "claimed_id", "replaced_by")}),
    )
    inlines = (AttemptInline, VerificationInline, CommentInline)
    actions = ("send_now", "cancel")

    def get_readonly_fields(self, request: HttpRequest, obj: Delivery | None = None) -> list[str]:
        return [str(name) for _, fieldset in self.fieldsets for name in fieldset["fields"]]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Delivery | None:
        """By its id, or by the job id that people and jobs know it by."""
        return super().get_object(request, object_id, "job_id" if "-" in object_id else from_field)

    @admin.display(description=_("text"))
    def start(self, delivery: Delivery) -> str:
        return (delivery.text or delivery.post.text)[:60] or str(delivery.job_id)

    @admin.display(description=_("user"), ordering="post__user")
    def user(self, delivery: Delivery) -> str:
        user = delivery.post.user
        return linked("auth_user", user.pk, user.get_username())

    @admin.display(description=_("content"))
    def content(self, delivery: Delivery) -> object:
        return delivery.content

    @admin.display(description=_("connection"))
    def connection(self, delivery: Delivery) -> str:
        connection = delivery.channel.connection
        return linked("social_connection", connection.pk, connection)

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, delivery: Delivery) -> str:
        asked = f"?reason={delivery.reason}"
        return format_html('<a href="{}">{}</a>', asked, delivery.reason) if delivery.reason else ""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("publishing.change_delivery")

    @admin.action(description=_("Send now: what failed or waits"), permissions=["operate"])
    def send_now(self, request: HttpRequest, deliveries: QuerySet) -> None:
        done = sum(delivery.retry() for delivery in deliveries)
        sentence = ngettext(
            "{count} queued to go out now; the rest cannot be.",
            "{count} queued to go out now; the rest cannot be.",
            done,
        )
        messages.success(request, sentence.format(count=done))

    @admin.action(description=_("Cancel: what is not being sent yet"), permissions=["operate"])
    def cancel(self, request: HttpRequest, deliveries: QuerySet) -> None:
        done = sum(delivery.cancel() for delivery in deliveries)
        sentence = ngettext(
            "{count} canceled; the rest cannot be.", "{count} canceled; the rest cannot be.", done
        )
        messages.success(request, sentence.format(count=done))
