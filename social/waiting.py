"""Waiting for something outside this process: a network, a mail server, a place among uploads.

Who waits holds no database connection, because they are few and shared, and lets whoever runs many
threads know it, so that another one computes meanwhile.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import connections


class ThreadWaits(threading.local):
    """What each thread waits for: how many seconds it has done so by now, and who is called when a
    wait begins (with +1) and ends (with -1)."""

    seconds = 0.0
    listener: Callable[[int], None] | None = None


thread_waits = ThreadWaits()


@contextmanager
def waiting_elsewhere() -> Iterator[None]:
    """Hold no database connection inside, unless in a transaction, and be counted as waiting."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            getattr(connection, "give_back", connection.close)()
    begun, listener = monotonic(), thread_waits.listener
    if listener:
        listener(+1)
    try:
        yield
    finally:
        thread_waits.seconds += monotonic() - begun
        if listener:
            listener(-1)
