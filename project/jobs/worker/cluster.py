"""The main process of `qcluster`: it forks the workers, watches them, and ends them in order.

It holds no database connection and no thread, so that forking is safe. A worker that dies is
replaced, and its replacement releases what the dead one held; one whose loop stands still is
killed first.
"""

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connections

from project.children import LONGEST_RESTART_PAUSE, restart_pause
from project.networks import APIS
from project.web.visits import visits_of_this_machine
from social.networks import tls
from social.timing import scaled

from ..queue import claiming
from .priority import WORKER_NICENESS, SessionPriority
from .processes import share_connections, share_memory
from .shared_state import SharedState
from .worker import EXIT_FULL, STOP_GRACE, Worker

logger = logging.getLogger(__name__)

# All in seconds.
FROZEN_AFTER = 30.0  # a worker whose loop has not come round is taken for frozen
FROZEN_AT_LEAST_AFTER = 8.0  # however short all delays are made: it may wait for the database
SUPERVISE_EVERY = 0.2
FIRST_PAUSE = 0.1  # until a worker that died is replaced
MISSED_PAUSE = 1.0  # at most, for one that had come to work: it will again, and is missed
GROW_AFTER = 3.0  # that the first in line is due, another worker is added
SHRINK_AFTER = 60.0  # of idleness one is let go
# At Python's own 0.005 a thread that comes back from the database waits for the others to have
# computed that long, at each statement: short jobs then run at a third of their pace.
THREAD_SWITCH_EVERY = 0.0005


@dataclass
class WorkerSlot:
    """The place of one worker: who fills it now, and who died there. Times are monotonic."""

    index: int
    pid: int = 0  # 0: nobody
    started_at: float = 0.0
    again_at: float = 0.0
    pause: float = FIRST_PAUSE
    # Of each that died: how the names of its leases begin, and the rows that it had begun.
    dead: list[tuple[str, list[int]]] = field(default_factory=list)


class Cluster:
    """Between `low` and `high` worker processes, that run as many jobs of a queue at a time each
    as `widths` says."""

    def __init__(self, widths: Mapping[str, int], low: int, high: int) -> None:
        self.widths, self.low, self.high = widths, low, high
        self.wanted = low
        self.state = SharedState(high, sum(widths.values()))
        self.priority, self.visits = SessionPriority(), visits_of_this_machine()
        self.slots = [WorkerSlot(index) for index in range(high)]
        self.sized_at = self.busy_at = time.monotonic()
        self.stopping_since: float | None = None
        self.was_cut_short = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT. The exit code: 0 when every worker ended in order."""
        tls.make_ahead(*(getattr(settings, name) for name in APIS))
        share_memory()
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while self.stopping_since is None:
            self.reap()
            self.kill_frozen()
            self.resize()
            self.fill()
            self.priority.lower(self.visits.is_anybody_here())
            time.sleep(SUPERVISE_EVERY)
        return self.end_all()

    def stop(self, *_: object) -> None:
        self.stopping_since = self.stopping_since or time.monotonic()

    def resize(self) -> None:
        """More workers while the first in line waits, fewer when one less would do as well."""
        now = time.monotonic()
        # The timetable always keeps somebody busy for a moment: not a reason to stay so many.
        is_late = self.state.overdue_seconds[0] > scaled(GROW_AFTER)
        if all(self.state.running[: self.wanted]) or is_late:
            self.busy_at = now
        if self.low == self.high or now - self.sized_at < scaled(GROW_AFTER):
            return
        if is_late and self.wanted < self.high:
            self.wanted, self.sized_at = self.wanted + 1, now
            logger.info("The first job in line waits; now %d workers", self.wanted)
        elif now - self.busy_at > scaled(SHRINK_AFTER) and self.wanted > self.low:
            self.wanted, self.sized_at = self.wanted - 1, now
            if pid := self.slots[self.wanted].pid:
                os.kill(pid, signal.SIGTERM)

    def fill(self) -> None:
        now = time.monotonic()
        for slot in self.slots[: self.wanted]:
            if not slot.pid and now >= slot.again_at and self.stopping_since is None:
                self.fork(slot)

    def fork(self, slot: WorkerSlot) -> None:
        connections.close_all()
        slot.started_at = self.state.ticked_at[slot.index] = time.monotonic()
        pid = os.fork()
        if pid:
            slot.pid = pid
            return
        code = 1
        try:
            code = self.work(slot)
        except BaseException:
            logger.exception("A worker ended by a fault of its own")
        finally:
            os._exit(code)

    def work(self, slot: WorkerSlot) -> int:
        """In the new process."""
        share_connections()
        os.nice(WORKER_NICENESS)
        sys.setswitchinterval(THREAD_SWITCH_EVERY)
        for holder, begun in slot.dead:
            claiming.release_orphaned(holder, begun)
        worker = Worker(self.widths, self.state, slot.index)
        signal.signal(signal.SIGTERM, worker.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.stopping_since is not None:  # told between the fork and here
            worker.stop()
        return worker.work()

    def reap(self) -> None:
        """Notice who has ended, and who has come far enough to have settled the dead."""
        for slot in self.slots:
            if slot.pid and slot.dead and self.has_worked(slot):
                slot.dead = []
            if slot.pid:
                pid, status = os.waitpid(slot.pid, os.WNOHANG)
                if pid:
                    self.note_death(slot, os.waitstatus_to_exitcode(status))

    def has_worked(self, slot: WorkerSlot) -> bool:
        return self.state.ticked_at[slot.index] > slot.started_at

    def note_death(self, slot: WorkerSlot, code: int) -> None:
        lived = time.monotonic() - slot.started_at
        longest = MISSED_PAUSE if self.has_worked(slot) else LONGEST_RESTART_PAUSE
        slot.pause = restart_pause(slot.pause, lived, FIRST_PAUSE, longest)
        slot.again_at = time.monotonic() + scaled(0 if code == EXIT_FULL else slot.pause)
        self.was_cut_short |= self.stopping_since is not None and code not in (0, EXIT_FULL)
        begun = self.state.take_begun(slot.index)
        slot.dead.append((f"{socket.gethostname()}:{slot.pid}:", begun))
        if self.stopping_since is None and slot.index < self.wanted:
            logger.warning("Worker %s ended (%s); another takes its place", slot.pid, code)
        slot.pid = 0

    def kill_frozen(self) -> None:
        limit = max(FROZEN_AT_LEAST_AFTER, scaled(FROZEN_AFTER))
        for slot in self.slots:
            if slot.pid and time.monotonic() - self.state.ticked_at[slot.index] > limit:
                logger.error("Worker %s stands still and is killed", slot.pid)
                os.kill(slot.pid, signal.SIGKILL)

    def end_all(self) -> int:
        until = time.monotonic() + scaled(STOP_GRACE) + 5
        for slot in self.slots:
            if slot.pid:
                os.kill(slot.pid, signal.SIGTERM)
        while any(slot.pid for slot in self.slots) and time.monotonic() < until:
            self.reap()
            time.sleep(0.05)
        left = [slot.pid for slot in self.slots if slot.pid]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return 1 if left or self.was_cut_short else 0
