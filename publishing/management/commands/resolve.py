"""`manage.py resolve JOB_ID`: answer for a person whether an unconfirmed post is there."""

import json
from typing import Any

from django.core.management.base import CommandParser

from publishing.models import Delivery
from publishing.presenting import job_as_json, job_as_line
from social.shell import PlainCommand, Refusal

from .status import delivery_of


class Command(PlainCommand):
    help = "Settle the unconfirmed job JOB_ID: it is there, send it again, or drop it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job_id", metavar="JOB_ID")
        answer = parser.add_mutually_exclusive_group(required=True)
        answer.add_argument("--there", metavar="LINK", help="the link of the post, or its id")
        answer.add_argument("--send-again", action="store_true", help="it is not there")
        answer.add_argument("--drop", action="store_true", help="do not ask any more")
        parser.add_argument("--json", action="store_true", help="print how it stands as JSON")

    def run(self, *args: Any, **options: Any) -> None:
        delivery = delivery_of(options["job_id"])
        try:
            done = settle(delivery, options)
        except ValueError as error:
            raise Refusal(str(error)) from error
        if not done:
            delivery.refresh_from_db()
            raise Refusal(f"It is {delivery.state}, so there is nothing to resolve.")
        answer = job_as_json(delivery)
        self.stdout.write(json.dumps(answer) if options["json"] else job_as_line(answer))


def settle(delivery: Delivery, options: dict[str, Any]) -> bool:
    if options["send_again"]:
        return delivery.send_again()
    return delivery.drop() if options["drop"] else delivery.confirm(options["there"])
