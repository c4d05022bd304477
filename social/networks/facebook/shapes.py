"""What Graph is told and what it says, in our shapes. Knows no SDK."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.text import slugify

from social.reasons import Reason

from ..errors import AuthorizationLost, Rejected
from ..shapes import Picture, Place, Uploaded
from .cards import LINK_CARDS

PHOTO_LIFE = timedelta(hours=20)  # Facebook forgets unpublished ones after about a day


def place_of(page: dict[str, Any]) -> Place:
    """A Page as `/me/accounts` lists it."""
    token = page.get("access_token", "")
    missing: tuple[str, ...] = ()
    if not token:  # listed, but not ticked in Facebook's own dialog
        missing = (Reason.NOT_TICKED,)
    elif "CREATE_CONTENT" not in page.get("tasks", ["CREATE_CONTENT"]):
        missing = ("CREATE_CONTENT",)
    picture = page.get("picture") or {}
    return Place(
        remote_id=str(page["id"]),
        name=page.get("name", ""),
        handle=page.get("username") or slugify(page.get("name", "")) or str(page["id"]),
        picture_url=(picture.get("data") or {}).get("url", ""),
        token=token,
        missing_permissions=missing,
    )


def photo(picture: Picture) -> tuple[tuple[str, bytes, str], dict[str, str]]:
    """The file and the fields of an upload that nobody sees yet."""
    fields = {"published": "false"} | ({"alt_text_custom": picture.alt} if picture.alt else {})
    return (f"picture.{picture.mime.partition('/')[2]}", picture.data, picture.mime), fields


def uploaded(answer: dict[str, Any]) -> Uploaded:
    return Uploaded(str(answer["id"]), datetime.now(UTC) + PHOTO_LIFE)


def content(text: str, media_ids: Sequence[str], chosen: str = "") -> dict[str, str]:
    """The words and the uploads of a post; these as JSON, because facebook-sdk mangles a list.
    Without uploads it shows a card of an address in it, of the one that was `chosen`."""
    attached = json.dumps([{"media_fbid": id} for id in media_ids]) if media_ids else ""
    link = "" if media_ids else LINK_CARDS.address(text, chosen)
    fields = {"message": text, "attached_media": attached, "link": link}
    return {name: value for name, value in fields.items() if value}


@contextmanager
def uploading() -> Iterator[None]:
    """A no to an upload is about the picture, or about this Page."""
    try:
        yield
    except AuthorizationLost as error:
        place_only = error.place_only or error.reason == Reason.PERMISSION_MISSING
        raise AuthorizationLost(error.reason, error.detail, error.status, place_only) from error
    except Rejected as error:
        if error.reason == Reason.NOT_FOUND:
            raise
        raise Rejected(Reason.MEDIA_REFUSED, error.detail, error.status) from error


def web_url(remote_id: str) -> str:
    """Where a person sees it, at the host to which they are sent to sign in."""
    where = urlsplit(settings.FACEBOOK_AUTHORIZE_URL)
    path = re.sub(r"(/v[\d.]+)?/dialog/.*", "", where.path)
    return f"{where.scheme}://{where.netloc}{path}/{remote_id}"
