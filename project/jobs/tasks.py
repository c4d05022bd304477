from django.conf import settings
from django.core.management import call_command

from .models import FinishedJob, Heartbeat


def clear_sessions() -> None:
    call_command("clearsessions")


def prune() -> None:
    """Forget processes long gone and all but the last successes. Failures wait for a person."""
    Heartbeat.objects.forgotten().delete()
    FinishedJob.objects.forget_all_but(settings.KEEP_FINISHED_JOBS)
