"""What leaves for a network, and by which key the same request is known."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from publishing.media.media import Media
from social.networks.shapes import EmbeddedCard, Held, Outgoing

from .delivery import Delivery


def outgoing_of(
    delivery: Delivery,
    media: Sequence[Media] = (),
    pictures: Sequence[Held] = (),
    card: EmbeddedCard | None = None,
) -> Outgoing:
    """The post as `delivery` says it now, with its `media` as the network holds them."""
    text, extras = delivery.content, delivery.extras
    digest = content_digest(text, (picture.sha256 for picture in media), extras)
    key = delivery.channel.network.key(delivery.job_id, delivery.created_at, digest)
    return Outgoing(text, tuple(pictures), key, extras=extras, card=card)


def content_digest(text: str, pictures: Iterable[str], extras: Mapping[str, str]) -> str:
    """What tells one content from another, of the words, the pictures' SHA-256 and the extras, in
    64 hexadecimal digits: the same for the same content, whatever database it comes from."""
    content = json.dumps([text, list(pictures), sorted(extras.items())])
    return hashlib.sha256(content.encode()).hexdigest()


def pictures_of(delivery: Delivery) -> list[Media]:
    """Its post's, in their order; a post of words costs no statement here."""
    return list(delivery.post.media.all()) if delivery.post.picture_count else []
