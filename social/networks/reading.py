"""What a timeline shows, as a person reads it there."""

import html
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

PICTURE = re.compile(r"https?://(x|twitter)\.com/[^/]+/status/\d+/(photo|video)/\d+")


def x_text(shown: dict[str, Any]) -> str:
    """The text with every link as it was meant, without those of its pictures, nothing escaped."""
    meant = {}
    for link in (shown.get("entities") or {}).get("urls") or []:
        full = link.get("expanded_url") or link["url"]
        meant[link["url"]] = "" if "media_key" in link or PICTURE.fullmatch(full) else full
    if not meant:
        return html.unescape(shown["text"]).strip()
    # Piece by piece: what looks escaped in an address is written like that.
    links = "|".join(re.escape(link) for link in sorted(meant, key=len, reverse=True))
    pieces = re.split(f"({links})", shown["text"])
    return "".join(meant[p] if p in meant else html.unescape(p) for p in pieces).strip()


def moment(text: str | None, otherwise: datetime | None = None) -> datetime:
    """`2026-11-21T23:50:33.000Z` and `2026-11-21T23:50:33+0000`; what has no time is of now."""
    if not text:
        return otherwise or datetime.now(UTC)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def their_time(response: requests.Response | None) -> datetime:
    """When it was answered by the clock of whoever answered; by ours where they do not say."""
    return (response is not None and dated(response)) or datetime.now(UTC)


def dated(response: requests.Response) -> datetime | None:
    try:
        at = parsedate_to_datetime(response.headers.get("Date") or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
