"""Asking the API as a program does."""

import json
from typing import Any

from django.test import Client

from project.api.models import TOKEN_SCOPES, ApiToken


class Program:
    """A program with a token of its own."""

    def __init__(self, user: Any, *scopes: str, channels: Any = ()) -> None:
        self.token, self.secret = ApiToken.objects.give(
            user, "a program", scopes or TOKEN_SCOPES, channels
        )
        self.client = Client(headers={"Authorization": f"Bearer {self.secret}"})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """`headers` with underscores: if_match, idempotency_key."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        data = b"" if body is None else json.dumps(body, default=str).encode()
        return self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=more
        )

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)
