"""How a post will look at each network that it goes to, beside the words that it is written in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from publishing.media.media import Media
from social.models import Channel
from social.networks.base import Network
from social.networks.previews import Preview
from social.networks.shapes import NO_EXTRAS

from .contents import by_network, length_at, tidy, tidy_texts
from .extras import Extras, tidy_extras
from .names import first_names


@dataclass(frozen=True)
class ShownPreview:
    """The post at one network: as its first channel shows it, in the name of all."""

    network: Network
    channels: list[Channel]
    preview: Preview
    too_many: int  # by which it is too long, as the network counts
    is_own: bool  # text of its own
    pictures: Sequence[Media]

    @property
    def channel(self) -> Channel:
        return self.channels[0]

    @property
    def others(self) -> SafeString:
        """The names of its other channels there."""
        return first_names([channel.name for channel in self.channels[1:]])


def previews_of(
    text: str,
    channels: Iterable[Channel],
    texts: Mapping[str, str],
    extras: Extras = NO_EXTRAS,
    pictures: Sequence[Media] = (),
) -> list[ShownPreview]:
    """For each network among `channels`, of what it would be sent."""
    texts, extras, previews = tidy_texts(texts), tidy_extras(extras), []
    for network, those in by_network(channels).items():
        words, chosen = texts.get(network.name) or tidy(text), extras.get(network.name, NO_EXTRAS)
        length = length_at(those, words, chosen)
        tightest = min(those, key=lambda channel: network.length("", channel.limits).limit)
        preview = network.preview(words, tightest.limits, chosen)
        too_many, is_own = max(0, -length.left), network.name in texts
        previews.append(ShownPreview(network, those, preview, too_many, is_own, pictures))
    return previews


def shown_time(when: Any, at: Any, free_time: str = "") -> str:
    """When a post goes out, as its preview says it: by the clock that a person set, or at the
    `free_time` that is chosen."""
    if when == "next":
        return free_time
    if when != "later":
        return gettext("now")
    try:
        clock = at if isinstance(at, datetime) else datetime.fromisoformat(str(at or ""))
    except ValueError:
        return ""
    return date_format(clock, "D j M, H:i")
