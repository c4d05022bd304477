"""Somebody signed in, as a browser keeps it."""

from typing import Any

from django.conf import settings
from django.test import Client


def session_cookie(user: Any, site: str) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": site}
