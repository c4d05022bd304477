"""Each leaves a line in the file that HAZARDS names, when it begins: `name id pid time`."""

import os
import signal
import sys
import time

leaked: list[bytes] = []


def mark(name: str, key: str) -> None:
    line = f"{name} {key} {os.getpid()} {time.time():.4f}\n"
    file = os.open(os.environ["HAZARDS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)


def note(key: str) -> None:
    mark("note", key)


def die(key: str) -> None:
    mark("die", key)
    os.kill(os.getpid(), signal.SIGKILL)


def die_slowly(key: str) -> None:
    """As one that fills the memory: there is time to begin others beside it."""
    mark("die_slowly", key)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)


def leave(key: str) -> None:
    mark("leave", key)
    sys.exit(7)


def fail(key: str) -> None:
    mark("fail", key)
    raise ValueError("access_token=hunter2hunter2")


def wait(key: str) -> None:
    mark("wait", key)
    time.sleep(1)


def dawdle(key: str) -> None:
    """Longer than a short lease."""
    mark("dawdle", key)
    time.sleep(2.5)


def nap(key: str) -> None:
    """As a job that waits for a network; it also says when it is through."""
    mark("nap", key)
    time.sleep(0.05)
    mark("napped", key)


def blink(key: str) -> None:
    """One of those that are claimed ahead of their start; it also says when it is through."""
    mark("blink", key)
    time.sleep(0.01)
    mark("blinked", key)


def hang(key: str) -> None:
    mark("hang", key)
    time.sleep(3600)


def leak(key: str) -> None:
    mark("leak", key)
    leaked.append(b"leaked" * 5_000_000)


def return_a_lambda(key: str) -> object:
    mark("return_a_lambda", key)
    return lambda: key
