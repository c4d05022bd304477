"""What processes cost while they do nothing: CPU and memory, from /proc. Linux only."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.footprint import pss_of


def cpu_seconds(pids: Iterable[int]) -> dict[int, float]:
    """Used so far by each process. In nanoseconds from the scheduler: an idle worker uses less
    than one of the ticks in which the usual counters count."""
    return {pid: used for pid in pids if (used := of_process(pid)) is not None}


def of_process(pid: int) -> float | None:
    total = None
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total = (total or 0) + int(task.read_text().split()[0]) / 1e9
        except (OSError, IndexError):
            continue  # the thread has just ended
    return total


def ended_children(pid: int) -> float:
    """CPU seconds of the children that this process has seen end."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")


def memory(pids: Iterable[int]) -> float:
    """MB, shared pages counted once (PSS)."""
    return sum(pss_of(pid)[0] for pid in pids) / 1024


def cpu_over(seconds: float, pids: Callable[[], list[int]]) -> float:
    """The share of one core that these processes use."""
    before, begun = cpu_seconds(pids()), time.monotonic()
    time.sleep(seconds)
    after = cpu_seconds(pids())
    if after.keys() != before.keys() or not after:
        return 1.0  # some come, some go: they are at something
    return sum(after[pid] - before[pid] for pid in after) / (time.monotonic() - begun)
