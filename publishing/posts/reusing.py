"""Writing from what was written before: again, or changed in place of what failed. Never its
time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, ngettext

from publishing.media.composer import ComposerMedia
from publishing.models import Delivery, Post
from publishing.states import FAILED
from social.models import Channel

from .composing import as_sent, extras_of, usual_when


@dataclass
class Start:
    """What a composer begins with, and what its writer has to know of that, in sentences."""

    fields: dict[str, Any]
    pictures: ComposerMedia = field(default_factory=ComposerMedia)
    remarks: list[str] = field(default_factory=list)


def write_again(post: Post) -> Start:
    """`post` once more, sent or not: its words, pictures and channels, as far as these are."""
    start = start_with(post, list(post.deliveries.all()))
    start.fields["when"] = usual_when(post.user)
    return start


def change_failed(delivery: Delivery, is_for_all: bool = False) -> Start:
    """In place of what failed: this one alone with its own words, or all of its post."""
    post = delivery.post
    failed = list(post.deliveries.filter(state=FAILED).select_related("channel__connection"))
    if is_for_all and len(failed) > 1:
        start = start_with(post, failed)
        start.fields["again"] = delivery.job_id
        return start
    channels, names = standing(post.user, [delivery])
    fields = as_sent(delivery) | {"channels": channels, "tags": tag_ids(post)}
    pictures, remarks = pictures_of(post)
    return Start(fields, pictures, [*remarks_on_channels(names), *remarks])


def start_with(post: Post, deliveries: Sequence[Delivery]) -> Start:
    """What these deliveries of `post` say, and where to, as far as that still stands."""
    channels, names = standing(post.user, deliveries)
    own = {row.network_name: row.text for row in deliveries if row.text}
    fields: dict[str, Any] = {"text": post.text, "channels": channels, "when": "now"}
    fields["tags"] = tag_ids(post)
    networks = {channel.network_name for channel in Channel.objects.of(post.user)}
    if len(networks) == 1:  # a composer for one network has one text
        fields["text"] = own.get(networks.pop(), post.text)
    else:
        fields |= {f"text_{network}": text for network, text in own.items()}
    for row in deliveries:
        fields |= extras_of(row)
    pictures, remarks = pictures_of(post)
    return Start(fields, pictures, [*remarks_on_channels(names), *remarks])


def standing(user: Any, deliveries: Sequence[Delivery]) -> tuple[list[Any], list[str]]:
    """The ids of the channels to which these may go today, and the names of the others. A channel
    that was connected anew is the same place, by its account."""
    by_account = {channel.account: channel for channel in Channel.objects.of(user)}
    channels = [by_account.get(delivery.account) for delivery in deliveries]
    gone = [row.channel.name for row, now in zip(deliveries, channels, strict=True) if not now]
    return [channel.pk for channel in channels if channel], gone


def remarks_on_channels(gone: Sequence[str]) -> list[str]:
    if not gone:
        return []
    sentence = ngettext(
        "{names} is left out: you do not use it any more.",
        "{names} are left out: you do not use them any more.",
        len(gone),
    )
    return [sentence.format(names=", ".join(gone))]


def tag_ids(post: Post) -> list[str]:
    """Its tags, as a composer names them."""
    tags = post.tags.filter(deleted_at=None)
    return [str(public_id) for public_id in tags.values_list("public_id", flat=True)]


def pictures_of(post: Post) -> tuple[ComposerMedia, list[str]]:
    """Its pictures, and what to say of those whose originals are not kept any more."""
    if not post.picture_count:
        return ComposerMedia(), []
    kept = list(post.media.filter(pruned_at=None))
    is_all = len(kept) == post.picture_count
    return ComposerMedia(kept), [] if is_all else [gettext("Add the pictures again.")]
