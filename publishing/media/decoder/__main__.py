"""The process: reads one request after the other from the socket that is its standard input, and
answers each. It ends when nobody is at the other end, or nobody asked for a while."""

import fcntl
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from . import wire
from .cleaning import Written, clean, fitted, thumbnail
from .limits import CPU_SECONDS, LARGEST_FILE, MEMORY, NICENESS, Refused

PLUGINS = (
    AvifImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)  # all that is ever read
WORK = {"clean": clean, "thumbnail": thumbnail}
IDLE = 300  # seconds without a request
PATIENCE = 30  # seconds for the rest of a request, or for an answer to be taken
OPEN_FILES = 16


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    link = socket.socket(fileno=os.dup(0))
    Image.preinit()
    confine()
    wire.send(link, {"is": "ready"}, b"", PATIENCE)
    while select.select([link], [], [], IDLE)[0]:
        try:
            head, data = wire.receive(link, LARGEST_FILE, PATIENCE)
            with ending_with(link):
                answer, made = answered(head.get("do", ""), data, head.get("most", 0))
            wire.send(link, answer, made, PATIENCE)
        except (EOFError, OSError):
            return 0
    return 0


def confine() -> None:
    """Nothing that is decoded here gets more than a picture needs. Where the system knows a limit
    by name only (macOS and memory), processor time and the other end's deadline remain."""
    limits = {
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for limit, most in limits.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    with suppress(OSError):
        os.nice(NICENESS)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):  # decoders of old print what they think of a file
        os.dup2(nowhere, number)
    os.close(nowhere)


@contextmanager
def ending_with(link: socket.socket) -> Iterator[None]:
    """While we decode, the system ends us as soon as the other end is gone: by SIGIO, which a
    decoder that is deep in a file needs not to take notice of."""
    flags = fcntl.fcntl(link, fcntl.F_GETFL)
    with suppress(OSError):
        fcntl.fcntl(link, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(link, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([link], [], [], 0)[0]:  # it went before that
        raise EOFError
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.fcntl(link, fcntl.F_SETFL, flags)


def answered(work: str, data: bytes, most: int = 0) -> tuple[dict, bytes]:
    """The head and the body of an answer; `most` is how many bytes what is fitted may have."""
    before = processor_seconds()
    with suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(before) + 1 + CPU_SECONDS, hard))
    try:
        made: Written = fitted(data, most) if work == "fit" else WORK[work](data)
    except Refused as refused:
        head = {"is": "refused", "reason": refused.reason, "facts": refused.facts}
        return head | {"seconds": processor_seconds() - before}, b""
    done = {"is": "done", "mime": made.mime, "width": made.width, "height": made.height}
    done |= {"is_smaller": made.is_smaller, "is_first_only": made.is_first_only}
    done["seconds"] = processor_seconds() - before
    return done, made.data


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
