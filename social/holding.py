"""Which process holds a delivery, and whether it is still there."""

import os
import socket
from pathlib import Path


def here() -> str:
    """What the name of every process of this machine begins with."""
    return f"{socket.gethostname()}:"


def this_process() -> str:
    return f"{here()}{os.getpid()}"


def is_gone(worker: str) -> bool:
    """Whether this process of this machine has ended. Its number may be another one's by now: then
    the lease decides."""
    try:
        pid = int(worker.removeprefix(here()))
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError, OverflowError):
        return False
    return is_zombie(pid)


def is_zombie(pid: int) -> bool:
    """Dead, but nobody has asked how it ended: in a container perhaps nobody ever will."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state in ("Z", "X")
