"""`manage.py resolve JOB_ID`: answer for a person whether an unconfirmed post is there."""

import json
import time
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from publishing.deliveries.confirm import confirm
from publishing.deliveries.verify import Verifier, claim_verification
from publishing.models import Delivery
from publishing.posts.presenting import job_as_json, job_as_line
from publishing.states import SENT
from social.shell import CommandRefused, PlainCommand

from .status import delivery_of

CONFIRM_WITHIN_SECONDS = 30  # longer than the deadline of a call
RESOLVE_POLL_SECONDS = 0.2


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
            raise CommandRefused(str(error)) from error
        if not done:
            delivery.refresh_from_db()
            raise CommandRefused(f"It is {delivery.state}, so there is nothing to resolve.")
        if delivery.is_claimed and not is_confirmed(delivery):
            raise CommandRefused(delivery.sentence)
        answer = job_as_json(delivery)
        self.stdout.write(json.dumps(answer) if options["json"] else job_as_line(answer))


def is_confirmed(delivery: Delivery) -> bool:
    """Ask its network at once whether the post that was named is this account's, or wait for the
    worker that does."""
    until = time.monotonic() + CONFIRM_WITHIN_SECONDS
    while delivery.is_claimed and delivery.is_verifying and time.monotonic() < until:
        taken = claim_verification(str(delivery.job_id))
        if taken is not None:
            Verifier(taken).verify()
        delivery.refresh_from_db()
        next_at = delivery.next_verification_at
        if taken is not None and next_at is not None and next_at > timezone.now():
            return False  # it is asked again later, by a worker
        time.sleep(0 if taken else RESOLVE_POLL_SECONDS)
    return delivery.state == SENT


def settle(delivery: Delivery, options: dict[str, Any]) -> bool:
    if options["send_again"]:
        return delivery.send_again()
    return delivery.drop() if options["drop"] else confirm(delivery, options["there"])
