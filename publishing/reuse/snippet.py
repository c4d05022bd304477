"""Words that a person uses often: a signature, a set of hashtags."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from social.exporting import ExportPart
from social.networks import NETWORKS

NAME_CHARACTERS, SNIPPET_CHARACTERS = 60, 5_000
SNIPPETS_PER_USER = 200


class SnippetQuerySet(models.QuerySet["Snippet"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)


class Snippet(models.Model):
    """Such words under a name. They go into a post where their user puts them, never by itself."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="snippets"
    )
    name = models.CharField(max_length=NAME_CHARACTERS)
    text = models.TextField()
    # For which network they are meant; empty: for all.
    network_name = models.CharField(max_length=20, blank=True, db_column="network")
    created_at = models.DateTimeField(default=timezone.now)

    objects = SnippetQuerySet.as_manager()
    export = ExportPart("snippets", "public_id name text network_name created_at")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="snippet_once_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def network_label(self) -> str:
        """The network that they are for, as people call it; empty for all."""
        network = NETWORKS.get(self.network_name)
        return network.label if network else ""
