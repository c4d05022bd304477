"""Is anything moving? For an uptime checker."""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from project.jobs.queueing import look
from publishing.models import Delivery
from social.timing import scaled

STUCK_AFTER = 60  # seconds that something runnable may wait


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200, or 503 when the oldest runnable row has waited too long or the database is away."""
    try:
        age = oldest_runnable()
    except DatabaseError:
        return JsonResponse({"ok": False, "reason": "the database cannot be reached"}, status=503)
    ok = age <= scaled(STUCK_AFTER)
    answer = {"ok": ok, "oldest_runnable_seconds": round(age, 1)}
    if not ok:
        answer["reason"] = "jobs are due and nobody works on them"
    return JsonResponse(answer, status=200 if ok else 503)


def oldest_runnable() -> float:
    """Seconds since the oldest job or delivery that could run became due; 0 when none waits."""
    now = timezone.now()
    delivery = (
        Delivery.objects.due()
        .exclude(waiting_for="turn")
        .order_by("next_attempt_at")
        .values_list("next_attempt_at", flat=True)
        .first()
    )
    since = (now - delivery).total_seconds() if delivery else 0.0
    return max([since, *waiting().values()])


def waiting() -> dict[str, float]:
    """Seconds that the first in line of each queue has been due; what a person paused may wait."""
    now, looks = timezone.now(), look(list(settings.JOB_SLOTS))
    since = {
        queue: [(now - at).total_seconds() for at in (it.first, it.wakes) if at]
        for queue, it in looks.items()
        if not it.is_paused
    }
    return {queue: max([0.0, *since.get(queue, [])]) for queue in looks}
