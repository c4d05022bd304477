"""The process that reads picture files (`publishing.media.decoder`), as this process holds it:
started when it is first needed, ended when a picture takes too long, and then started anew."""

import logging
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from publishing.media.decoder import wire
from publishing.media.decoder.limits import LARGEST

REPOSITORY = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-m", "publishing.media.decoder"]
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH")  # no secrets
START_SECONDS = 20.0  # it takes 0.2
DEADLINE_SECONDS = 10.0  # of a picture, on a busy machine; of processor time it has five
# Then a fresh one takes over: what is allocated in bits is never given back whole.
PICTURES_PER_PROCESS = 200
KILLED_BY_COST = (-signal.SIGXCPU, -signal.SIGKILL)  # by its own limit, or because memory ran out
logger = logging.getLogger(__name__)


class UnreadablePicture(Exception):
    """It died of this picture."""


class TooCostly(Exception):
    """This picture took more time or memory than any may."""


class Unavailable(Exception):
    """There is no such process, and none can be started."""


class Helper:
    """One process at a time. Not for several threads at once: `sharing` lets in one."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None
        self.link: socket.socket | None = None
        self.pictures = 0

    def ask(self, work: str, data: bytes, most: int = 0) -> tuple[dict[str, Any], bytes]:
        """Have `work` done ("clean", "thumbnail" or "fit", into `most` bytes): the head and the
        body of the answer. Raises UnreadablePicture, TooCostly or Unavailable."""
        if self.process and (
            self.pictures >= PICTURES_PER_PROCESS or self.process.poll() is not None
        ):
            self.stop()
        was_there = self.process is not None
        try:
            return self._ask(work, data, most)
        except EOFError as error:
            code = self.stop()
            if code == 0 and was_there:  # nobody had asked for a while, and it just left
                return self.ask(work, data, most)
            raise (TooCostly if code in KILLED_BY_COST else UnreadablePicture)(
                f"ended with {code}"
            ) from error

    def _ask(self, work: str, data: bytes, most: int) -> tuple[dict[str, Any], bytes]:
        link = self.link or self._started()
        self.pictures += 1
        try:
            wire.send(link, {"do": work, "most": most}, data, DEADLINE_SECONDS)
            return wire.receive(link, LARGEST, DEADLINE_SECONDS)
        except (EOFError, ConnectionError) as error:
            raise EOFError from error
        except BaseException as error:  # what it may answer yet is for nobody
            self.stop()
            if isinstance(error, TimeoutError):
                raise TooCostly("no answer in time") from error
            if isinstance(error, ValueError):
                raise UnreadablePicture("an answer that is none") from error
            raise

    def _started(self) -> socket.socket:
        """The link to a new process."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self.process = subprocess.Popen(  # noqa: S603  our own command
                    COMMAND,
                    cwd=REPOSITORY,
                    env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                )
            self.link, self.pictures = ours, 0
            wire.receive(ours, 0, START_SECONDS)
            return ours
        except (OSError, EOFError, ValueError) as error:
            self.link = ours
            logger.error("The process that reads pictures does not start (%s).", self.stop())
            raise Unavailable from error

    def stop(self) -> int | None:
        """End it, wherever it is. How it had ended, if it had."""
        process, link, self.process, self.link = self.process, self.link, None, None
        if link is not None:
            link.close()
        if process is None:
            return None
        with suppress(subprocess.TimeoutExpired):
            return process.wait(0.2)
        process.kill()
        return process.wait()

    def forget(self) -> None:
        """In a process that was forked from ours: only we hold the other end of the link."""
        if self.link is not None:
            self.link.close()
        if self.process is not None:
            self.process.returncode = 0  # not ours to wait for
        self.process = self.link = None
