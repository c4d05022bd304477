"""The pages of what is imported: when and how much, the items themselves, and what a person may do
about it."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from importing.states import CHANNEL_KINDS
from social.connections.adapter import ask_for
from social.models import Channel, Connection
from social.polling import poll_count, poll_delay

from .browsing import ItemFilter, browse
from .import_status import import_status
from .run import ImportRun
from .timeline import Timeline


@login_required
@require_GET
@never_cache
def imports(request: HttpRequest) -> HttpResponse:
    connections = import_status(request.user, timezone.now())
    timelines = [status for connection in connections for status in connection.timelines]
    polls = poll_count(request)
    context = {
        "connections": connections,
        "moving": any(status.is_moving for status in timelines),
        "polls": polls + 1,
        "poll_delay": poll_delay(polls) + 1,
    }
    return render(request, "importing/imports.html", context)


@login_required
@require_GET
def items(request: HttpRequest) -> HttpResponse:
    wanted = ItemFilter.of_query(request.GET)
    context = {
        "wanted": wanted,
        "page": browse(request.user, wanted),
        "timelines": Timeline.objects.of(request.user).with_all(),
    }
    return render(request, "importing/items.html", context)


# ── what a person does ────────────────────────────────────────────────────────────────────────
@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Read one more kind of things of theirs from now on."""
    kind = request.POST.get("kind", "")
    owner = own_owner(request, kind, request.POST.get("owner", ""))
    if kind not in owner.network.kinds:
        raise Http404
    timeline, _ = Timeline.objects.of_owner(owner, kind)
    if timeline.permission:
        return ask_to_allow(request, timeline)
    ask_import(request, timeline)
    return redirect("importing:imports")


@login_required
@require_POST
def allow(request: HttpRequest, timeline_id: uuid.UUID) -> HttpResponse:
    """Ask once more for what was not allowed."""
    timeline = own_timeline(request, timeline_id)
    if not timeline.permission or not timeline.grantor.is_connected:
        raise Http404
    return ask_to_allow(request, timeline)


def ask_to_allow(request: HttpRequest, timeline: Timeline) -> HttpResponse:
    timeline.wait_for_permission()
    return ask_for(request, timeline.network, timeline.permission, reverse("importing:imports"))


@login_required
@require_POST
def import_now(request: HttpRequest, timeline_id: uuid.UUID) -> HttpResponse:
    timeline = own_timeline(request, timeline_id)
    if timeline.blocked_reason:
        messages.error(request, timeline.blocked_sentence)
    else:
        ask_import(request, timeline)
    return redirect("importing:imports")


def ask_import(request: HttpRequest, timeline: Timeline) -> None:
    allowed_at = ImportRun.objects.start_by_person(timeline)
    if allowed_at:
        sentence = gettext("It was asked for a moment ago. You can ask again at {time}.")
        time = f"{timezone.localtime(allowed_at):%H:%M:%S}"
        messages.info(request, sentence.format(time=time))


@login_required
@require_POST
def pause(request: HttpRequest, timeline_id: uuid.UUID) -> HttpResponse:
    own_timeline(request, timeline_id).pause()
    return redirect("importing:imports")


@login_required
@require_POST
def resume(request: HttpRequest, timeline_id: uuid.UUID) -> HttpResponse:
    own_timeline(request, timeline_id).resume()
    return redirect("importing:imports")


# ── whose is it ───────────────────────────────────────────────────────────────────────────────
def own_timeline(request: HttpRequest, timeline_id: uuid.UUID) -> Timeline:
    return get_object_or_404(Timeline.objects.of(request.user).with_all(), pk=timeline_id)


def own_owner(request: HttpRequest, kind: str, named: str) -> Channel | Connection:
    mine: Any = Connection.objects.of(request.user).connected()
    if kind in CHANNEL_KINDS:
        mine = Channel.objects.of(request.user)
    try:
        return get_object_or_404(mine, pk=uuid.UUID(named))
    except ValueError as error:
        raise Http404 from error
