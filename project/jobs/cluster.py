"""The main process of `qcluster`: it forks the workers, watches them, and ends them in order.

It holds no database connection and no thread, so that forking is safe. A worker that dies is
replaced, and its replacement gives back what the dead one held; one whose loop stands still is
killed first.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing import RawArray

from django.db import connections

from social.timing import scaled

from .worker import GRACE, run_worker

logger = logging.getLogger(__name__)

STANDSTILL = 30.0  # seconds after which a worker that does not turn is taken for frozen
WATCH_EVERY = 0.2
LONGEST_PAUSE = 30.0  # seconds before a worker that keeps dying is tried again


@dataclass
class Post:
    """The place of one worker: who fills it now, and who died there."""

    index: int
    pid: int = 0
    started: float = 0.0
    again_at: float = 0.0
    pause: float = 0.1
    dead: list[str] = field(default_factory=list)


class Cluster:
    def __init__(self, slots: Mapping[str, int], count: int) -> None:
        self.slots = slots
        self.beats = RawArray("d", count)
        self.posts = [Post(index) for index in range(count)]
        self.stopping_since: float | None = None

    def run(self) -> int:
        """Until SIGTERM or SIGINT. The exit code: 0 when every worker ended in order."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while self.stopping_since is None:
            self.reap()
            self.end_frozen()
            self.fill()
            time.sleep(WATCH_EVERY)
        return self.end_all()

    def stop(self, *_: object) -> None:
        self.stopping_since = self.stopping_since or time.monotonic()

    def fill(self) -> None:
        now = time.monotonic()
        for post in self.posts:
            if not post.pid and now >= post.again_at and self.stopping_since is None:
                self.fork(post)

    def fork(self, post: Post) -> None:
        connections.close_all()
        post.started = self.beats[post.index] = time.monotonic()
        pid = os.fork()
        if pid:
            post.pid, post.dead = pid, []
            return
        code = 1
        try:
            code = run_worker(self.slots, self.beats, post.index, post.dead)
        except BaseException:
            logger.exception("A worker ended by a fault of its own")
        finally:
            os._exit(code)

    def reap(self) -> None:
        """Notice who has ended."""
        for post in self.posts:
            if post.pid and os.waitpid(post.pid, os.WNOHANG)[0]:
                self.note_death(post)

    def note_death(self, post: Post) -> None:
        lived = time.monotonic() - post.started
        post.pause = 0.1 if lived > LONGEST_PAUSE else min(post.pause * 2, LONGEST_PAUSE)
        post.again_at = time.monotonic() + scaled(post.pause)
        post.dead.append(f"{socket.gethostname()}:{post.pid}:")
        if self.stopping_since is None:
            logger.warning("Worker %s ended; another takes its place", post.pid)
        post.pid = 0

    def end_frozen(self) -> None:
        for post in self.posts:
            if post.pid and time.monotonic() - self.beats[post.index] > scaled(STANDSTILL):
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
        return 1 if left else 0
