"""Dead letters: rows that could not be run, until a person releases or discards them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ...models import DeadLetter
from ...models.dead_letters import DeadLetterQuerySet
from ...queue.job import NotAJob
from .base import OperatedAdmin


@admin.register(DeadLetter)
class DeadLetterAdmin(OperatedAdmin):
    list_display = ("reason", "key", "created_at")
    fields = ("reason", "key", "created_at", "payload")
    readonly_fields = fields
    search_fields = ("reason",)
    actions = ("release", "discard")

    @admin.action(description="Release: back into the queue", permissions=["act"])
    def release(self, request: HttpRequest, rows: QuerySet) -> None:
        for row in rows:
            try:
                row.release(request.user)
            except NotAJob as error:
                messages.error(request, f"{row.pk} stays a dead letter: {error}.")
            else:
                messages.success(request, f"{row.pk} is in the queue again.")

    @admin.action(description="Discard", permissions=["discard"])
    def discard(self, request: HttpRequest, rows: DeadLetterQuerySet) -> None:
        messages.success(request, f"{rows.discard(request.user)} discarded.")
