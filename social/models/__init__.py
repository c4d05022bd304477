"""Connections and channels: who may post where, and with which sealed tokens."""

from .channel import Channel, channel_changed
from .connection import Connection, still_needed

__all__ = ["Channel", "Connection", "channel_changed", "still_needed"]
