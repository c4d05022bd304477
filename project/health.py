"""Is anything moving? For an uptime checker."""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from project.jobs.models import PausedQueue
from project.jobs.queueing import look
from publishing.models import Delivery
from social.timing import scaled

STUCK_AFTER = 50  # seconds that something runnable may wait, so that it is told within a minute
DELIVERIES = "deliveries"  # those of no job, beside the queues by their names


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200, or 503 when something runnable has waited too long or the database is away."""
    try:
        queue, age = oldest_runnable()
    except DatabaseError:
        return JsonResponse({"ok": False, "reason": "the database cannot be reached"}, status=503)
    ok = age <= scaled(STUCK_AFTER)
    answer = {"ok": ok, "oldest_runnable_seconds": round(age, 1)}
    if not ok:
        answer |= {"queue": queue, "reason": reason(queue, age)}
    return JsonResponse(answer, status=200 if ok else 503)


def reason(queue: str, age: float) -> str:
    if queue == DELIVERIES:
        return f"deliveries have been due for {age:.0f} s and no job came for them"
    return f"the queue {queue} does not move: its first job has been due for {age:.0f} s"


def oldest_runnable() -> tuple[str, float]:
    """The queue where something that could run has waited longest, and for how many seconds."""
    ages = waiting()
    queue = max(ages, key=ages.__getitem__)
    # Where a queue does not move, its deliveries wait as well: the queue is what is named.
    if ages[queue] <= scaled(STUCK_AFTER) and not PausedQueue.objects.filter(pk="publish").exists():
        ages[DELIVERIES] = deliveries()
        queue = max(ages, key=ages.__getitem__)
    return queue, ages[queue]


def deliveries() -> float:
    """A delivery that is due may wait for its job; what waits for its account's turn is not due."""
    since = (
        Delivery.objects.due()
        .exclude(waiting_for="turn")
        .order_by("next_attempt_at")
        .values_list("next_attempt_at", flat=True)
        .first()
    )
    return (timezone.now() - since).total_seconds() if since else 0.0


def waiting() -> dict[str, float]:
    """Seconds that the first in line of each queue has been due; what a person paused may wait."""
    now, looks = timezone.now(), look(list(settings.JOB_SLOTS))
    since = {
        queue: [(now - at).total_seconds() for at in (it.first, it.wakes) if at]
        for queue, it in looks.items()
        if not it.is_paused
    }
    return {queue: max([0.0, *since.get(queue, [])]) for queue in looks}
