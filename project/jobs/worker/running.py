"""Running one job, and writing down how it ended."""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.signals import post_execute, pre_execute

from social.redacting import redact
from social.waiting import thread_waits

from ..models import FailureNote
from ..queue import claiming
from ..queue.claiming import Claim
from ..queue.job import Job
from ..queue.queueing import stored

# django-q2's columns of a finished task but the pickled ones, and two of ours.
FINISHED_COLUMNS = """id, name, func, "group", cluster, started, stopped, success, attempt_count,
    argument, worker"""
LONGEST_ERROR = 500
logger = logging.getLogger("jobs")


@dataclass(frozen=True)
class JobOutcome:
    """How a start of a job ended. `error` is one line without credentials; empty: it went well.
    `waited_seconds` are those that it spent waiting for something outside its process."""

    claim: Claim
    job: Job
    queue: str
    begun: datetime
    ended: datetime
    error: str
    waited_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        return (self.ended - self.begun).total_seconds()

    def values(self, worker: str) -> list[Any]:
        """For FINISHED_COLUMNS."""
        job, argument = self.job, str(self.job.args[0]) if self.job.args else ""
        times = [stored(self.begun), stored(self.ended)]
        how = [not self.error, self.claim.starts + 1]
        return [job.id, job.name, job.func, job.group, self.queue, *times, *how, argument, worker]

    def note(self) -> dict[str, Any]:
        return {"id": self.job.id, "func": self.job.func, "args": self.job.args}


def run(claim: Claim, job: Job, queue: str) -> JobOutcome:
    """Call the job's function. Never raises."""
    begun, error, waited_before = timezone.now(), "", thread_waits.seconds
    try:
        function = import_string(job.func)
        pre_execute.send(sender="django_q", func=function, task=job.task())
        function(*job.args)
    except BaseException:  # also SystemExit: it is the job that ends here, not its worker
        trace = traceback.format_exc()
        error = error_line(trace)
        logger.error("%s(%s) failed: %s", job.func, *(job.args or [""]), trace)
    waited = thread_waits.seconds - waited_before
    outcome = JobOutcome(claim, job, queue, begun, timezone.now(), error, waited)
    logger.info(
        "%s %s %s(%s) %.3f s %s",
        *(job.id, queue, job.func, *(job.args or [""])),
        *(outcome.seconds, f"failed: {error}" if error else "ok"),
    )
    return outcome


def settle(holder: str, outcomes: Sequence[JobOutcome]) -> None:
    """Results and acknowledgements, in one transaction. What is no longer held is somebody else's
    to settle, and left alone."""
    with transaction.atomic():
        ours = claiming.acknowledge(holder, [outcome.claim.row for outcome in outcomes])
        settled = [outcome for outcome in outcomes if outcome.claim.row in ours]
        insert_finished(settled, holder.rpartition(":")[0])
        for outcome in settled:
            if outcome.error:
                FailureNote.objects.write(outcome.note(), outcome.error)
    for outcome in settled:
        post_execute.send(
            sender="django_q",
            task=outcome.job.task() | {"success": not outcome.error, "result": outcome.error},
        )


def insert_finished(outcomes: Sequence[JobOutcome], worker: str) -> None:
    """Into the task list. By hand, because one INSERT by the ORM costs more than a short job."""
    if outcomes:
        line = f"({','.join(['%s'] * (FINISHED_COLUMNS.count(',') + 1))})"
        lines = ",".join([line] * len(outcomes))
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO django_q_task ({FINISHED_COLUMNS}) VALUES {lines}
                ON CONFLICT (id) DO NOTHING""",  # noqa: S608
                [value for outcome in outcomes for value in outcome.values(worker)],
            )


def error_line(trace: str) -> str:
    """The last line of a traceback says what was raised; in letters that any database takes, and
    without credentials."""
    storable = trace.replace("\0", "").encode("utf-8", "replace").decode()
    lines = [line for line in redact(storable).splitlines() if line.strip()]
    return lines[-1].strip()[:LONGEST_ERROR] if lines else "no reason given"
