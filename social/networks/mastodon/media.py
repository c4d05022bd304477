"""Giving a server one picture. It may take its time: what a post names must be ready by then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from social.reasons import Reason
from social.timing import Window, sleep

from ..errors import AuthorizationLost, Rejected, TemporaryError
from ..home_answers import giving_picture
from ..http import CALL_DEADLINE, reading
from ..reading import as_object, has_id
from ..shapes import Grant, Picture, Uploaded
from .calls import MEDIA, call
from .timeline import ID

UPLOAD_LIFE = timedelta(hours=12)  # of the day after which what no post names is forgotten
POLL_SECONDS = 0.5
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


def upload(grant: Grant, picture: Picture, patience: float) -> Uploaded:
    """Raises the errors, but never OutcomeUnknown: nobody sees it before a post names it."""
    window = Window(patience)
    try:
        with giving_picture():
            remote_id = held_by(grant, picture, window)
    except AuthorizationLost as error:
        if error.reason == Reason.PERMISSION_MISSING:
            raise Rejected(Reason.MEDIA_PERMISSION, error.detail, error.status) from error
        raise
    return Uploaded(remote_id, datetime.now(UTC) + UPLOAD_LIFE)


def held_by(grant: Grant, picture: Picture, window: Window) -> str:
    """Give it and wait until it is ready: its id."""
    answer = give(grant, picture, window)
    with reading(answer):
        held = as_object(answer.json())
    if not has_id(held) or not ID.fullmatch(str(held["id"])):
        raise TemporaryError(Reason.MEDIA_FAILED, "the answer names no picture")
    remote_id = str(held["id"])
    if answer.status_code != 200 or not held.get("url"):
        wait_until_ready(grant, remote_id, window)
    return remote_id


def give(grant: Grant, picture: Picture, window: Window) -> requests.Response:
    """Pixelfed and old servers know the first version alone."""
    file = (f"picture.{ENDINGS.get(picture.mime, 'bin')}", picture.data, picture.mime)
    sent: dict[str, Any] = {"files": {"file": file}, "data": {"description": picture.alt}}
    try:
        return asked(grant, "POST", "/api/v2/media", window, **sent)
    except Rejected as error:
        if error.status != 404:
            raise
    return asked(grant, "POST", MEDIA, window, **sent)


def wait_until_ready(grant: Grant, remote_id: str, window: Window) -> None:
    while True:
        answer = asked(grant, "GET", f"{MEDIA}/{remote_id}", window)
        if answer.status_code == 200:
            return
        sleep(min(POLL_SECONDS, window.left))


def asked(grant: Grant, verb: str, path: str, window: Window, **sent: Any) -> requests.Response:
    if not window.left:
        raise TemporaryError(Reason.MEDIA_SLOW)
    deadline = min(CALL_DEADLINE, window.left)
    try:
        return call(grant.home, verb, path, token=grant.access, deadline=deadline, **sent)
    except TemporaryError as error:  # cut off by the end of our own window
        reason = error.reason if window.left else Reason.MEDIA_SLOW
        raise TemporaryError(reason, error.detail, error.status) from error
