"""Where every setting comes from, for all programs of a checkout.

What the process was given wins; then comes where `make run` is running, as long as it does, so that
`manage.py doctor` in another terminal speaks of the same ports; then `.env`.
"""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from project.networks import HOSTS
from project.private import make_private, private_folder
from project.variables import Environment

ROOT = Path(__file__).resolve().parent.parent
RUNNING = ROOT / "var" / "running.env"  # locked by the `make run` that wrote it
USUAL_PORT, USUAL_SANDBOX_PORT = "8000", "9000"
USUAL_SANDBOX = f"127.0.0.1:{USUAL_SANDBOX_PORT}"  # where project/local.py points the hosts


def read() -> None:
    """Complete `os.environ`. SANDBOX_PORT moves the hosts of an ordinary `.env` as well. Raises
    ImproperlyConfigured where something cannot be read."""
    env = Environment()
    make_private(ROOT / ".env")
    if is_running():
        env.read_file(RUNNING)
    env.read_file(ROOT / ".env")
    wanted = f"127.0.0.1:{env.whole('SANDBOX_PORT', int(USUAL_SANDBOX_PORT), 1, 65535)}"
    for name in HOSTS:
        scheme, _, rest = env.text(name).partition("://")
        if rest.partition("/")[0] == USUAL_SANDBOX:
            os.environ[name] = f"{scheme}://{wanted}{rest.removeprefix(USUAL_SANDBOX)}"


def is_running() -> bool:
    """Whether the `make run` that left its ports here is alive."""
    try:
        with open(RUNNING) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False


def leave_ports(**ports: str) -> TextIO | None:
    """Tell other programs of this checkout, until the file that is returned is closed. None where
    nothing can be written, or another `make run` has done so: then they know what they are told."""
    with suppress(OSError):
        private_folder(RUNNING.parent)
        file = open(RUNNING, "a")
        make_private(RUNNING)
        if is_locked(file):
            file.truncate(0)
            file.writelines(f"{name}={port}\n" for name, port in ports.items())
            file.flush()
            return file
        file.close()
    return None


def is_locked(file: TextIO) -> bool:
    """Whether the file is ours now. Whoever reads it holds it for a moment."""
    for _ in range(20):
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.05)
    return False
