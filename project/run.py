"""`make run`: web, worker and sandbox as one foreground program with one Ctrl-C. No Django here.

Each child lives in a session of its own, so that a Ctrl-C reaches only this process, which then
stops them in order. A child that dies is started again. A second Ctrl-C kills.
"""

import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from project.variables import Environment, one_line

ROOT = Path(__file__).resolve().parent.parent
HOSTS = ("X_API_URL", "X_AUTHORIZE_URL", "FACEBOOK_GRAPH_URL", "FACEBOOK_AUTHORIZE_URL")
USUAL_SANDBOX = "127.0.0.1:9000"  # where project/local.py points the four hosts
PATIENCE = 10.0  # seconds for running jobs and requests to end; then they are killed
LONGEST_PAUSE = 30.0  # seconds before a child that keeps dying is tried again
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    name: str
    command: list[str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    again_at: float = 0.0
    pause: float = 0.5
    rest: bytes = field(default=b"", repr=False)

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603  our own commands
            self.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        os.set_blocking(self.process.stdout.fileno(), False)

    def print_output(self) -> bool:
        """Print the lines that have come; False when there will be no more."""
        chunk = self.process.stdout.read()
        *lines, self.rest = (self.rest + (chunk or b"")).split(b"\n")
        for line in lines:
            say(self.name, line.decode(errors="replace"))
        return chunk != b""

    def signal(self, number: int) -> None:
        """To the whole session: whatever the child has started is meant too."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def plan_restart(self) -> None:
        code, lived = self.process.returncode, time.monotonic() - self.started
        self.signal(signal.SIGKILL)
        self.pause = 0.5 if lived > LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
        self.again_at = time.monotonic() + self.pause
        say("run", f"{self.name} ended ({code}); starting it again in {self.pause:g} s")


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def say(name: str, line: str) -> None:
    print(f"{name:<8}| {line}", flush=True)


class Supervisor:
    def __init__(self, children: list[Child], port: int) -> None:
        self.children = children
        self.port = port
        self.asked_to_stop = 0
        self.selector = selectors.DefaultSelector()

    def run(self) -> None:
        signal.signal(signal.SIGINT, self.ask_to_stop)
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        for child in self.children:
            self.start(child)
        announced = False
        while not self.asked_to_stop:
            self.listen()
            self.restart_the_dead()
            if not announced and is_taken(self.port):
                announced = True
                say("run", f"Fanfare is at http://127.0.0.1:{self.port}/ (Ctrl-C stops it)")
        self.stop()

    def ask_to_stop(self, *_: object) -> None:
        self.asked_to_stop += 1

    def start(self, child: Child) -> None:
        child.start()
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def listen(self) -> None:
        for key, _ in self.selector.select(timeout=0.2):
            if not key.data.print_output():
                self.selector.unregister(key.fileobj)

    def restart_the_dead(self) -> None:
        for child in self.children:
            if child.again_at and time.monotonic() >= child.again_at:
                child.again_at = 0.0
                self.start(child)
            elif not child.again_at and child.process.poll() is not None:
                child.plan_restart()

    def stop(self) -> None:
        say("run", "stopping; Ctrl-C again to stop at once")
        for child in self.children:
            child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self.alive() and self.asked_to_stop < 2 and time.monotonic() < deadline:
            self.listen()
        for child in self.alive():
            say("run", f"{child.name} did not end in time and is killed")
        for child in self.children:
            child.signal(signal.SIGKILL)
            child.process.wait()

    def alive(self) -> list[Child]:
        return [child for child in self.children if child.process.poll() is None]


def is_taken(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def sandbox_port() -> int | None:
    """The port our sandbox is wanted at; None when the four hosts lead elsewhere, or to one behind
    TLS (`manage.py sandbox --tls`): a browser would warn of it, so it is nobody's first.

    SANDBOX_PORT moves it, and the hosts of an ordinary .env with it.
    """
    port = os.environ.get("SANDBOX_PORT") or urlsplit(f"//{USUAL_SANDBOX}").port
    wanted = f"127.0.0.1:{port}"
    found = {urlsplit(Environment().text(name))[:2] for name in HOSTS}
    if found not in ({("http", USUAL_SANDBOX)}, {("http", wanted)}):
        return None
    for name in HOSTS:
        os.environ[name] = os.environ[name].replace(USUAL_SANDBOX, wanted, 1)
    return int(port)


def children(port: int, sandbox: int | None) -> list[Child]:
    python = sys.executable
    web = ["-m", "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "16"]
    quickly = ["--graceful-timeout", "5", "--log-level", "warning"]
    made = [
        Child("web", [python, *web, *quickly]),
        Child("worker", [python, "manage.py", "qcluster"]),
    ]
    if sandbox:
        made.insert(0, Child("sandbox", [python, "-m", "social.sandbox", "--port", str(sandbox)]))
    return made


def prepare() -> None:
    """The database up to date, and the static files where the web process expects them."""
    steps = [["migrate", "--verbosity", "0"]]
    if not Environment().flag("DEBUG", False):
        steps.append(["collectstatic", "--noinput", "--verbosity", "0"])
    for step in steps:
        manage = [sys.executable, "manage.py", *step]
        if code := subprocess.run(manage, cwd=ROOT).returncode:  # noqa: S603
            sys.exit(code)


def main() -> int:
    env = Environment()
    with one_line():
        env.read_file(ROOT / ".env")
        port = env.whole("PORT", 8000, 1, 65535)
        env.whole("SANDBOX_PORT", 9000, 1, 65535)
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ["PORT"], sandbox = str(port), sandbox_port()
    for name, number in (("PORT", port), ("SANDBOX_PORT", sandbox)):
        if number and is_taken(number):
            print(f"Port {number} is taken: choose another with {name}=…", file=sys.stderr)
            return 2
    prepare()
    Supervisor(children(port, sandbox), port).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
