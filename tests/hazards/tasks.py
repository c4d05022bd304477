"""Each leaves a line in the file that HAZARDS names, when it begins: `name id pid`."""

import inspect
import os
import signal
import sys
import time


def note(key: str) -> None:
    name = inspect.stack()[1].function
    with open(os.environ["HAZARDS"], "a") as file:
        file.write(f"{name if name != 'run' else 'note'} {key} {os.getpid()}\n")


def die(key: str) -> None:
    note(key)
    os.kill(os.getpid(), signal.SIGKILL)


def leave(key: str) -> None:
    note(key)
    sys.exit(7)


def fail(key: str) -> None:
    note(key)
    raise ValueError("access_token=hunter2hunter2")


def wait(key: str) -> None:
    note(key)
    time.sleep(1)


def hang(key: str) -> None:
    note(key)
    time.sleep(3600)


def return_a_lambda(key: str) -> object:
    note(key)
    return lambda: key
