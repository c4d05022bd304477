"""What is read once a channel is connected."""

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from importing.states import CHANNEL_KINDS
from social.models import Channel

from .run import ImportRun
from .timeline import Timeline


def start_for_channel(channel: Channel, is_anew: bool = False) -> None:
    """Start what is read of itself for a channel that was connected, or has changed; each timeline
    begins once. `is_anew` says that its person was at the network just now."""
    if channel.state not in ("works", "incomplete"):
        return
    for kind in settings.IMPORT_AT_ONCE:
        if kind in channel.network.kinds:
            owner = channel if kind in CHANNEL_KINDS else channel.connection
            timeline, is_new = Timeline.objects.of_owner(owner, kind)
            if is_new:
                ImportRun.objects.start(timeline)
            elif timeline.failures:  # what kept us away may be settled
                timeline.set(next_import_at=timezone.now())
    wanted = Q(next_import_at=None)  # its person was at the network to allow it
    if is_anew:  # and may have allowed what an earlier run was refused
        wanted |= Q(failures__gt=0)
    allowed = {"kind__in": channel.network.kind_permissions, "paused_at": None}
    for timeline in Timeline.objects.filter(wanted, connection=channel.connection, **allowed):
        ImportRun.objects.start(timeline, asked=True)
