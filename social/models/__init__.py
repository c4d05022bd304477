"""Connections and channels: who may post where, and with which sealed tokens; the homes that they
live on; and the circuit breakers that keep everybody from asking one of them for a while."""

from .channel import Channel, channel_changed
from .circuit_breaker import CircuitBreaker, network_reset, network_tripped
from .connection import Connection, grant_moved, still_needed
from .home import Home

__all__ = [
    "Channel",
    "CircuitBreaker",
    "Connection",
    "Home",
    "channel_changed",
    "grant_moved",
    "network_reset",
    "network_tripped",
    "still_needed",
]
