"""The job monitor: staff look at queues and workers, and pause or end them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from social.models import CircuitBreaker
from social.models.circuit_breaker import BREAKER_KINDS, PAUSED, scope_of
from social.networks import NETWORKS
from social.people import signed_in

from ..models import AuditLogEntry, Heartbeat, PausedQueue
from ..models.heartbeat import COMMANDS
from .monitor import jobs_report
from .tabs import counts_of, job_tabs

POLL_EVERY_SECONDS = 5


def staff(permission: str) -> Callable[[Callable], Callable]:
    """Only for staff who have this permission."""

    def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def look_first(request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
            if not (request.user.is_staff and request.user.has_perm(permission)):
                raise PermissionDenied
            return view(request, *given, **named)

        return look_first

    return guarded


@staff("jobs.view_queuedjob")
@require_GET
@never_cache
def monitor(request: HttpRequest) -> HttpResponse:
    """The page, or for a page that polls what changes on it."""
    is_poll = "HX-Request" in request.headers
    template = "jobs/_monitor.html" if is_poll else "jobs/monitor.html"
    now = jobs_report()
    shown = {"now": now, "tabs": job_tabs(counts_of(now)), "poll_every": POLL_EVERY_SECONDS}
    return render(request, template, shown)


@staff("jobs.add_pausedqueue")
@require_POST
def pause(request: HttpRequest, queue: str) -> HttpResponse:
    if queue not in settings.JOB_SLOTS:
        raise Http404
    if not PausedQueue.objects.pause(queue, request.user):
        messages.info(request, gettext("{queue} was paused already.").format(queue=queue))
    return redirect("jobs:monitor")


@staff("jobs.delete_pausedqueue")
@require_POST
def resume(request: HttpRequest, queue: str) -> HttpResponse:
    if queue not in settings.JOB_SLOTS:
        raise Http404
    if not PausedQueue.objects.resume(queue, request.user):
        messages.info(request, gettext("{queue} was not paused any more.").format(queue=queue))
    return redirect("jobs:monitor")


@staff("social.add_circuitbreaker")
@require_POST
def pause_network(request: HttpRequest, network: str) -> HttpResponse:
    """Nothing is sent there until somebody resumes it."""
    label = label_of(network)
    with transaction.atomic():
        if CircuitBreaker.objects.pause(network, signed_in(request)):
            AuditLogEntry.objects.record(request.user, did="paused", to=f"the network {label}")
        else:
            messages.info(request, gettext("{network} was paused already.").format(network=label))
    return redirect("jobs:monitor")


@staff("social.change_circuitbreaker")
@require_POST
def open_network(request: HttpRequest, network: str) -> HttpResponse:
    """Whatever closed it, or the `home` of it that is named: if that still holds, the next post
    finds out."""
    label, kind = label_of(network), request.POST.get("kind", "")
    home = request.POST.get("home", "")
    if kind not in BREAKER_KINDS:
        return HttpResponse("No network is closed for that.\n", "text/plain", 400)
    with transaction.atomic():
        if CircuitBreaker.objects.reset(scope_of(network, home), kind):
            did = "resumed" if kind == PAUSED else "opened"
            what = f"{home}, of the network {label}" if home else f"the network {label}"
            AuditLogEntry.objects.record(request.user, did, what)
        else:
            messages.info(request, gettext("{network} was open already.").format(network=label))
    return redirect("jobs:monitor")


def label_of(network: str) -> str:
    if network not in NETWORKS:
        raise Http404
    return NETWORKS[network].label


@staff("jobs.change_heartbeat")
@require_POST
def command(request: HttpRequest, worker: int) -> HttpResponse:
    """Command a worker to be quiet, to go on, to stop, or to end at once."""
    command = request.POST.get("command", "")
    if command not in COMMANDS:
        return HttpResponse("No worker knows this command.\n", "text/plain", 400)
    if Heartbeat.objects.filter(pk=worker).command(command, request.user):
        messages.success(
            request, gettext("Sent. A worker that is not stuck follows within a second.")
        )
    else:
        messages.error(
            request, gettext("Nothing was sent: the worker is gone, or was told before.")
        )
    return redirect("jobs:monitor")
