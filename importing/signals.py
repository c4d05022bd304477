"""The doorbell of this room: who has connected something has it read. Nothing else starts a run but
the timetable and people."""

from typing import Any

from django.dispatch import receiver

from social.models import Channel, channel_changed

from .models import Timeline


@receiver(channel_changed)
def connected(channel: Channel, **kwargs: Any) -> None:
    Timeline.objects.follow(channel)
