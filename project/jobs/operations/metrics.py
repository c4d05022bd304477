"""`/metrics`, for Prometheus and for platforms that scale by it.

Written by hand: the library keeps its counters in one process, and here any process may answer and
every number comes from the database. The text format is the one of its version 0.0.4.
"""

import hmac
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from publishing.models import Delivery, Verification
from publishing.states import STATES
from social.models.circuit_breaker import BREAKER_KINDS

from ..models import DeadLetter, FailureNote, FinishedJob
from .monitor import COUNT_LIMIT, networks, queues, workers

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
COUNTED_EVERY_SECONDS = 30  # deliveries: they are never forgotten, so counting takes its time

# name → (kind, help)
HELP = {
    "queue_waiting": ("gauge", f"Queued jobs: due and in line, counted up to {COUNT_LIMIT:,}."),
    "queue_asleep": ("gauge", f"Scheduled jobs: due later, counted up to {COUNT_LIMIT:,}."),
    "queue_running": ("gauge", "Jobs that workers hold."),
    "queue_alone": ("gauge", "Quarantined jobs: their worker died, and they run alone."),
    "queue_oldest_due_seconds": ("gauge", "How long the first in line has been due."),
    "queue_paused": ("gauge", "1 while a person has paused the queue."),
    "queue_slots": ("gauge", "Jobs of the queue that all live workers can run at a time."),
    "queue_advised_slots": ("gauge", "Slots that its rate and its durations of late ask for."),
    "jobs_finished_total": ("counter", "Jobs that ended."),
    "jobs_failed": ("gauge", "Failed jobs that wait for a person."),
    "jobs_set_aside": ("gauge", "Dead letters: jobs that could not be run, kept for a person."),
    "deliveries": ("gauge", "Deliveries by state."),
    "looks": ("gauge", "Times that a timeline was read to find a delivery in doubt."),
    "looks_posts_read": ("gauge", "Posts that these looks read."),
    "looks_dollars": ("gauge", "What they cost at most: networks bill by the post, once a day."),
    "network_closed": ("gauge", "1 while nothing is sent to the network, and why."),
    "network_homes_closed": ("gauge", "Servers of the network that nothing is sent to."),
    "network_accounts_limited": ("gauge", "Accounts that the network is limiting."),
    "workers": ("gauge", "Worker processes that beat lately."),
}
Sample = tuple[str, dict[str, str], float]


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For whoever brings METRICS_TOKEN; there is no such page where none is set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    token = request.headers.get("Authorization", "")
    if not hmac.compare_digest(token.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse(
            "METRICS_TOKEN, as a Bearer token, is missing or wrong.\n", TEXT_FORMAT, 403
        )
    return HttpResponse(as_text(samples()), TEXT_FORMAT)


def as_text(samples: Iterator[Sample]) -> str:
    """Of one name all lines stand together, under what explains them."""
    lines: dict[str, list[str]] = {name: [] for name in HELP}
    for name, labels, value in samples:
        marks = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
        lines[name].append(f"fanfare_{name}{f'{{{marks}}}' if marks else ''} {+value}\n")
    return "".join(
        f"# HELP fanfare_{name} {HELP[name][1]}\n# TYPE fanfare_{name} {HELP[name][0]}\n"
        + "".join(of_it)
        for name, of_it in lines.items()
        if of_it
    )


def escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def samples() -> Iterator[Sample]:
    for queue in queues():
        of_it = {"queue": queue.name}
        yield "queue_waiting", of_it, min(queue.queued, COUNT_LIMIT)
        yield "queue_asleep", of_it, min(queue.scheduled, COUNT_LIMIT)
        yield "queue_running", of_it, queue.running
        yield "queue_alone", of_it, queue.quarantined
        yield "queue_oldest_due_seconds", of_it, round(queue.overdue_seconds, 3)
        yield "queue_paused", of_it, bool(queue.paused)
        yield "queue_slots", of_it, queue.slots
        if queue.advised is not None:
            yield "queue_advised_slots", of_it, queue.advised
    for (name, success), jobs in sorted(FinishedJob.objects.totals().items()):
        labels = {"queue": name, "outcome": "success" if success else "failure"}
        yield "jobs_finished_total", labels, jobs
    yield "jobs_failed", {}, FailureNote.objects.count()
    yield "jobs_set_aside", {}, DeadLetter.objects.count()
    for state, number in deliveries().items():
        yield "deliveries", {"state": state}, number
    for network, times, posts, dollars in looks():
        yield "looks", {"network": network}, times
        yield "looks_posts_read", {"network": network}, posts
        yield "looks_dollars", {"network": network}, round(dollars, 3)
    for report in networks():
        why = {breaker.kind for breaker in report.closed if not breaker.home}
        for kind in BREAKER_KINDS:
            yield "network_closed", {"network": report.name, "why": kind}, kind in why
        yield "network_homes_closed", {"network": report.name}, report.homes_closed
        yield "network_accounts_limited", {"network": report.name}, report.limited
    yield "workers", {}, workers().count()


def looks() -> list[tuple[str, int, int, float]]:
    counted: Any = caches["process"].get_or_set(
        "looks", Verification.objects.totals, COUNTED_EVERY_SECONDS
    )
    return counted


def deliveries() -> dict[str, int]:
    def count() -> dict[str, int]:
        rows = Delivery.objects.order_by().values_list("state").annotate(Count("pk"))
        return dict.fromkeys(STATES, 0) | dict(rows)

    counted: Any = caches["process"].get_or_set("deliveries-by-state", count, COUNTED_EVERY_SECONDS)
    return counted
