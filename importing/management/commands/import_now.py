"""`manage.py import_now USER`: read back what is new, by the workers."""

from typing import Any

from django.core.management.base import CommandParser

from importing.models import ImportRun, Timeline
from importing.states import CHANNEL_KINDS, FRIEND, HOME, LIKE, POST
from social.models import Channel, Connection
from social.people import AnyUser
from social.shell import CommandRefused, PlainCommand, user_named

KIND_OPTIONS = {"posts": POST, "likes": LIKE, "friends": FRIEND, "home": HOME}


class Command(PlainCommand):
    help = "Read back what USER has at the networks; workers do it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name or e-mail address")
        parser.add_argument(
            "--kind",
            choices=list(KIND_OPTIONS),
            default="posts",
            help="posts (the default), likes, friends or home; networks may bill each item",
        )

    def run(self, *args: Any, **options: Any) -> None:
        user, kind = user_named(options["user"]), KIND_OPTIONS[options["kind"]]
        owners = owners_of(user, kind)
        if not owners:
            raise CommandRefused(f"{user} has connected nothing.")
        timelines = [
            Timeline.objects.of_owner(owner, kind)[0]
            for owner in owners
            if kind in owner.network.kinds
        ]
        if not timelines:
            raise CommandRefused(
                f"There is no network that lets us read {user}'s {options['kind']}."
            )
        for timeline in timelines:
            run = ImportRun.objects.start(timeline, asked=True)
            self.stdout.write(f"{timeline.owner}  {options['kind']}  {run.state}")


def owners_of(user: AnyUser, kind: str) -> list[Channel | Connection]:
    if kind in CHANNEL_KINDS:
        return list(Channel.objects.of(user))
    return list(Connection.objects.connected().of(user))
