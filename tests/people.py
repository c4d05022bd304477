"""People who use Fanfare in tests."""

from typing import Any

from django.contrib.auth import get_user_model

PASSWORD = "correct horse battery staple"


def create_person(name: str) -> Any:
    return get_user_model().objects.create_user(name, f"{name}@example.org", PASSWORD)
