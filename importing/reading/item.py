"""An imported item: a post, a Page or a person that a timeline shows, stored once."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from importing.states import KIND_WORDS, POST, TIMELINE_KINDS
from publishing.models import Delivery
from social.exporting import ExportPart
from social.networks import NETWORKS
from social.networks.base import Network
from social.people import AnyUser

from .timeline import Timeline


class ImportedItemQuerySet(models.QuerySet["ImportedItem"]):
    def of(self, user: AnyUser) -> Self:
        return self.filter(user=user)

    def with_timeline(self) -> Self:
        return self.select_related("timeline__channel", "timeline__connection")

    def posts(self) -> Self:
        return self.filter(kind=POST)

    def newest_first(self) -> Self:
        """Order by an index: of a user, of a user and a kind, or of a timeline."""
        return self.order_by("-created_at", "-id")

    def before(self, item: "ImportedItem") -> Self:
        """Select what comes after `item`, newest first: the next page begins there, and nobody
        counts."""
        same_moment = Q(created_at=item.created_at, id__gte=item.id)
        return self.filter(~same_moment, created_at__lte=item.created_at)

    def best(self) -> Self:
        """Select posts, by their likes and reposts; there is an index of a user's."""
        return self.posts().order_by("-reactions", "-id")


class ImportedItem(models.Model):
    """A thing that a timeline showed, as it was when it was read last.

    It is hostile: whatever a stranger wrote. Text is shown escaped; `url` and those in `entities`
    are http or https, and are links to strangers."""

    timeline = models.ForeignKey(
        Timeline, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10)  # the timeline's
    network_name = models.CharField(max_length=20, db_column="network")
    first_id = models.CharField(max_length=320)  # stays through edits, which may give a new id
    remote_id = models.CharField(max_length=320)  # what it is called now
    text = models.TextField(blank=True)
    url = models.URLField(max_length=1000, blank=True)
    author_id = models.CharField(max_length=320, blank=True)
    author_name = models.CharField(max_length=200, blank=True)
    author_handle = models.CharField(max_length=320, blank=True)
    created_at = models.DateTimeField()  # there; where nobody says, when it was first seen
    # None: the network does not say.
    likes = models.PositiveIntegerField(null=True, blank=True)
    reposts = models.PositiveIntegerField(null=True, blank=True)
    replies = models.PositiveIntegerField(null=True, blank=True)
    views = models.PositiveBigIntegerField(null=True, blank=True)
    reactions = models.PositiveIntegerField(default=0)  # likes and reposts
    # hashtags, mentions, urls: lists; category, about: words; pictures: how many
    entities = models.JSONField(default=dict)
    digest = models.BigIntegerField(default=0)  # of all that the network said: has it changed?
    delivery = models.ForeignKey(  # when it is one of ours
        Delivery,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="imported",
        db_index=False,
    )
    imported_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)  # the same until something changed
    # Its absence from a list says nothing: it is asked for by its id, before it is suggested.
    checked_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = ImportedItemQuerySet.as_manager()
    export = ExportPart(
        "imported",
        "timeline_id kind network_name remote_id text url author_id author_name "
        "author_handle created_at likes reposts replies views entities delivery__job_id "
        "imported_at updated_at gone_at",
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="item_of_user"),
            models.Index(fields=["user", "kind", "-created_at", "-id"], name="item_of_kind"),
            models.Index(fields=["timeline", "-created_at", "-id"], name="item_of_timeline"),
            models.Index(
                fields=["user", "-reactions", "-id"], condition=Q(kind=POST), name="item_best"
            ),
            models.Index(
                fields=["delivery"], condition=Q(delivery__isnull=False), name="item_of_delivery"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["timeline", "first_id"], name="item_once_a_timeline"),
            models.CheckConstraint(
                condition=Q(kind__in=TIMELINE_KINDS), name="item_kind_is_a_word"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.remote_id}"

    @property
    def kind_word(self) -> str:
        """What one item of its kind is called."""
        return str(KIND_WORDS[self.kind])

    @property
    def network(self) -> Network:
        return NETWORKS[self.network_name]

    @property
    def link(self) -> str:
        """Where it can be seen: a web address or empty, whatever was stored."""
        return self.url if self.url.startswith(("https://", "http://")) else ""

    @property
    def is_ours(self) -> bool:
        return self.delivery_id is not None
