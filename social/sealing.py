"""Tokens at rest: sealed with TOKEN_KEYS and bound to the row they belong to."""

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.dispatch import Signal

# What is sealed, but stands in no column named …_sealed, is to be sealed anew. Receivers do it and
# answer (how many were, a line about each that no key opens).
resealing = Signal()


class UnreadableToken(Exception):
    """A sealed token that no key of ours opens, or that was sealed for another row."""


def seal(token: str, row: str) -> str:
    """Seal `token` for `row`. The first of TOKEN_KEYS seals; an empty token stays empty."""
    if not token:
        return ""
    return _keys().encrypt(json.dumps([row, token]).encode()).decode()


def unseal(sealed: str, row: str) -> str:
    """The token that was sealed for `row`. Raises UnreadableToken."""
    if not sealed:
        return ""
    try:
        bound_to, token = json.loads(_keys().decrypt(sealed.encode()))
    except (InvalidToken, ValueError, TypeError) as error:
        raise UnreadableToken("no key in TOKEN_KEYS opens this token") from error
    if bound_to != row:
        raise UnreadableToken("this token was sealed for another row")
    return token


def reseal(sealed: str) -> str:
    """The same, sealed with the first of TOKEN_KEYS. Raises UnreadableToken."""
    try:
        return _keys().rotate(sealed.encode()).decode() if sealed else ""
    except InvalidToken as error:
        raise UnreadableToken("no key in TOKEN_KEYS opens this token") from error


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_KEYS])
