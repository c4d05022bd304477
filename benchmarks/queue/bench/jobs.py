"""The job: load a row, set its status, save it. When it began is written to a file, one line of a
fixed width for each start, so that a start that should not have been is seen too."""

import os
import time

from .line import LINE
from .models import Row

SECONDS = 0.5  # how long the network of the waiting job takes

file = None


def send(pk: int) -> None:
    note_start(pk)
    mark_sent(pk)


def wait(pk: int) -> None:
    """As a publish job: almost all of it is waiting for a network, and no transaction is open."""
    note_start(pk)
    time.sleep(SECONDS)
    mark_sent(pk)


def mark_sent(pk: int) -> None:
    row = Row.objects.get(pk=pk)
    row.status = "sent"
    row.save()


def note_start(pk: int) -> None:
    """By the one clock that all processes of this machine share."""
    global file
    if file is None:
        file = os.open(os.environ["BENCH_STARTS"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.write(file, LINE.format(pk, time.monotonic()).encode())
