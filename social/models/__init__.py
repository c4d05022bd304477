"""Connections and channels: who may post where, and with which sealed tokens; and what is closed
for a while."""

from .channel import Channel, channel_changed
from .closures import Closure, network_closed, network_opened
from .connection import Connection, still_needed
from .looking import open_what_answers

__all__ = [
    "Channel",
    "Closure",
    "Connection",
    "channel_changed",
    "network_closed",
    "network_opened",
    "open_what_answers",
    "still_needed",
]
