"""Running one job, and writing down how it ended."""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import close_old_connections, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import Task
from django_q.signals import post_execute, pre_execute

from . import claiming
from .claiming import Claim
from .job import Job
from .models import FailureNote
from .signals import error_line

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """How a start of a job ended. `error` is one line without credentials; empty: it went well."""

    claim: Claim
    job: Job
    queue: str
    begun: datetime
    ended: datetime
    error: str

    def task(self) -> Task:
        """As django-q2 keeps it; its pickled columns stay empty."""
        return Task(
            id=self.job.id,
            name=self.job.name,
            func=self.job.func,
            group=self.job.group,
            cluster=self.queue,
            started=self.begun,
            stopped=self.ended,
            success=not self.error,
            attempt_count=self.claim.starts,
        )


def run(claim: Claim, job: Job, queue: str) -> Outcome:
    """Call the job's function. Never raises."""
    begun, error = timezone.now(), ""
    try:
        close_old_connections()
        function = import_string(job.func)
        pre_execute.send(sender="django_q", func=function, task=job.task())
        function(*job.args)
    except BaseException:  # also SystemExit: it is the job that ends here, not its worker
        trace = traceback.format_exc()
        error = error_line(trace)
        logger.error("Job %s (%s) failed: %s", job.func, job.args, trace)
    finally:
        close_old_connections()
    return Outcome(claim, job, queue, begun, timezone.now(), error)


def settle(holder: str, outcomes: Sequence[Outcome]) -> None:
    """Results and acknowledgements, in one transaction. What is no longer held is somebody else's
    to settle, and left alone."""
    rows = [outcome.claim.row for outcome in outcomes]
    with transaction.atomic():
        ours = claiming.finish(holder, rows)
        settled = [outcome for outcome in outcomes if outcome.claim.row in ours]
        Task.objects.bulk_create([outcome.task() for outcome in settled], ignore_conflicts=True)
        for outcome in settled:
            if outcome.error:
                FailureNote.objects.write(as_noted(outcome), outcome.error)
    for outcome in settled:
        post_execute.send(
            sender="django_q",
            task=outcome.job.task() | {"success": not outcome.error, "result": outcome.error},
        )


def as_noted(outcome: Outcome) -> dict[str, Any]:
    return {"id": outcome.job.id, "func": outcome.job.func, "args": outcome.job.args}
