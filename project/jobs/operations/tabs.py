"""The states of jobs, with how many are in each: tabs of the monitor and of the lists of jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from social.words import Words

from ..models import DeadLetter, FailureNote, FinishedJob
from .monitor import COUNT_LIMIT, JobsReport, held, unheld

# (state, words, list, what it is filtered by)
TABS = (
    ("queued", _("Queued"), "queuedjob", "state=queued"),
    ("scheduled", _("Scheduled"), "queuedjob", "state=scheduled"),
    ("running", _("Running"), "queuedjob", "state=running"),
    ("quarantined", _("Quarantined"), "queuedjob", "state=quarantined"),
    ("finished", _("Finished"), "finishedjob", "success__exact=1"),
    ("failed", _("Failed"), "failuregroup", ""),
    ("dead letters", _("Dead letters"), "deadletter", ""),
)
SAME_TAB = {"failurenote": "failuregroup"}  # one list of failures, by cause and one by one


@dataclass(frozen=True)
class JobTab:
    """A state, and how many jobs are in it: no further than COUNT_LIMIT and one."""

    words: Words
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
            counts[state],
            model == here and is_asked(query, asked or {}),
        )
        for state, words, model, query in TABS
    ]


def is_asked(query: str, asked: Mapping[str, str]) -> bool:
    name, _, value = query.partition("=")
    return not query or asked.get(name) == value


def counts_by_state() -> dict[str, int]:
    in_line = unheld(list(settings.JOB_SLOTS)).values()
    return {
        "queued": sum(queued for queued, _ in in_line),
        "scheduled": sum(scheduled for _, scheduled in in_line),
        "running": held(False).total(),
        "quarantined": held(True).total(),
        "finished": bounded_count(FinishedJob.objects.succeeded()),
        "failed": bounded_count(FailureNote.objects.all()),
        "dead letters": bounded_count(DeadLetter.objects.all()),
    }


def counts_of(report: JobsReport) -> dict[str, int]:
    """The same, of what the monitor has counted already."""
    return {
        "queued": sum(queue.queued for queue in report.queues),
        "scheduled": sum(queue.scheduled for queue in report.queues),
        "running": sum(queue.running for queue in report.queues),
        "quarantined": sum(queue.quarantined for queue in report.queues),
        "finished": bounded_count(FinishedJob.objects.succeeded()),
        "failed": report.failed,
        "dead letters": report.dead,
    }


def bounded_count(rows: QuerySet) -> int:
    return rows.order_by()[: COUNT_LIMIT + 1].count()
