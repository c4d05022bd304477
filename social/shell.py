"""Commands for people and scripts: one clear line and exit code 2 instead of a traceback."""

import sys
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.db.models import Q


class CommandRefused(CommandError):
    """What was asked for cannot be done, said in one line. Exit code 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


class PlainCommand(BaseCommand):
    """A command that implements `run` and raises CommandRefused."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        return plain(parser) if vars(self).get("_called_from_command_line") else parser

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.run(*args, **options)
        except UnicodeEncodeError as error:
            raise CommandRefused("That is not text in UTF-8.") from error
        except DatabaseError as error:
            line = str(error).strip().splitlines()[0]
            if "no such table" in line or "does not exist" in line:
                line += "; run `manage.py migrate` first"
            raise CommandRefused(f"The database cannot be used: {line}") from error

    def run(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError


def plain(parser: CommandParser) -> CommandParser:
    """For a shell: bad options are one line."""
    vars(parser)["error"] = one_line_error
    return parser


def one_line_error(message: str) -> NoReturn:
    """Instead of argparse's, which prints the usage first."""
    print(f"{message[:1].upper()}{message[1:]}.", file=sys.stderr)
    raise SystemExit(2)


def user_named(name: str) -> Any:
    """The active user with this user name or e-mail address. Raises CommandRefused."""
    users = get_user_model().objects.filter(is_active=True)
    found = list(users.filter(Q(username=name) | Q(email__iexact=name))[:2])
    if len(found) > 1:
        raise CommandRefused(f"{name!r} could be several people; use the user name.")
    if not found:
        raise CommandRefused(f"There is no user {name!r}.")
    return found[0]
