"""Dead letters: rows that could not be run, until a person releases or discards them."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

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

    @admin.action(description=_("Release: back into the queue"), permissions=["act"])
    def release(self, request: HttpRequest, rows: QuerySet) -> None:
        for row in rows:
            try:
                row.release(request.user)
            except NotAJob as error:
                messages.error(
                    request,
                    gettext("{row} stays a dead letter: {why}.").format(row=row.pk, why=error),
                )
            else:
                messages.success(
                    request, gettext("{row} is in the queue again.").format(row=row.pk)
                )

    @admin.action(description=_("Discard"), permissions=["discard"])
    def discard(self, request: HttpRequest, rows: DeadLetterQuerySet) -> None:
        done = rows.discard(request.user)
        sentence = ngettext("{count} discarded.", "{count} discarded.", done)
        messages.success(request, sentence.format(count=done))
