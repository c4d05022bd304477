"""What `make run` and `qcluster` both do for their child processes. No Django here."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)
LONGEST_RESTART_PAUSE = 30.0  # seconds until a child that keeps dying is tried again


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """In a new child: be sent this signal when the parent dies. Only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


def restart_pause(
    previous: float, lived: float, first: float, longest: float = LONGEST_RESTART_PAUSE
) -> float:
    """Seconds until a child that died is started again: twice as long each time, and the `first`
    again after one that `lived` for long."""
    return first if lived > LONGEST_RESTART_PAUSE else min(previous * 2, longest)
