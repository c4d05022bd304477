"""Posts and deliveries as JSON, and the small numbers that pages need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import override

from publishing.media.media import Media
from publishing.models import Delivery, Post
from publishing.states import QUEUED
from social.models import Channel
from social.networks.base import Network
from social.networks.shapes import NO_EXTRAS, Length
from social.words import Words

from .contents import by_network, check_content, length_at, tidy, tidy_texts
from .extras import Extras, tidy_extras
from .repeats import remarks_on_repeat, said_before


def job_as_json(delivery: Delivery) -> dict[str, Any]:
    """The contract of `/status/<job_id>` and `manage.py status --json`."""
    at = delivery.next_attempt_at if delivery.state == QUEUED else delivery.next_verification_at
    with override(None):  # programs read it: in English, whatever people do
        reason = delivery.sentence
    return {
        "job_id": str(delivery.job_id),
        "state": delivery.state,
        "waiting_for": delivery.waiting_for or None,
        "channel": delivery.channel.label,
        "network": delivery.network_name,
        "url": delivery.remote_url or None,
        "reason": reason or None,
        "attempts": delivery.attempt,
        "next_attempt_at": f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None,
        "done": delivery.is_done,
    }


def job_as_line(answer: dict[str, Any]) -> str:
    """The same for people at a shell."""
    parts = [answer["channel"], answer["state"], answer["url"] or answer["reason"] or ""]
    return "  ".join(part for part in parts if part)


def post_as_json(post: Post) -> dict[str, Any]:
    """The contract of publishing by fetch and of `manage.py publish --json`."""
    deliveries = post.deliveries.select_related("channel").order_by("id")
    return {
        "post": str(post.public_id),
        "jobs": [
            {
                "job_id": str(delivery.job_id),
                "status_url": reverse("posts:status", args=[delivery.job_id]),
                "channel": delivery.channel.label,
            }
            for delivery in deliveries
        ],
    }


def illustrated(posts: Iterable[Post]) -> list[Post]:
    """Load the pictures of those that have any: one statement, or none."""
    posts = list(posts)
    prefetch_related_objects([post for post in posts if post.picture_count], "media")
    return posts


@dataclass(frozen=True)
class Counter:
    """How a text stands at one network."""

    network: Network
    length: Length
    refusals: tuple[str, ...]  # sentences: why it takes no such words
    remarks: tuple[Words, ...]  # sentences: what its writer should know

    @property
    def label(self) -> str:
        return self.network.label


def counters_of(
    text: str,
    channels: Iterable[Channel],
    texts: Mapping[str, str],
    extras: Extras = NO_EXTRAS,
) -> list[Counter]:
    """For each network among `channels`, of what it would be sent."""
    texts, extras, counters = tidy_texts(texts), tidy_extras(extras), []
    channels = list(channels)
    before = said_before(channels) if tidy(text) or texts else []
    for network, those in by_network(channels).items():
        words = texts.get(network.name) or tidy(text)
        length = length_at(those, words, extras.get(network.name, NO_EXTRAS))
        remarks = (*network.remarks(words), *remarks_on_repeat(network, words, before))
        counters.append(Counter(network, length, network.refusals(words), remarks))
    return counters


def undescribed(pictures: Iterable[Media]) -> int:
    """How many of them say nothing to those who cannot see."""
    return sum(not picture.alt for picture in pictures)


def refusals(
    text: str,
    channels: list[Channel],
    texts: Mapping[str, str],
    pictures: int,
    extras: Extras = NO_EXTRAS,
) -> list[str]:
    """What publishing this would refuse, in sentences."""
    try:
        check_content(tidy(text), channels, tidy_texts(texts), pictures, tidy_extras(extras))
    except ValidationError as error:
        return error.messages
    return []
