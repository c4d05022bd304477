"""Waiting for something outside this process: a network, a mail server, a place among uploads.

Who waits holds no database connection, because they are few and shared, and lets whoever runs many
threads know it, so that another one computes meanwhile.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import connections


class Waits(threading.local):
    """Those of one thread: how many seconds it has waited so far, and who is told when a wait
    begins (+1) and ends (-1)."""

    seconds = 0.0
    listener: Callable[[int], None] | None = None


of_this_thread = Waits()


@contextmanager
def waiting_elsewhere() -> Iterator[None]:
    """Hold no database connection inside, unless in a transaction, and be counted as waiting."""
    release_database()
    begun, tell = monotonic(), of_this_thread.listener
    if tell:
        tell(+1)
    try:
        yield
    finally:
        of_this_thread.seconds += monotonic() - begun
        if tell:
            tell(-1)


def release_database() -> None:
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            getattr(connection, "give_back", connection.close)()
