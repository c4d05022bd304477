from django.conf import settings
from django.core.management import call_command
from django_q.models import Success

from .models import Heartbeat


def clear_sessions() -> None:
    call_command("clearsessions")


def prune() -> None:
    """Forget processes long gone and all but the last successes. Failures wait for a person."""
    Heartbeat.objects.forgotten().delete()
    newest = Success.objects.order_by("-stopped").values_list("stopped", flat=True)
    # By time, not by key: a job that ends meanwhile must not be forgotten at once.
    for last_kept in newest[settings.KEEP_FINISHED_JOBS - 1 : settings.KEEP_FINISHED_JOBS]:
        Success.objects.filter(stopped__lt=last_kept).delete()
