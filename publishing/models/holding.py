"""Which process holds a delivery, and whether it is still there."""

import os
import socket


def here() -> str:
    """What the name of every process of this machine begins with."""
    return f"{socket.gethostname()}:"


def this_process() -> str:
    return f"{here()}{os.getpid()}"


def is_gone(worker: str) -> bool:
    """Whether this process of this machine has ended. Its number may be another one's by now: then
    the lease decides."""
    try:
        os.kill(int(worker.removeprefix(here())), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError, OverflowError):
        return False
    return False
