"""What answers of servers that people name have in common, whatever they speak."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from social.reasons import Reason

from .errors import NetworkError, OutcomeUnknown, Rejected, TemporaryError
from .reading import as_object


def object_in(response: requests.Response) -> dict[str, Any]:
    """The object in an answer; empty where there is none."""
    try:
        return as_object(response.json())
    except ValueError:
        return {}


def object_made(response: requests.Response) -> dict[str, Any]:
    """The same of a yes to what makes a post. Raises OutcomeUnknown for what is no JSON."""
    try:
        return as_object(response.json())
    except ValueError as error:
        raise OutcomeUnknown(Reason.ODD_ANSWER, str(error), response.status_code) from error


def unexplained(status: int, detail: str, creating: bool) -> NetworkError:
    """The error for a no that none of a network's own rows fits: somebody on the way may have
    written it."""
    if creating:
        reason = Reason.SERVER_ERROR if status >= 500 else Reason.ODD_ANSWER
        return OutcomeUnknown(reason, detail, status)
    if status in (404, 410):
        return Rejected(Reason.NOT_FOUND, detail, status)
    if 400 <= status < 500:
        return Rejected(Reason.BAD_REQUEST, detail, status)
    return TemporaryError(Reason.UNREACHABLE, detail, status)


@contextmanager
def giving_picture() -> Iterator[None]:
    """What is refused meanwhile is the picture, unless it is the account."""
    try:
        yield
    except Rejected as error:
        if error.reason == Reason.SUSPENDED:
            raise
        raise Rejected(Reason.MEDIA_REFUSED, error.detail, error.status) from error
