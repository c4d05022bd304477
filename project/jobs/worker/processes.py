"""How the workers' processes live and die together, and what they share."""

import ctypes
import gc
import os
import resource
import signal
import sys

from django.conf import settings
from django.db import connection

from project.children import die_with_parent

M_ARENA_MAX, ARENAS = -8, 2
parent = 0


def die_with_main_process() -> None:
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
    die_with_parent(signal.SIGKILL)
    if sys.platform == "linux" and os.getppid() != parent:  # it died before we asked
        os._exit(1)


def share_memory() -> None:
    """What is loaded by now stays shared with the children: their garbage collectors would write
    to each object that they look at. And glibc gives its threads two arenas to keep, not 16."""
    gc.collect()
    gc.freeze()
    try:
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
    except (AttributeError, OSError):
        pass  # another C library


def megabytes() -> float:
    """The most memory that this process ever had, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1_000_000


def share_connections() -> None:
    """Of a PostgreSQL: a small pool for all threads of this process, opened after the fork."""
    if connection.vendor == "postgresql":
        pool = {"min_size": 1, "max_size": settings.DATABASE_POOL, "timeout": 20}
        connection.settings_dict["OPTIONS"]["pool"] = pool
        connection.settings_dict["CONN_MAX_AGE"] = 0  # it is the pool that keeps them
