from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from .models import FinishedJob, Heartbeat


def clear_sessions() -> None:
    call_command("clearsessions")


def sweep_cache() -> None:
    """Django lets go of what has expired only when somebody asks for it, or when it is full."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < %s", [now])


def prune() -> None:
    """Forget processes long gone and all but the last successes. Failures wait for a person."""
    Heartbeat.objects.forgotten().delete()
    FinishedJob.objects.forget_all_but(settings.KEEP_FINISHED_JOBS)
