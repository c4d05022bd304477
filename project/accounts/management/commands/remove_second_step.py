"""`manage.py remove_second_step USER`: for who has lost the phone and the recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import CommandParser

from social.shell import PlainCommand, user_named


class Command(PlainCommand):
    help = (
        "Let somebody sign in with the password alone again: removes their authenticator app, "
        "passkeys and recovery codes. Be sure that it is they who ask."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name or e-mail address")

    def run(self, *args: Any, **options: Any) -> None:
        user = user_named(options["user"])
        count, _ = Authenticator.objects.filter(user=user).delete()
        if count:
            self.stdout.write(f"{user.username} signs in with the password alone now.")
        else:
            self.stdout.write(f"{user.username} has no second step.")
