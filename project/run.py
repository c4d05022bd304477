"""`make run`: web, worker and sandbox as one foreground program with one Ctrl-C. No Django here.

Each child lives in a session of its own, so that a Ctrl-C reaches only this process, which then
stops them in order. A child that does not start ends all, with a line that says so; one that dies
later is started again. A second Ctrl-C kills.
"""

import http.client
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urlsplit

from project import environment
from project.children import die_with_parent, restart_pause
from project.environment import ROOT, USUAL_PORT, USUAL_SANDBOX_PORT
from project.networks import HOSTS
from project.variables import Environment, one_line

START_PATIENCE = 180.0  # seconds for each child to start
STOP_PATIENCE = 10.0  # seconds for running jobs and requests to end; then they are killed


@dataclass
class Child:
    name: str
    command: list[str]
    port: int = 0  # it has started once it answers there,
    says: str = ""  # or once it has printed this, or else at once
    has_started: bool = False
    process: subprocess.Popen[bytes] = field(init=False, repr=False)  # since `start`
    output: IO[bytes] = field(init=False, repr=False)
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
        assert self.process.stdout is not None
        self.output = self.process.stdout
        os.set_blocking(self.output.fileno(), False)

    def print_output(self) -> bool:
        """Print the lines that have come; False when there will be no more."""
        chunk = self.output.read()
        *lines, self.rest = (self.rest + (chunk or b"")).split(b"\n")
        for line in lines:
            say(self.name, line.decode(errors="replace"))
            self.has_started |= bool(self.says) and self.says.encode() in line
        return chunk != b""

    def look(self) -> None:
        """Whether it has started. A port that is open is no sign: gunicorn's is at once."""
        if self.port:
            self.has_started = self.has_started or answers(self.port)
        else:
            self.has_started |= not self.says

    def failure(self) -> str:
        """Why it will not start; nothing while it may."""
        if self.has_started:
            return ""
        code = self.process.poll()
        if code is not None:
            return f"{self.name} did not start: it ended ({code})"
        late = time.monotonic() - self.started > START_PATIENCE
        return f"{self.name} did not start within {START_PATIENCE:g} s" if late else ""

    def signal(self, number: int) -> None:
        """To the whole session: whatever the child has started is meant too."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def plan_restart(self) -> None:
        code, lived = self.process.returncode, time.monotonic() - self.started
        self.signal(signal.SIGKILL)
        self.pause = restart_pause(self.pause, lived, first=0.5)
        self.again_at = time.monotonic() + self.pause
        say("run", f"{self.name} ended ({code}); starting it again in {self.pause:g} s")


def say(name: str, line: str) -> None:
    print(f"{name:<8}| {line}", flush=True)


class Supervisor:
    def __init__(self, children: list[Child], port: int) -> None:
        self.children = children
        self.port = port
        self.asked_to_stop = 0
        self.selector = selectors.DefaultSelector()

    def run(self) -> int:
        """Until it is asked to stop. The exit code: 1 when something did not start."""
        signal.signal(signal.SIGINT, self.ask_to_stop)
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        for child in self.children:
            self.start(child)
        failure = self.wait_for_start()
        if not failure and not self.asked_to_stop:
            say("run", f"Fanfare is at http://127.0.0.1:{self.port}/ (Ctrl-C stops it)")
        while not failure and not self.asked_to_stop:
            self.listen()
            self.restart_the_dead()
        self.stop()
        if failure:
            say("run", f"{failure}. Nothing is running; why stands above.")
        return 1 if failure else 0

    def wait_for_start(self) -> str:
        """Until all have started. What has gone wrong, or nothing."""
        while not self.asked_to_stop and not all(child.has_started for child in self.children):
            self.listen()
            for child in self.children:
                child.look()
                if failure := child.failure():
                    self.listen()
                    return failure
        return ""

    def ask_to_stop(self, *_: object) -> None:
        self.asked_to_stop += 1

    def start(self, child: Child) -> None:
        child.start()
        self.selector.register(child.output, selectors.EVENT_READ, child)

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
        if self.asked_to_stop:
            say("run", "stopping; Ctrl-C again to stop at once")
        for child in self.children:
            child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE
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


def answers(port: int) -> bool:
    """Whether an HTTP server answers there, whatever it says."""
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        caller.request("GET", "/healthz")
        return bool(caller.getresponse().status)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()


def port_of(name: str, usual: str) -> int:
    return Environment().whole(name, int(usual), 1, 65535)


def sandbox_port() -> int | None:
    """The port our sandbox is wanted at; None when the networks' hosts lead elsewhere, or to one
    behind TLS (`manage.py sandbox --tls`): a browser would warn of it, so it is nobody's first."""
    port = port_of("SANDBOX_PORT", USUAL_SANDBOX_PORT)
    found = {urlsplit(os.environ.get(name, ""))[:2] for name in HOSTS}
    return port if found == {("http", f"127.0.0.1:{port}")} else None


def children(port: int, sandbox: int | None) -> list[Child]:
    python = sys.executable
    web = ["-m", "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "16"]
    quickly = ["--graceful-timeout", "5", "--log-level", "warning"]
    made = [
        Child("web", [python, *web, *quickly], port=port),
        Child("worker", [python, "manage.py", "qcluster"], says="Ctrl-C stops them."),
    ]
    if sandbox:
        command = [python, "-m", "social.sandbox", "--port", str(sandbox)]
        made.insert(0, Child("sandbox", command, port=sandbox))
    return made


def prepare() -> None:
    """The database up to date, and the static files where the web process expects them."""
    steps = [["migrate", "--verbosity", "0"]]
    if not Environment().flag("DEBUG", False):
        steps.append(["collectstatic", "--noinput", "--verbosity", "0"])
    for step in steps:
        manage = [sys.executable, "manage.py", *step]
        ended = subprocess.run(manage, cwd=ROOT, stderr=subprocess.PIPE, text=True)  # noqa: S603
        if ended.returncode:
            lines = ended.stderr.strip().splitlines() or [f"it ended ({ended.returncode})"]
            why = next((line for line in reversed(lines) if "Error: " in line), lines[-1])
            print(why, file=sys.stderr)
            if ended.returncode != 2:  # else that line was all there is to say
                print(f"Nothing is running; `manage.py {step[0]}` says more.", file=sys.stderr)
            sys.exit(ended.returncode)
        print(ended.stderr, end="", file=sys.stderr)


def main() -> int:
    with one_line():
        environment.read()
        port, sandbox = port_of("PORT", USUAL_PORT), sandbox_port()
    os.environ["PYTHONUNBUFFERED"] = "1"
    ports = {"PORT": port} | ({"SANDBOX_PORT": sandbox} if sandbox else {})
    for name, number in ports.items():
        os.environ[name] = str(number)
        if is_taken(number):
            print(f"Port {number} is taken: choose another with {name}=…", file=sys.stderr)
            return 2
    prepare()
    told = environment.leave_ports(**{name: str(number) for name, number in ports.items()})
    try:
        return Supervisor(children(port, sandbox), port).run()
    finally:
        if told:
            told.close()


if __name__ == "__main__":
    sys.exit(main())
