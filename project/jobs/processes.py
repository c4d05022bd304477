"""How the worker's processes live and die together."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
parent = 0


def stand_together() -> None:
    """From now on every forked child leaves our process group and dies when we die.

    A Ctrl-C or a group's SIGTERM then reaches only this process, which stops the others in order;
    after a `kill -9` of this process no child goes on working unsupervised.
    """
    os.register_at_fork(before=remember_parent, after_in_child=follow_parent)


def remember_parent() -> None:
    global parent
    parent = os.getpid()


def follow_parent() -> None:
    os.setpgrp()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)
