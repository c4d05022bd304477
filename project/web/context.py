"""What every page knows about this instance."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from importing.models import Suggestion
from importing.reading.import_status import read_at_once
from project.accounts.returning import person_of
from project.accounts.signing_up import is_instance_fresh, is_sign_up_open
from project.jobs.models import Heartbeat, PausedQueue
from publishing.models import Notice
from social.people import signed_in


def instance(request: HttpRequest) -> dict[str, object]:
    """Lazy where it costs a query: a page that does not ask does not pay."""
    return {
        "sandbox_mode": settings.SANDBOX_MODE,
        "debug": settings.DEBUG,
        "https": settings.HTTPS,
        "sign_up_open": SimpleLazyObject(is_sign_up_open),
        "instance_fresh": SimpleLazyObject(is_instance_fresh),
        "person": SimpleLazyObject(lambda: person_of(request.user)),
        "unread_notices": SimpleLazyObject(lambda: Notice.objects.unread_by(request.user)),
        "suggestion": SimpleLazyObject(
            lambda: Suggestion.objects.choose_next(signed_in(request), request.GET.get("shown", ""))
        ),
        "read_at_once": SimpleLazyObject(read_at_once),
        "worker_missing": SimpleLazyObject(lambda: not Heartbeat.objects.alive()),
        "sending_paused": SimpleLazyObject(PausedQueue.objects.filter(queue="publish").exists),
    }
