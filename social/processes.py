"""The names of processes, as they stand in rows that one of them holds; and whether it is still
there."""

import os
import socket
from pathlib import Path

ENDED_STATES = tuple("ZX")  # of /proc: a zombie, and dead


def host_prefix() -> str:
    """What the name of every process of this machine begins with."""
    return f"{socket.gethostname()}:"


def this_process() -> str:
    """The name of the process that asks."""
    return f"{host_prefix()}{os.getpid()}"


def is_gone(worker: str) -> bool:
    """Whether this process of this machine has ended. Its number may be another one's by now: then
    the lease decides."""
    try:
        pid = int(worker.removeprefix(host_prefix()))
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError, OverflowError):
        return False
    return is_zombie(pid)


def is_zombie(pid: int) -> bool:
    """Whether it is dead and nobody has asked how it ended: in a container perhaps nobody ever
    will."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state in ENDED_STATES
