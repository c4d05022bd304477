"""The channels page and what a person does there. Connecting itself is allauth's."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from .demo import is_demo_missing, is_demo_on_its_way
from .models import Channel, Connection
from .networks import NETWORKS


@login_required
@require_GET
@never_cache
def channels(request: HttpRequest) -> HttpResponse:
    connections = Connection.objects.of(request.user).connected().prefetch_related("channels")
    context = {
        "connections": connections,
        "networks": NETWORKS.values(),
        "ready": any(connection.chosen for connection in connections),
        "expecting": is_demo_on_its_way(request.user),
        "no_demo": is_demo_missing(request.user),
    }
    return render(request, "social/channels.html", context)


@login_required
@require_GET
@never_cache
def connection(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    """One connection as a fragment, for a page that waits until we have looked around there."""
    found = own_connection(request, connection_id)
    return render(request, "social/_connection.html", {"connection": found})


@login_required
@require_POST
def choose(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    """The places that the person ticked become channels."""
    found = own_connection(request, connection_id)
    ticked = set(request.POST.getlist("channels"))
    chosen = [c for c in found.channels.offered() if str(c.id) in ticked and c.may_be_chosen]
    for channel in chosen:
        channel.choose()
    if not chosen:
        messages.error(request, "Tick at least one that can be posted to.")
    return redirect("channels:list")


@login_required
@require_POST
def look_again(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    """New Pages, new roles: the job that looks around runs again."""
    found = own_connection(request, connection_id)
    if not found.look_again():
        found.refresh_from_db()
        at = timezone.localtime(found.may_look_at) if found.may_look_at else None
        again = f" You can ask again at {at:%H:%M:%S}." if at else ""
        messages.info(request, f"{found.network.label} was asked a moment ago.{again}")
    return redirect("channels:list")


@login_required
@require_POST
def disconnect(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    found = own_connection(request, connection_id)
    found.disconnect()
    messages.success(request, f"{found.name} is disconnected.")
    return redirect("channels:list")


@login_required
@require_POST
def pause_channel(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    own_channel(request, channel_id).pause()
    return redirect("channels:list")


@login_required
@require_POST
def resume_channel(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    own_channel(request, channel_id).resume()
    return redirect("channels:list")


@login_required
@require_POST
def disconnect_channel(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    found = own_channel(request, channel_id)
    found.disconnect()
    messages.success(request, f"{found.name} is disconnected.")
    return redirect("channels:list")


def own_connection(request: HttpRequest, connection_id: uuid.UUID) -> Connection:
    return get_object_or_404(Connection.objects.of(request.user).connected(), pk=connection_id)


def own_channel(request: HttpRequest, channel_id: uuid.UUID) -> Channel:
    return get_object_or_404(Channel.objects.of(request.user), pk=channel_id)
