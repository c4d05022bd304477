"""What a person keeps for writing, for the composer's menus: read only where a page shows it."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import QuerySet
from django.template import RequestContext

from publishing.reuse.channel_group import ChannelGroup
from publishing.reuse.snippet import Snippet
from publishing.reuse.tag import Tag
from social.models import Channel

register = template.Library()
CHANNELS_TO_GROUP = 3  # with fewer, ticking is as quick


@dataclass(frozen=True)
class Chip:
    """A group as the composer offers it."""

    group: ChannelGroup
    channels: list[Channel]
    left_out: list[str]  # names


@register.simple_tag(takes_context=True)
def snippets(context: RequestContext) -> QuerySet[Snippet]:
    return Snippet.objects.of(user_of(context))


@register.simple_tag(takes_context=True)
def tags_of_user(context: RequestContext) -> QuerySet[Tag]:
    return Tag.objects.of(user_of(context))


@register.simple_tag(takes_context=True)
def channel_chips(context: RequestContext) -> dict[str, Any]:
    """The `groups` of the user, over the `channels` that the page offers; nothing where these would
    not help."""
    rows = list(ChannelGroup.objects.of(user_of(context)).prefetch_related("channels"))
    by_account = {channel.account: channel for channel in context["channels"]}
    if not rows and len(by_account) < CHANNELS_TO_GROUP:
        return {}
    return {"groups": [Chip(row, *row.split(by_account)) for row in rows]}


def user_of(context: RequestContext) -> Any:
    return context["request"].user
