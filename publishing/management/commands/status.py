"""`manage.py status JOB_ID`: what became of one job."""

import json
import uuid
from typing import Any

from django.core.management.base import CommandParser

from publishing.models import Delivery
from publishing.posts.presenting import job_as_json, job_as_line
from social.shell import CommandRefused, PlainCommand


class Command(PlainCommand):
    help = "Say what became of the job JOB_ID."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job_id", metavar="JOB_ID")
        parser.add_argument("--json", action="store_true", help="print it as JSON")

    def run(self, *args: Any, **options: Any) -> None:
        answer = job_as_json(delivery_of(options["job_id"]))
        self.stdout.write(json.dumps(answer) if options["json"] else job_as_line(answer))


def delivery_of(job_id: str) -> Delivery:
    """Raises CommandRefused."""
    try:
        wanted = uuid.UUID(job_id)
    except ValueError as error:
        raise CommandRefused(f"{job_id!r} is not a job id.") from error
    delivery = Delivery.objects.with_all().filter(job_id=wanted).first()
    if delivery is None:
        raise CommandRefused(f"There is no job {wanted}.")
    return delivery
