from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from .models import FinishedJob, Heartbeat


def clear_sessions() -> None:
    call_command("clearsessions")
    kept = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(kept)).delete()


def sweep_cache() -> None:
    """Writing to the cache removes what has expired; this does where nobody writes."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE expires < %s", [now])


def prune() -> None:
    """Forget processes long gone and all but the last successes. Failures wait for a person."""
    Heartbeat.objects.forgotten().delete()
    FinishedJob.objects.forget_all_but(settings.KEEP_FINISHED_JOBS)
