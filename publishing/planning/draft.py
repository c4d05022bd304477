"""What somebody is writing: a row that is theirs alone, saved while they write."""

import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from publishing.media.media import Media
from publishing.sql import insert_unless_known
from social.exporting import ExportPart

from .fields import Fields, excerpt_of
from .planned import planned_time

VERSIONS_KEPT = 20  # of a draft
VERSION_EVERY = timedelta(minutes=2)  # unless something is overwritten


class DraftQuerySet(models.QuerySet["Draft"]):
    """Drafts by whose they are and what became of them."""

    def of(self, user: Any) -> Self:
        return self.filter(user=user)

    def live(self) -> Self:
        return self.filter(published_as=None, trashed_at=None)

    def trashed(self) -> Self:
        return self.filter(published_as=None, trashed_at__isnull=False)

    def tombstones(self) -> Self:
        """Of those that became posts: no save that comes late may bring them back."""
        return self.filter(published_as__isnull=False)

    def copies_of(self, post: models.Model) -> Self:
        """Where somebody is changing a post that waits."""
        return self.live().filter(post=post).order_by("-changed_at", "-id")


class Draft(models.Model):
    """The fields of a composer. It is known by an id that its page made, beside its user's: the
    same id of somebody else is another row."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    fields = models.JSONField(default=dict, blank=True)  # name → list of values
    excerpt = models.CharField(max_length=100, blank=True)
    revision = models.PositiveIntegerField(default=1)
    # The scheduled post that is being changed, and which of its versions this began with.
    post = models.ForeignKey(
        "publishing.Post",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="working_copies",
    )
    post_revision = models.CharField(max_length=40, blank=True)
    published_as = models.ForeignKey(
        "publishing.Post", null=True, blank=True, on_delete=models.CASCADE, related_name="drafts"
    )
    planned_at = models.DateTimeField(null=True, blank=True)  # as its fields say
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    versioned_at = models.DateTimeField(default=timezone.now)  # the last time words were set aside
    trashed_at = models.DateTimeField(null=True, blank=True)

    objects = DraftQuerySet.as_manager()
    export = ExportPart(
        "drafts",
        "public_id fields revision post__public_id published_as__public_id planned_at "
        "created_at changed_at trashed_at",
    )

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "public_id"], name="draft_once_a_user"),
        ]
        indexes = [
            models.Index(
                fields=["user", "-changed_at", "-id"],
                condition=Q(published_as=None, trashed_at=None),
                name="draft_live",
            ),
            models.Index(
                fields=["trashed_at"],
                condition=Q(published_as=None, trashed_at__isnull=False),
                name="draft_trashed",
            ),
            models.Index(
                fields=["changed_at"],
                condition=Q(published_as__isnull=False),
                name="draft_published",
            ),
            models.Index(
                fields=["user", "planned_at"],
                condition=Q(published_as=None, trashed_at=None, planned_at__isnull=False),
                name="draft_planned",
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.public_id}"

    def get_absolute_url(self) -> str:
        return f"/drafts/{self.public_id}/"

    @property
    def is_live(self) -> bool:
        return self.published_as_id is None and self.trashed_at is None

    @property
    def picture_ids(self) -> list[str]:
        return self.fields.get("media", [])

    def create(self) -> bool:
        """Whether this is its first row: the same id may have come another way meanwhile."""
        self.excerpt, self.planned_at = excerpt_of(self.fields), planned_time(self.fields)
        with transaction.atomic() if self.picture_ids else nullcontext():
            self.pk = insert_unless_known(self, "user", "public_id")
            if self.pk and self.picture_ids:
                self.hold_pictures()
        return self.pk is not None

    def rewrite(self, fields: Fields, keeps_old: bool = False) -> bool:
        """Save `fields` over what this very revision says. What it said becomes a version when
        the last is a while ago, and at any time with `keeps_old`. Whether nobody was quicker."""
        now = timezone.now()
        old = DraftVersion.of(self)
        keeps_old = keeps_old or now - self.versioned_at >= VERSION_EVERY
        moves_pictures = fields.get("media", []) != self.picture_ids
        values = {
            "fields": fields,
            "excerpt": excerpt_of(fields),
            "planned_at": planned_time(fields),
            "revision": self.revision + 1,
            "changed_at": now,
            "versioned_at": now if keeps_old else self.versioned_at,
        }
        with transaction.atomic() if keeps_old or moves_pictures else nullcontext():
            if not self.move(**values):
                return False
            if keeps_old:
                old.keep()
            if moves_pictures:
                self.hold_pictures()
        return True

    def move(self, **values: Any) -> bool:
        """Set `values`, if it is still what this object says: one UPDATE."""
        known: Mapping[str, Any] = {
            "pk": self.pk,
            "revision": self.revision,
            "published_as": self.published_as_id,
            "trashed_at": self.trashed_at,
        }
        if not Draft.objects.filter(**known).update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True

    def hold_pictures(self) -> None:
        """Its pictures are kept as long as it is; those that it had are on their own again."""
        Media.objects.filter(draft=self).exclude(public_id__in=self.picture_ids).update(draft=None)
        if self.picture_ids:
            pictures = Media.objects.filter(user=self.user_id, public_id__in=self.picture_ids)
            pictures.update(draft=self)

    def discard(self) -> bool:
        """Into the trash, whatever its revision. Whether it was not there yet."""
        live = Draft.objects.live().filter(pk=self.pk)
        return bool(live.update(trashed_at=timezone.now()))

    def restore(self) -> bool:
        """Out of the trash."""
        trashed = Draft.objects.trashed().filter(pk=self.pk)
        return bool(trashed.update(trashed_at=None, changed_at=timezone.now()))


class DraftVersion(models.Model):
    """What a draft said before."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="versions")
    revision = models.PositiveIntegerField()
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()  # when these words were saved
    created_at = models.DateTimeField(default=timezone.now)

    export = ExportPart(
        "draft_versions", "draft__public_id revision fields saved_at", owner="draft__user"
    )

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], name="draft_version_age")]

    def __str__(self) -> str:
        return f"revision {self.revision} of {self.draft_id}"

    @classmethod
    def of(cls, draft: Draft) -> "DraftVersion":
        """What `draft` says at this moment, not stored yet."""
        return cls(
            draft=draft, revision=draft.revision, fields=draft.fields, saved_at=draft.changed_at
        )

    def keep(self) -> None:
        """Store it, and let go of the oldest of too many."""
        self.save()
        versions = DraftVersion.objects.filter(draft=self.draft_id).order_by("-id")
        surplus = list(versions.values_list("pk", flat=True)[VERSIONS_KEPT:])
        if surplus:
            DraftVersion.objects.filter(pk__in=surplus).delete()
