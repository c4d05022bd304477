"""A word and a colour by which a person finds their posts again."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from social.exporting import ExportPart

TAG_CHARACTERS = 40
TAGS_PER_USER = 100
# The style sheet has each, in both schemes. Never the colour alone: the name stands with it.
COLOURS = [
    ("grey", _("Grey")),
    ("red", _("Red")),
    ("orange", _("Orange")),
    ("yellow", _("Yellow")),
    ("green", _("Green")),
    ("teal", _("Teal")),
    ("blue", _("Blue")),
    ("violet", _("Violet")),
]


class TagQuerySet(models.QuerySet["Tag"]):
    def of(self, user: Any) -> Self:
        """Those that `user` has not deleted."""
        return self.filter(user=user, deleted_at=None)


def posts_with(tag_id: int) -> dict[str, list[uuid.UUID]]:
    """What an export says of a tag besides its columns."""
    tagged = PostTag.objects.filter(tag=tag_id).order_by("post")
    return {"posts": list(tagged.values_list("post__public_id", flat=True))}


class Tag(models.Model):
    """Such a word. A deleted one keeps its posts for a day, so that it can be brought back."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tags"
    )
    name = models.CharField(max_length=TAG_CHARACTERS)
    colour = models.CharField(max_length=8, choices=COLOURS, default="grey")
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = TagQuerySet.as_manager()
    export = ExportPart(
        "tags",
        "public_id name colour created_at",
        only=models.Q(deleted_at=None),
        details=posts_with,
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=models.Q(deleted_at=None),
                name="tag_once_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delete_for_now(self) -> None:
        """It is gone from every page; its posts are kept until the day is over."""
        Tag.objects.filter(pk=self.pk, deleted_at=None).update(deleted_at=timezone.now())

    def bring_back(self) -> bool:
        """Whether there is none of that name by now."""
        try:
            with transaction.atomic():
                Tag.objects.filter(pk=self.pk).update(deleted_at=None)
        except IntegrityError:
            return False
        return True


class PostTag(models.Model):
    """That a post has a tag. Its index gives the latest posts of a tag first."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="post_tags", db_index=False)
    post = models.ForeignKey("publishing.Post", on_delete=models.CASCADE, related_name="post_tags")

    export = None  # each tag tells its posts

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tag", "post"], name="tag_once_a_post"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} of {self.post_id}"
