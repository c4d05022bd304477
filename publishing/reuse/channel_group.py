"""A set of channels under a name."""

import uuid
from collections.abc import Mapping
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from social.exporting import ExportPart
from social.models import Channel

from .snippet import NAME_CHARACTERS

GROUPS_PER_USER = 50
ALL = "all"  # in place of a group's id: every channel that its user posts to


class ChannelGroupQuerySet(models.QuerySet["ChannelGroup"]):
    def of(self, user: Any) -> Self:
        return self.filter(user=user)


def channels_in(group_id: int) -> dict[str, list[uuid.UUID]]:
    """What an export says of a group besides its name."""
    channels = ChannelGroup.objects.get(pk=group_id).channels
    return {"channels": list(channels.values_list("pk", flat=True))}


class ChannelGroup(models.Model):
    """Channels that a person chooses together. One that is not used any more stays in it, for it
    may be used again, and is left out meanwhile."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channel_groups"
    )
    name = models.CharField(max_length=NAME_CHARACTERS)
    channels = models.ManyToManyField(Channel, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ChannelGroupQuerySet.as_manager()
    export = ExportPart("channel_groups", "name", details=channels_in)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="channel_group_once_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def split(self, by_account: Mapping[str, Channel]) -> tuple[list[Channel], list[str]]:
        """The channels that it means today, of those that its user posts to, and the names of
        those that are left out. One that was connected anew is the same place, by its account."""
        kept = list(self.channels.all())
        standing = [by_account[c.account] for c in kept if c.account in by_account]
        return standing, [c.name for c in kept if c.account not in by_account]


def channels_by_account(user: Any) -> dict[str, Channel]:
    return {channel.account: channel for channel in Channel.objects.of(user)}


def with_group(user: Any, typed: Mapping[str, Any]) -> dict[str, Any]:
    """A composer as it was typed, with the channels of the group that was pressed there."""
    pressed, fields = typed.get("group"), dict(typed)
    if not pressed:
        return fields
    by_account = channels_by_account(user)
    channels = list(by_account.values())
    if pressed != ALL:
        groups = ChannelGroup.objects.of(user).prefetch_related("channels")
        named = [group for group in groups if str(group.public_id) == pressed]
        channels = named[0].split(by_account)[0] if named else []
    return fields | {"channels": [str(channel.pk) for channel in channels]}
