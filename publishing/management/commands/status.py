"""`manage.py status JOB_ID`: what became of one job."""

import json
import uuid
from typing import Any

from django.core.management.base import CommandParser

from publishing.models import Delivery
from publishing.presenting import job_as_json
from social.shell import PlainCommand, Refusal


class Command(PlainCommand):
    help = "Say what became of the job JOB_ID."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job_id", metavar="JOB_ID")
        parser.add_argument("--json", action="store_true", help="print it as JSON")

    def run(self, *args: Any, **options: Any) -> None:
        try:
            job_id = uuid.UUID(options["job_id"])
        except ValueError as error:
            raise Refusal(f"{options['job_id']!r} is not a job id.") from error
        delivery = Delivery.objects.with_all().filter(job_id=job_id).first()
        if delivery is None:
            raise Refusal(f"There is no job {job_id}.")
        answer = job_as_json(delivery)
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        told = [answer["channel"], answer["state"], answer["url"] or answer["reason"] or ""]
        self.stdout.write("  ".join(part for part in told if part))
