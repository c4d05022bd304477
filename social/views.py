"""The channels page and what a person does there. Connecting is allauth's, or `sign_in`'s."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from social.people import signed_in

from .connections.stopping import Stake, at_stake, bring_back, to_return
from .demo import is_demo_missing, is_demo_on_its_way
from .models import Channel, Connection
from .networks import NETWORKS
from .polling import poll_count, poll_delay


@login_required
@require_GET
@never_cache
def channels(request: HttpRequest) -> HttpResponse:
    connections = Connection.objects.of(request.user).connected().prefetch_related("channels")
    stopped = [c for connection in connections for c in connection.channels.all() if c.stopped_at]
    returns = [(channel, stake) for channel in stopped if (stake := to_return(channel)).posts]
    context = {
        "connections": connections,
        "returns": returns,
        "networks": NETWORKS.values(),
        "ready": any(connection.chosen for connection in connections),
        "expecting": is_demo_on_its_way(signed_in(request)),
        "no_demo": is_demo_missing(signed_in(request)),
        "polls": poll_count(request) + 1,
        "poll_delay": poll_delay(poll_count(request)),
    }
    return render(request, "social/channels.html", context)


@login_required
@require_GET
@never_cache
def connection(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    """One connection as a fragment, for a page that waits until we have looked around there."""
    row = own_connection(request, connection_id)
    context = {"connection": row, "polls": poll_count(request) + 1}
    context["poll_delay"] = poll_delay(poll_count(request))
    return render(request, "social/_connection.html", context)


@login_required
@require_POST
def choose(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    """The places that the person ticked become channels."""
    row = own_connection(request, connection_id)
    ticked = set(request.POST.getlist("channels"))
    chosen = [c for c in row.channels.offered() if str(c.id) in ticked and c.may_be_chosen]
    for channel in chosen:
        channel.choose()
    if not chosen:
        messages.error(request, gettext("Tick at least one that can be posted to."))
    return redirect("channels:list")


@login_required
@require_POST
def refresh(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    """Ask the network again, by a job: for new Pages, new roles."""
    row = own_connection(request, connection_id)
    if not row.request_refresh():
        row.refresh_from_db()
        at = timezone.localtime(row.refresh_allowed_at) if row.refresh_allowed_at else None
        said = gettext("{network} was asked a moment ago.").format(network=row.network.label)
        if at:
            time = f"{at:%H:%M:%S}"
            said = f"{said} {gettext('You can ask again at {time}.').format(time=time)}"
        messages.info(request, said)
    return redirect("channels:list")


@login_required
@require_POST
def disconnect(request: HttpRequest, connection_id: uuid.UUID) -> HttpResponse:
    row = own_connection(request, connection_id)
    stake = at_stake(row.chosen)
    if is_to_be_asked(request, stake):
        return ask_first(request, row.name, stake, is_place=False)
    row.disconnect()
    messages.success(request, disconnected(row.name, stake))
    if stake.posts:
        messages.info(request, gettext("Connect it again, and you can bring them back here."))
    return redirect("channels:list")


@login_required
@require_POST
def pause_channel(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    channel = own_channel(request, channel_id)
    channel.pause()
    if posts := at_stake([channel]).posts:
        sentence = ngettext(
            "{name} is paused: {count} post waits there until you resume it.",
            "{name} is paused: {count} posts wait there until you resume it.",
            posts,
        )
        messages.info(request, sentence.format(name=channel.name, count=posts))
    return redirect("channels:list")


@login_required
@require_POST
def resume_channel(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    own_channel(request, channel_id).resume()
    return redirect("channels:list")


@login_required
@require_POST
def disconnect_channel(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    channel = own_channel(request, channel_id)
    stake = at_stake([channel])
    if is_to_be_asked(request, stake):
        return ask_first(request, channel.name, stake, is_place=True)
    channel.disconnect()
    messages.success(request, disconnected(channel.name, stake))
    return redirect("channels:list")


@login_required
@require_POST
def return_channel(request: HttpRequest, channel_id: uuid.UUID) -> HttpResponse:
    """Undo: use it again, with what was canceled when it was stopped."""
    rows = Channel.objects.filter(connection__user=signed_in(request))
    mine = rows.select_related("connection")
    channel = get_object_or_404(mine, pk=channel_id)
    if not channel.stopped_at:
        sentence = gettext("You have not stopped using {name}.")
        messages.error(request, sentence.format(name=channel.name))
        return redirect("channels:list")
    if not channel.connection.is_connected:
        sentence = gettext("Connect {network} again first.")
        messages.error(request, sentence.format(network=channel.network.label))
        return redirect("channels:list")
    back, lost = bring_back(channel)
    sentence = ngettext(
        "{name} is used again: {count} post came back.",
        "{name} is used again: {count} posts came back.",
        back,
    )
    messages.success(request, sentence.format(name=channel.name, count=back))
    if lost:
        sentence = ngettext(
            "{count} post did not come back: the time has passed, or the text does not fit there.",
            "{count} posts did not come back: the time has passed, or the text does not fit there.",
            lost,
        )
        messages.error(request, sentence.format(count=lost))
    return redirect("channels:list")


def is_to_be_asked(request: HttpRequest, stake: Stake) -> bool:
    """Not when its person has just seen that so many posts will not go out."""
    return bool(stake.posts) and request.POST.get("sure") != str(stake.posts)


def ask_first(request: HttpRequest, name: str, stake: Stake, is_place: bool) -> HttpResponse:
    context = {"name": name, "stake": stake, "is_place": is_place, "address": request.path}
    return render(request, "social/stop.html", context)


def disconnected(name: str, stake: Stake) -> str:
    """What to say of what was disconnected, and of the posts that it costs."""
    said = gettext("{name} is disconnected.").format(name=name)
    if not stake.posts:
        return said
    sentence = ngettext(
        "{count} post will not go out there.", "{count} posts will not go out there.", stake.posts
    )
    return f"{said} {sentence.format(count=stake.posts)}"


def own_connection(request: HttpRequest, connection_id: uuid.UUID) -> Connection:
    return get_object_or_404(Connection.objects.of(request.user).connected(), pk=connection_id)


def own_channel(request: HttpRequest, channel_id: uuid.UUID) -> Channel:
    return get_object_or_404(Channel.objects.of(request.user), pk=channel_id)
