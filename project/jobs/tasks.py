from django.conf import settings
from django.core.management import call_command
from django_q.models import Success

from .models import Heartbeat


def clear_sessions() -> None:
    call_command("clearsessions")


def prune() -> None:
    """Forget processes long gone and all but the last successes. Failures wait for a person."""
    Heartbeat.objects.forgotten().delete()
    kept = Success.objects.order_by("-stopped").values("pk")[: settings.KEEP_FINISHED_JOBS]
    Success.objects.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
