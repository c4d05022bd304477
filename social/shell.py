"""Commands for people and scripts: one clear line and exit code 2 instead of a traceback."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import Q


class Refusal(CommandError):
    """What was asked for cannot be done, said in one line. Exit code 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


class PlainCommand(BaseCommand):
    """A command that implements `run` and raises Refusal."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.run(*args, **options)
        except DatabaseError as error:
            line = str(error).strip().splitlines()[0]
            raise Refusal(f"The database cannot be used: {line}") from error

    def run(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError


def person(name: str) -> Any:
    """The active user with this user name or e-mail address. Raises Refusal."""
    users = get_user_model().objects.filter(is_active=True)
    found = list(users.filter(Q(username=name) | Q(email__iexact=name))[:2])
    if len(found) > 1:
        raise Refusal(f"{name!r} could be several people; use the user name.")
    if not found:
        raise Refusal(f"There is no user {name!r}.")
    return found[0]
