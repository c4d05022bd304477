"""What may be in a post, and when it may go, in sentences for people."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from social.models import Channel
from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.shapes import NO_EXTRAS, Length

from .characters import check_characters
from .extras import Extras, check_extras, tidy_extras

EXCERPT_CHARACTERS = 90


def tidy(text: str) -> str:
    """As it is counted and sent: browsers send CRLF, networks trim."""
    return text.replace("\r\n", "\n").strip()


def tidy_texts(texts: Mapping[str, str] | None) -> dict[str, str]:
    """The same of texts for single networks, without the empty ones."""
    return {name: tidied for name, text in (texts or {}).items() if (tidied := tidy(text))}


def excerpt(text: str) -> str:
    """Its beginning on one line, that says which post it is."""
    return Truncator(" ".join(text.split())).chars(EXCERPT_CHARACTERS)


def check_owner(user: Any, channels: list[Channel]) -> None:
    """Raises ValidationError when a channel is somebody else's."""
    if any(channel.connection.user_id != user.pk for channel in channels):
        raise ValidationError(gettext("That channel is somebody else's."), code="not_yours")


def check_content(
    text: str,
    channels: list[Channel],
    texts: Mapping[str, str],
    pictures: int = 0,
    extras: Extras = NO_EXTRAS,
) -> None:
    """By each channel's own network, `texts` and `extras` being those for single ones. Raises
    ValidationError with one sentence for each problem."""
    if not channels:
        raise ValidationError(gettext("Choose at least one channel."), code="no_channel")
    networks = by_network(channels)
    check_characters("".join([text, *texts.values()]))
    needs_text = [n for n in networks if not (pictures and n.pictures_say_enough)]
    if not text and any(network.name not in texts for network in needs_text):
        raise ValidationError(gettext("Write something first."), code="empty")
    problems: set[str] = set()
    for network, those in networks.items():
        words, chosen = texts.get(network.name) or text, extras.get(network.name, NO_EXTRAS)
        problems.update(check_extras(network, chosen, words))
        problems.update(problems_of_words(network, words, length_at(those, words, chosen)))
        most = min((c.limits and c.limits.pictures) or network.pictures for c in those)
        if pictures > most:
            sentence = ngettext(
                "{network} takes at most {count} picture a post.",
                "{network} takes at most {count} pictures a post.",
                most,
            )
            problems.add(sentence.format(network=network.label, count=most))
    if problems:
        raise ValidationError([ValidationError(why, "too_long") for why in sorted(problems)])


@dataclass(frozen=True)
class Content:
    """The words of a post: its own, those for single networks, and what more is chosen there."""

    text: str
    texts: Mapping[str, str]
    extras: Extras

    @classmethod
    def tidied(cls, text: str, texts: Mapping[str, str] | None, extras: Extras | None) -> Self:
        """As it is counted and sent."""
        return cls(tidy(text), tidy_texts(texts), tidy_extras(extras))

    def check(self, channels: list[Channel], pictures: int) -> None:
        """Raises ValidationError with one sentence for each problem."""
        check_content(self.text, channels, self.texts, pictures, self.extras)


def problems_of_words(network: Network, text: str, length: Length) -> Iterator[str]:
    """What this network would refuse of a text of this length, in sentences."""
    yield from network.refusals(text)
    if length.left < 0:
        sentence = gettext("Too long for {network}: {used:,} of {limit:,} characters.")
        yield sentence.format(network=network.label, used=length.used, limit=length.limit)


def by_network(channels: Iterable[Channel]) -> dict[Network, list[Channel]]:
    """In the order of the networks."""
    grouped: dict[Network, list[Channel]] = {network: [] for network in NETWORKS.values()}
    for channel in channels:
        grouped[channel.network].append(channel)
    return {network: those for network, those in grouped.items() if those}


def length_at(
    channels: Iterable[Channel], text: str, extras: Mapping[str, str] = NO_EXTRAS
) -> Length:
    """How long `text` is at these channels of one network, where it leaves the least."""
    kinds = {(channel.network, channel.limits) for channel in channels}
    return min(
        (network.length(text, limits, extras) for network, limits in kinds),
        key=lambda length: length.left,
    )


def check_time(at: datetime | None) -> None:
    """Raises ValidationError when `at` is past, or farther away than anybody means."""
    now = timezone.now()
    if at is not None and at < now - timedelta(minutes=1):
        raise ValidationError(gettext("That time is past. Choose a later one."), code="past")
    if at is not None and at > now + timedelta(days=3 * 365):
        raise ValidationError(gettext("That is more than three years away."), code="far")
