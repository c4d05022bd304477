"""The main process of `qcluster`: it forks the workers, watches them, and ends them in order.

It holds no database connection and no thread, so that forking is safe. A worker that dies is
replaced, and its replacement gives back what the dead one held; one whose loop stands still is
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

from project.web.visits import visits_of_this_machine
from social.networks import tls
from social.timing import scaled

from . import claiming
from .board import Board
from .priority import NICENESS, SessionPriority
from .processes import share_connections, share_memory
from .worker import FULL, GRACE, Worker

logger = logging.getLogger(__name__)

STANDSTILL = 30.0  # seconds after which a worker that does not turn is taken for frozen
BUSY = 8.0  # but not, however short all delays are made, after less: it may wait for the database
WATCH_EVERY = 0.2
# Seconds until a worker that dies again and again is replaced: one that never came to work will not
# do better the next time, one that did is missed.
LONGEST_PAUSE, MISSED_PAUSE = 30.0, 1.0
GROW_AT = 3.0  # seconds that the first in line is due before another worker is added
# Seconds. At Python's own 0.005 a thread that comes back from the database waits for the others to
# have computed that long, at each statement: short jobs then run at a third of their pace.
SWITCH_EVERY = 0.0005
SHRINK_AFTER = 60.0  # seconds of idleness until one is let go


@dataclass
class Post:
    """The place of one worker: who fills it now, and who died there."""

    index: int
    pid: int = 0
    started: float = 0.0
    again_at: float = 0.0
    pause: float = 0.1
    dead: list[tuple[str, list[int]]] = field(default_factory=list)


class Cluster:
    """Between `low` and `high` worker processes, each with `slots` jobs of a queue at a time."""

    def __init__(self, slots: Mapping[str, int], low: int, high: int) -> None:
        self.slots, self.low, self.high = slots, low, high
        self.wanted = low
        self.board = Board(high, sum(slots.values()))
        self.priority, self.visits = SessionPriority(), visits_of_this_machine()
        self.posts = [Post(index) for index in range(high)]
        self.sized_at = self.busy_at = time.monotonic()
        self.stopping_since: float | None = None
        self.was_cut_short = False

    def run(self) -> int:
        """Until SIGTERM or SIGINT. The exit code: 0 when every worker ended in order."""
        tls.make_ahead(settings.X_API_URL, settings.FACEBOOK_GRAPH_URL)
        share_memory()
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while self.stopping_since is None:
            self.reap()
            self.end_frozen()
            self.size()
            self.fill()
            self.priority.lower(self.visits.is_anybody_here())
            time.sleep(WATCH_EVERY)
        return self.end_all()

    def stop(self, *_: object) -> None:
        self.stopping_since = self.stopping_since or time.monotonic()

    def size(self) -> None:
        """More workers while the first in line waits, fewer when one less would do as well."""
        now = time.monotonic()
        # The timetable always keeps somebody busy for a moment: not a reason to stay so many.
        if all(self.board.busy[: self.wanted]) or self.board.waiting[0] > scaled(GROW_AT):
            self.busy_at = now
        if self.low == self.high or now - self.sized_at < scaled(GROW_AT):
            return
        if self.board.waiting[0] > scaled(GROW_AT) and self.wanted < self.high:
            self.wanted, self.sized_at = self.wanted + 1, now
            logger.info("The first job in line waits; now %d workers", self.wanted)
        elif now - self.busy_at > scaled(SHRINK_AFTER) and self.wanted > self.low:
            self.wanted, self.sized_at = self.wanted - 1, now
            if pid := self.posts[self.wanted].pid:
                os.kill(pid, signal.SIGTERM)

    def fill(self) -> None:
        now = time.monotonic()
        for post in self.posts[: self.wanted]:
            if not post.pid and now >= post.again_at and self.stopping_since is None:
                self.fork(post)

    def fork(self, post: Post) -> None:
        connections.close_all()
        post.started = self.board.beats[post.index] = time.monotonic()
        pid = os.fork()
        if pid:
            post.pid = pid
            return
        code = 1
        try:
            code = self.work(post)
        except BaseException:
            logger.exception("A worker ended by a fault of its own")
        finally:
            os._exit(code)

    def work(self, post: Post) -> int:
        """In the new process."""
        share_connections()
        os.nice(NICENESS)
        sys.setswitchinterval(SWITCH_EVERY)
        for holder, begun in post.dead:
            claiming.leave_behind(holder, begun)
        worker = Worker(self.slots, self.board, post.index)
        signal.signal(signal.SIGTERM, worker.stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self.stopping_since is not None:  # told between the fork and here
            worker.stop()
        return worker.work()

    def reap(self) -> None:
        """Notice who has ended, and who has come far enough to have settled the dead."""
        for post in self.posts:
            if post.pid and post.dead and self.has_worked(post):
                post.dead = []
            if post.pid:
                pid, status = os.waitpid(post.pid, os.WNOHANG)
                if pid:
                    self.note_death(post, os.waitstatus_to_exitcode(status))

    def has_worked(self, post: Post) -> bool:
        return self.board.beats[post.index] > post.started

    def note_death(self, post: Post, code: int) -> None:
        lived = time.monotonic() - post.started
        longest = MISSED_PAUSE if self.has_worked(post) else LONGEST_PAUSE
        post.pause = 0.1 if lived > LONGEST_PAUSE else min(post.pause * 2, longest)
        post.again_at = time.monotonic() + scaled(0 if code == FULL else post.pause)
        self.was_cut_short |= self.stopping_since is not None and code not in (0, FULL)
        begun = self.board.take_begun(post.index)
        post.dead.append((f"{socket.gethostname()}:{post.pid}:", begun))
        if self.stopping_since is None and post.index < self.wanted:
            logger.warning("Worker %s ended (%s); another takes its place", post.pid, code)
        post.pid = 0

    def end_frozen(self) -> None:
        limit = max(BUSY, scaled(STANDSTILL))
        for post in self.posts:
            if post.pid and time.monotonic() - self.board.beats[post.index] > limit:
                logger.error("Worker %s stands still and is killed", post.pid)
                os.kill(post.pid, signal.SIGKILL)

    def end_all(self) -> int:
        until = time.monotonic() + scaled(GRACE) + 5
        for post in self.posts:
            if post.pid:
                os.kill(post.pid, signal.SIGTERM)
        while any(post.pid for post in self.posts) and time.monotonic() < until:
            self.reap()
            time.sleep(0.05)
        left = [post.pid for post in self.posts if post.pid]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return 1 if left or self.was_cut_short else 0
