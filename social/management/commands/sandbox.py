"""`manage.py sandbox`: the make-believe networks, for those who look among the commands first."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from social.sandbox import cli


class Command(BaseCommand):
    help = cli.DESCRIPTION
    requires_system_checks = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        if vars(self).get("_called_from_command_line"):
            vars(parser)["error"] = cli.one_line_error
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        cli.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        cli.run(options)
