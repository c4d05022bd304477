"""The states of jobs, with how many are in each: tabs of the monitor and of the lists of jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from ..models import DeadLetter, FailureNote, FinishedJob
from .monitor import COUNT_LIMIT, JobsReport, held, unheld

# (words, list, what it is filtered by)
TABS = (
    ("Queued", "queuedjob", "state=queued"),
    ("Scheduled", "queuedjob", "state=scheduled"),
    ("Running", "queuedjob", "state=running"),
    ("Quarantined", "queuedjob", "state=quarantined"),
    ("Finished", "finishedjob", "success__exact=1"),
    ("Failed", "failuregroup", ""),
    ("Dead letters", "deadletter", ""),
)
SAME_TAB = {"failurenote": "failuregroup"}  # one list of failures, by cause and one by one


@dataclass(frozen=True)
class JobTab:
    """A state, and how many jobs are in it: no further than COUNT_LIMIT and one."""

    words: str
    address: str
    count: int
    is_current: bool


def job_tabs(
    counts: Mapping[str, int], model_name: str = "", asked: Mapping[str, str] | None = None
) -> list[JobTab]:
    """All of them; of the list of `model_name`, filtered by `asked`, one is the current one."""
    here = SAME_TAB.get(model_name, model_name)
    return [
        JobTab(
            words,
            f"{reverse(f'admin:jobs_{model}_changelist')}?{query}".rstrip("?"),
            counts[words],
            model == here and is_asked(query, asked or {}),
        )
        for words, model, query in TABS
    ]


def is_asked(query: str, asked: Mapping[str, str]) -> bool:
    name, _, value = query.partition("=")
    return not query or asked.get(name) == value


def counts_by_state() -> dict[str, int]:
    in_line = unheld(list(settings.JOB_SLOTS)).values()
    return {
        "Queued": sum(queued for queued, _ in in_line),
        "Scheduled": sum(scheduled for _, scheduled in in_line),
        "Running": held(False).total(),
        "Quarantined": held(True).total(),
        "Finished": bounded_count(FinishedJob.objects.succeeded()),
        "Failed": bounded_count(FailureNote.objects.all()),
        "Dead letters": bounded_count(DeadLetter.objects.all()),
    }


def counts_of(report: JobsReport) -> dict[str, int]:
    """The same, of what the monitor has counted already."""
    return {
        "Queued": sum(queue.queued for queue in report.queues),
        "Scheduled": sum(queue.scheduled for queue in report.queues),
        "Running": sum(queue.running for queue in report.queues),
        "Quarantined": sum(queue.quarantined for queue in report.queues),
        "Finished": bounded_count(FinishedJob.objects.succeeded()),
        "Failed": report.failed,
        "Dead letters": report.dead,
    }


def bounded_count(rows: QuerySet) -> int:
    return rows.order_by()[: COUNT_LIMIT + 1].count()
