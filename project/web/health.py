"""Is anything moving? For an uptime checker."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from project.jobs.models import PausedQueue
from project.jobs.queue.queueing import take_snapshot
from publishing.deliveries.stuck import STUCK_AFTER_SECONDS, stuck
from social.timing import scaled

DELIVERIES = "deliveries"  # beside the queues by their names


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200, or 503 when something runnable has waited too long or the database is away."""
    try:
        found = slowest()
    except DatabaseError:
        return JsonResponse({"ok": False, "reason": "the database cannot be reached"}, status=503)
    answer: dict[str, Any] = {
        "ok": not found.reason,
        "oldest_runnable_seconds": round(found.seconds, 1),
    }
    if found.reason:
        answer |= {"queue": found.queue, "reason": found.reason}
    return JsonResponse(answer, status=503 if found.reason else 200)


@dataclass(frozen=True)
class Slowest:
    """Where something that could run has waited longest; why that is too long, or nothing."""

    queue: str
    seconds: float
    reason: str = ""


def slowest() -> Slowest:
    ages = waiting()
    queue = max(ages, key=ages.__getitem__)
    seconds = ages[queue]
    if seconds > scaled(STUCK_AFTER_SECONDS):
        # Where a queue does not move, its deliveries wait as well: the queue is what is named.
        why = f"the queue {queue} does not move: its first job has been due for {seconds:.0f} s"
        return Slowest(queue, seconds, why)
    if PausedQueue.objects.filter(pk="publish").exists():  # and so may its deliveries wait
        return Slowest(queue, seconds)
    found = stuck()
    if found:
        return Slowest(DELIVERIES, found[0].seconds, "; ".join(map(str, found)))
    return Slowest(queue, seconds)


def waiting() -> dict[str, float]:
    """Seconds that the first in line of each queue has been due; what a person paused may wait."""
    now, snapshot = timezone.now(), take_snapshot(list(settings.JOB_SLOTS))
    return {
        name: 0.0 if queue.is_paused else queue.overdue_seconds(now)
        for name, queue in snapshot.queues.items()
    }
