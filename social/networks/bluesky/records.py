"""A post as it stands in its account's repository, and where to find it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ..shapes import EmbeddedCard, Held, Outgoing
from . import text

POST_TYPE = "app.bsky.feed.post"
AT_URI = re.compile(rf"at://([^/\s]+)/{re.escape(POST_TYPE)}/([A-Za-z0-9._~:-]{{1,64}})")


def record_of(post: Outgoing, at: datetime, resolve: Callable[[str], str]) -> dict[str, Any]:
    """The same for the same post: what a server compares are its bytes."""
    record: dict[str, Any] = {"$type": POST_TYPE, "text": post.text, "createdAt": written(at)}
    if facets := text.facets(post.text, resolve):
        record["facets"] = facets
    if post.pictures:
        images = [image_of(picture) for picture in post.pictures]
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    elif post.card:
        shown = external_of(post.card)
        record["embed"] = {"$type": "app.bsky.embed.external", "external": shown}
    if language := post.extras.get("language"):
        record["langs"] = [language]
    if label := post.extras.get("label"):
        values = [{"val": label}]
        record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
    return record


def image_of(picture: Held) -> dict[str, Any]:
    about = picture.about
    image: dict[str, Any] = {"alt": picture.alt, "image": blob_of(picture)}
    if about.get("width") and about.get("height"):  # without, apps cut it
        image["aspectRatio"] = {"width": about["width"], "height": about["height"]}
    return image


def external_of(card: EmbeddedCard) -> dict[str, Any]:
    """The card of a link, which must have words, also none."""
    shown: dict[str, Any] = {
        "uri": card.address,
        "title": card.title,
        "description": card.description,
    }
    return shown | ({"thumb": blob_of(card.picture)} if card.picture else {})


def blob_of(picture: Held) -> dict[str, Any]:
    """A picture that was uploaded, as a record names it."""
    return {
        "$type": "blob",
        "ref": {"$link": picture.remote_id},
        "mimeType": picture.about.get("mime", "image/jpeg"),
        "size": picture.about.get("size", 0),
    }


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def address_of(account: str, key: str) -> str:
    return f"at://{account}/{POST_TYPE}/{key}"


def parts_of(remote_id: str) -> tuple[str, str]:
    """Whose repository and which key an at-URI of a post names; empty for what is none."""
    match = AT_URI.fullmatch(remote_id)
    return (match[1], match[2]) if match else ("", "")
