"""Django's report of an error, without the secrets in it.

Django hides settings and variables whose names sound secret, and shows the address of a database
with its password, headers, cookies, and what an error says of them.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from project.networks import SECRETS
from social.redacting import REDACTED, redact

SECRET_NAMES = re.compile(r"(?i)code|state|token|secret|pass|key|verifier|signature|proof")
SHORTEST_LETTERS = 6  # a shorter secret would be found in innocent words
SECRET_SETTINGS = (
    *"SECRET_KEY SECRET_KEY_FALLBACKS TOKEN_KEYS METRICS_TOKEN EMAIL_HOST_PASSWORD".split(),
    *SECRETS,
)


class RedactingReporter(ExceptionReporter):
    """Our secrets are known by their values, everybody else's by how they look."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(without_secrets(super().get_traceback_html(), self.request))

    def get_traceback_text(self) -> SafeString:
        return SafeString(without_secrets(super().get_traceback_text(), self.request))


def without_secrets(text: str, request: HttpRequest | None = None) -> str:
    """`text` without any secret of ours, or of `request`."""
    for secret in sorted(secrets() | secrets_of(request), key=len, reverse=True):
        for spelling in {secret, escape(secret), repr(secret)[1:-1], quote(secret, safe="")}:
            text = text.replace(spelling, REDACTED)
    return redact(text)


def secrets() -> set[str]:
    """Every secret that the settings hold."""
    return {secret for secret in _secrets() if len(secret) >= SHORTEST_LETTERS}


def secrets_of(request: HttpRequest | None) -> set[str]:
    """What came with `request` and lets somebody in: its page shows names and values apart."""
    if request is None:
        return set()
    values = [*request.GET.items(), *getattr(request, "_post", {}).items()]
    brought = {str(value) for name, value in values if SECRET_NAMES.search(name)}
    brought |= {*request.COOKIES.values(), request.META.get("HTTP_AUTHORIZATION", "")}
    return {secret for secret in brought if len(secret) >= SHORTEST_LETTERS}


def _secrets() -> Iterator[str]:
    for name in SECRET_SETTINGS:
        value: Any = getattr(settings, name)
        yield from [value] if isinstance(value, str) else value
    for database in settings.DATABASES.values():
        yield str(database.get("PASSWORD") or "")
