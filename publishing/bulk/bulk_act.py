"""One act on many posts: which ones is settled before anybody says yes to it."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.deliveries.queryset import BEFORE_ANYTHING
from publishing.reuse.tag import Tag
from social.jobs import enqueue
from social.timing import delay

CANCEL, RETRY, TAG, UNTAG, MOVE, UNDO = "cancel", "retry", "tag", "untag", "move", "undo"
ACTS = [
    (CANCEL, _("Cancel")),
    (RETRY, _("Try again what failed")),
    (MOVE, _("Move by days")),
    (TAG, _("Add a tag")),
    (UNTAG, _("Remove a tag")),
]
UNDOABLE = (CANCEL, MOVE, TAG, UNTAG)
ACT_FORGOTTEN_SECONDS = 120
TASK = "publishing.tasks.act_on_posts"


class BulkActQuerySet(models.QuerySet["BulkAct"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def forgotten(self) -> Self:
        """Begun, and not at its end, though nothing was done for a while: its job got lost."""
        since = timezone.now() - delay(ACT_FORGOTTEN_SECONDS)
        begun = self.filter(begun_at__gt=BEFORE_ANYTHING, finished_at=None)
        return begun.filter(worked_at__lt=since)


class BulkAct(models.Model):
    """What is to be done to which posts, and how far that is."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bulk_acts"
    )
    act = models.CharField(max_length=8, choices=[*ACTS, (UNDO, _("Undo"))])
    tag = models.ForeignKey(Tag, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    days = models.SmallIntegerField(default=0)
    query = models.CharField(max_length=1_000, blank=True)  # of the list that it was asked on
    post_ids = models.JSONField(default=list)
    staying = models.PositiveIntegerField(default=0)  # of the list, to which it cannot be done
    is_partial = models.BooleanField(default=False)  # the list may have more than was looked at
    position = models.PositiveIntegerField(default=0)  # how many of these were looked at
    done = models.PositiveIntegerField(default=0)  # of how many something was changed
    refused = models.JSONField(default=list)  # [post id, sentence] of the first that could not be
    changed = models.JSONField(default=list)  # [post id, and what undoing that takes]
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="undone_by"
    )
    created_at = models.DateTimeField(default=timezone.now)
    worked_at = models.DateTimeField(default=timezone.now)  # the last time that it went on
    begun_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = BulkActQuerySet.as_manager()
    export = None  # what it did is told by the posts

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["begun_at"],
                condition=Q(begun_at__isnull=False, finished_at=None),
                name="bulk_act_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {len(self.post_ids)} posts"

    def get_absolute_url(self) -> str:
        return f"/posts/acts/{self.public_id}/"

    @property
    def word(self) -> str:
        """What is done, in words."""
        return str(dict(ACTS).get(self.act, _("Undo")))

    @property
    def is_asked(self) -> bool:
        """Nobody has said yes to it so far."""
        return self.begun_at is None

    @property
    def count(self) -> int:
        return len(self.post_ids)

    @property
    def not_done(self) -> int:
        """How many of those that were looked at stayed as they were."""
        return self.position - self.done

    @property
    def is_undoable(self) -> bool:
        """Whether it is over, has changed something, and nobody has undone it."""
        is_over = self.finished_at is not None and bool(self.changed)
        return is_over and self.act in UNDOABLE and not hasattr(self, "undone_by")

    def undo(self) -> "BulkAct":
        """The act that undoes this one, begun; the same for a second click."""
        now = timezone.now()
        undone, _is_new = BulkAct.objects.get_or_create(
            undoes=self,
            defaults={
                "user": self.user,
                "act": UNDO,
                "query": self.query,
                "post_ids": [pk for pk, *_needed in self.changed],
                "begun_at": now,
                "worked_at": now,
            },
        )
        return undone

    def begin(self) -> bool:
        """Its person said yes. Whether nobody had before."""
        waiting = BulkAct.objects.filter(pk=self.pk, begun_at=None)
        self.begun_at = timezone.now()
        return bool(waiting.update(begun_at=self.begun_at, worked_at=self.begun_at))

    def act_later(self) -> None:
        enqueue(TASK, str(self.public_id), owner=self.user_id)
