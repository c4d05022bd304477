"""Connections and channels: who may post where, and with which sealed tokens; and the circuit
breakers that keep everybody from asking an account or a network for a while."""

from .channel import Channel, channel_changed
from .circuit_breaker import CircuitBreaker, network_reset, network_tripped
from .connection import Connection, still_needed

__all__ = [
    "Channel",
    "CircuitBreaker",
    "Connection",
    "channel_changed",
    "network_reset",
    "network_tripped",
    "still_needed",
]
