"""Writing down what must not be lost: the database may be away for a moment."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from social.timing import scaled, sleep

RETRY_FOR_SECONDS = 30
Result = TypeVar("Result")


def retry_on_database_error(write: Callable[[], Result]) -> Result:
    """Run `write` until it succeeds, for RETRY_FOR_SECONDS at most. Raises its error after that,
    and at once within a transaction, which is lost as a whole."""
    until = time.monotonic() + scaled(RETRY_FOR_SECONDS)
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or time.monotonic() > until:
                raise
            connection.close()
            sleep(1)
