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

from social.waiting import thread_waits

from . import claiming
from .claiming import Claim
from .job import Job
from .models import FailureNote
from .queueing import stored
from .signals import error_line

# django-q2's columns of a finished task but the pickled ones, and two of ours.
KEPT = """id, name, func, "group", cluster, started, stopped, success, attempt_count,
    argument, worker"""
logger = logging.getLogger("jobs")


@dataclass(frozen=True)
class Outcome:
    """How a start of a job ended. `error` is one line without credentials; empty: it went well.
    `waited` are the seconds that it spent waiting for something outside its process."""

    claim: Claim
    job: Job
    queue: str
    begun: datetime
    ended: datetime
    error: str
    waited: float = 0.0

    @property
    def seconds(self) -> float:
        return (self.ended - self.begun).total_seconds()

    def values(self, worker: str) -> list[Any]:
        """For KEPT."""
        job, argument = self.job, str(self.job.args[0]) if self.job.args else ""
        times = [stored(self.begun), stored(self.ended)]
        how = [not self.error, self.claim.starts + 1]
        return [job.id, job.name, job.func, job.group, self.queue, *times, *how, argument, worker]

    def note(self) -> dict[str, Any]:
        return {"id": self.job.id, "func": self.job.func, "args": self.job.args}


def run(claim: Claim, job: Job, queue: str) -> Outcome:
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
    outcome = Outcome(claim, job, queue, begun, timezone.now(), error, waited)
    logger.info(
        "%s %s %s(%s) %.3f s %s",
        *(job.id, queue, job.func, *(job.args or [""])),
        *(outcome.seconds, f"failed: {error}" if error else "ok"),
    )
    return outcome


def settle(holder: str, outcomes: Sequence[Outcome]) -> None:
    """Results and acknowledgements, in one transaction. What is no longer held is somebody else's
    to settle, and left alone."""
    with transaction.atomic():
        ours = claiming.finish(holder, [outcome.claim.row for outcome in outcomes])
        settled = [outcome for outcome in outcomes if outcome.claim.row in ours]
        keep(settled, holder.rpartition(":")[0])
        for outcome in settled:
            if outcome.error:
                FailureNote.objects.write(outcome.note(), outcome.error)
    for outcome in settled:
        post_execute.send(
            sender="django_q",
            task=outcome.job.task() | {"success": not outcome.error, "result": outcome.error},
        )


def keep(outcomes: Sequence[Outcome], worker: str) -> None:
    """In the task list. By hand, because one INSERT by the ORM costs more than a short job."""
    if outcomes:
        line = f"({','.join(['%s'] * (KEPT.count(',') + 1))})"
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO django_q_task ({KEPT}) VALUES {",".join([line] * len(outcomes))}
                ON CONFLICT (id) DO NOTHING""",  # noqa: S608
                [value for outcome in outcomes for value in outcome.values(worker)],
            )
