"""`manage.py publish USER "text"`: write a post from a shell."""

import json
import os.path
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.utils import timezone

from publishing.models import Post
from publishing.posts.presenting import post_as_json
from publishing.posts.times import meant, zone_of
from social.models import Channel
from social.networks import NETWORKS
from social.people import AnyUser
from social.shell import CommandRefused, PlainCommand, user_named


class Command(PlainCommand):
    help = "Write a post for USER and queue it for their channels. Prints the jobs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name or e-mail address")
        parser.add_argument("text", help="what to say")
        parser.add_argument(
            "--to",
            metavar="CHANNELS",
            help=f"comma-separated: a network ({', '.join(NETWORKS)}), network:handle, or the"
            " id of a channel; default: all of the user's channels",
        )
        parser.add_argument(
            "--at",
            metavar="ISO",
            help="when, for example 2026-12-24T18:00 in the user's time zone, or with an offset;"
            " or next, for the next of their posting times that is free",
        )
        parser.add_argument(
            "--media",
            metavar="FILE[:ALT]",
            action="append",
            default=[],
            help="a picture, and after a colon what it shows; up to four times",
        )
        parser.add_argument("--json", action="store_true", help="print the jobs as JSON")

    def run(self, *args: Any, **options: Any) -> None:
        user = user_named(options["user"])
        zone = zone_of(user)
        try:
            channels = chosen(user, options["to"])
            at = moment(options["at"], zone)
            pictures = [picture(named) for named in options["media"]]
            post = Post.objects.publish(
                user, options["text"], channels, at, time_zone=zone, media=pictures
            )
        except ValidationError as error:
            raise CommandRefused(" ".join(error.messages)) from error
        except ValueError as error:
            raise CommandRefused(str(error)) from error
        answer = post_as_json(post)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        for job in answer["jobs"]:
            self.stdout.write(f"{job['job_id']}  {job['channel']}")


def chosen(user: AnyUser, names: str | None) -> list[Channel]:
    channels = Channel.objects.of(user)
    if names is None:
        return list(channels)
    return channels.named([name.strip() for name in names.split(",") if name.strip()])


def picture(named: str) -> tuple[str, str]:
    """(path, alt text): split at the first colon that leaves a file; a path may have some too."""
    ends = [place for place, sign in enumerate(named) if sign == ":"]
    for end in [len(named), *ends]:
        if os.path.isfile(named[:end]):  # a Path would raise for a long alt text
            return named[:end], named[end + 1 :].strip()
    raise ValueError(f"There is no file {named.partition(':')[0]!r}.")


def moment(text: str | None, zone: str) -> datetime | Literal["next"] | None:
    if text is None:
        return None
    if text == "next":
        return "next"
    try:
        clock = datetime.fromisoformat(text)
        if len(text) <= len("2026-12-24"):
            raise ValueError("no hour")
    except ValueError as error:
        raise ValueError(f"{text!r} is not a time like 2026-12-24T18:00.") from error
    return clock if timezone.is_aware(clock) else meant(clock, zone).at
