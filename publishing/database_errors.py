"""Writing down what must not be lost: the database may be away for a moment."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from social.timing import scaled

PATIENCE = 30  # seconds
T = TypeVar("T")


def insist(write: Callable[[], T]) -> T:
    """Run `write` until it succeeds, for PATIENCE seconds at most; then raise its error."""
    until = time.monotonic() + scaled(PATIENCE)
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            time.sleep(scaled(1))
