"""Pictures at X: one upload, its alt text, and waiting while X works on it.

API v2 (docs.x.com, Media): POST /2/media/upload with base64 in JSON, POST /2/media/metadata, and
GET /2/media/upload?command=STATUS while `processing_info` says so. Whoever calls brings the client.
"""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from social.reasons import Reason
from social.timing import Window, sleep

from ..errors import AuthorizationLost, Rejected, TemporaryError
from ..http import CALL_DEADLINE
from ..reading import seconds
from ..shapes import Picture, Uploaded

LIFE = 86_400  # seconds, of an upload that no post names
REFUSED_STATUS = 2  # times in a row that asking for it may be refused, until that counts
Ask = Callable[..., Any]


def upload(ask: Ask, picture: Picture, patience: float) -> Uploaded:
    """`ask(deadline, method, path, …)` makes one call and answers with its JSON."""
    window = Window(patience)

    def call(*what: str, **fields: Any) -> dict[str, Any]:
        if not window.left:
            raise TemporaryError(Reason.MEDIA_SLOW)
        answer = ask(min(CALL_DEADLINE, window.left), *what, **fields)
        data = answer.get("data") if isinstance(answer, dict) else None
        return data if isinstance(data, dict) else {}

    with refusing():
        content = base64.b64encode(picture.data).decode()
        fields = {"media": content, "media_category": "tweet_image"}
        held = call("POST", "/2/media/upload", json=fields)
        remote_id, life = str(held.get("id") or ""), seconds(held.get("expires_after_secs"), LIFE)
        if not remote_id:
            raise TemporaryError(Reason.MEDIA_FAILED, "the answer names no media")
        wait_until_processed(call, remote_id, held, window)
    if picture.alt:
        alt = {"id": remote_id, "metadata": {"alt_text": {"text": picture.alt}}}
        with refusing(Reason.ALT_REFUSED):
            call("POST", "/2/media/metadata", json=alt)
    return Uploaded(remote_id, datetime.now(UTC) + timedelta(seconds=life))


def wait_until_processed(call: Ask, remote_id: str, held: dict[str, Any], window: Window) -> None:
    refused = 0
    while info := held.get("processing_info"):
        if info.get("state") == "succeeded":
            return
        if info.get("state") == "failed":
            raise Rejected(Reason.MEDIA_REFUSED, f"processing failed: {info.get('error')}")
        sleep(min(max(0.1, seconds(info.get("check_after_secs"), 1)), window.left))
        asked = {"command": "STATUS", "media_id": remote_id}
        try:
            held, refused = call("GET", "/2/media/upload", params=asked), 0
        except Rejected:  # X has forgotten for a moment what it is working on
            refused += 1
            if refused > REFUSED_STATUS:
                raise
        except TemporaryError as error:  # cut off by the end of our own window
            reason = error.reason if window.left else Reason.MEDIA_SLOW
            raise TemporaryError(reason, error.detail, error.status) from error


@contextmanager
def refusing(reason: str = Reason.MEDIA_REFUSED) -> Iterator[None]:
    """A no to an upload is about the picture, or about its description, and not about words or the
    whole connection."""
    try:
        yield
    except AuthorizationLost as error:
        if error.reason == Reason.PERMISSION_MISSING:
            raise Rejected(Reason.MEDIA_PERMISSION, error.detail, error.status) from error
        raise
    except Rejected as error:
        if error.reason == Reason.SUSPENDED:
            raise
        raise Rejected(reason, error.detail, error.status) from error
