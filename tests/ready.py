"""A ready process, from which programs are forked: none of them imports the libraries anew.

`start` runs a Python command as `subprocess.Popen` would: its own environment, folder and streams,
a child of whoever asks, that dies with them. But its interpreter is a copy of one (`python -m
tests.ready`, one for each process of the tests) that has imported those libraries which need no
settings; nothing of Fanfare's is loaded there, so each program reads settings and runs from its
first line as ever. It has neither threads nor connections. Ways to start are tried without it.
"""

import ctypes
import gc
import importlib
import io
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from json import dumps, loads
from pathlib import Path
from typing import IO, Any

from project.children import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
LONGEST_REQUEST = 1 << 20  # bytes
EVERY = 0.01  # seconds between two looks at whether a program has ended
OURS = {"project", "social", "publishing", "importing", "tests"}
# What they are made of; what a library imports by itself is there with it.
LIBRARIES = """
    allauth.utils asgiref.local cryptography.fernet cryptography.x509 csp.middleware django
    django.contrib.admin django.contrib.admin.options django.contrib.auth.hashers
    django.contrib.auth.password_validation django.contrib.auth.tokens
    django.contrib.contenttypes.checks django.contrib.humanize.templatetags.humanize
    django.contrib.messages.middleware django.contrib.messages.storage.fallback
    django.contrib.sessions.backends.db django.contrib.sessions.middleware
    django.contrib.sessions.serializers django.contrib.staticfiles.storage django.core.mail
    django.core.management django.core.serializers.json django.core.servers.basehttp
    django.core.wsgi django.db.backends.postgresql.base django.db.backends.sqlite3.base
    django.db.migrations.executor django.forms django.http django.middleware.clickjacking
    django.middleware.common django.middleware.csrf django.middleware.gzip
    django.middleware.security django.template django.template.defaulttags
    django.template.loader_tags django.templatetags.i18n django.urls django.utils.formats
    django.utils.log django.utils.translation.trans_real django.views.csrf django.views.debug
    django.views.generic facebook gunicorn.app.wsgiapp gunicorn.workers.gthread html.parser
    http.server idna multiprocessing.sharedctypes oauthlib.oauth2 packaging.version PIL.Image
    psutil psycopg psycopg_pool regex requests requests_oauthlib sqlite3 sqlparse statistics tweepy
    urllib3 whitenoise.middleware zoneinfo
""".split()


class Program:
    """What `start` has started, to be used as a `subprocess.Popen`."""

    def __init__(self, pid: int, args: list[str]) -> None:
        self.pid, self.args = pid, args
        self.returncode: int | None = None
        self.waiting = threading.Lock()

    def poll(self) -> int | None:
        with self.waiting:
            if self.returncode is None:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        until = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(EVERY)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(
    command: list[str],
    *,
    env: dict[str, str],
    cwd: Path = ROOT,
    output: IO[bytes],
    start_new_session: bool = False,
) -> Program:
    """Start `[sys.executable, "file.py", …]` or `[sys.executable, "-m", "module", …]`, that writes
    to `output` and reads nothing."""
    assert command[0] == sys.executable
    asked = {"arguments": command[1:], "environment": env, "folder": str(cwd)}
    return the_ready_one().fork(asked | {"new_session": start_new_session}, output, command)


@cache
def the_ready_one() -> "Ready":
    return Ready()


class Ready:
    """The ready process, as its parent sees it."""

    def __init__(self) -> None:
        self.one_at_a_time = threading.Lock()
        self.wire, its_end = socket.socketpair()
        with its_end:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.ready", str(its_end.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[its_end.fileno()],
            )

    def fork(self, asked: dict[str, Any], output: IO[bytes], command: list[str]) -> Program:
        request = dumps(asked).encode()
        with self.one_at_a_time:
            adopt_orphans(True)
            try:
                self.wire.sendall(len(request).to_bytes(4, "big"))
                socket.send_fds(self.wire, [request[:1]], [output.fileno()])
                self.wire.sendall(request[1:])
                answer = self.wire.recv(4, socket.MSG_WAITALL)
            finally:
                adopt_orphans(False)
        if len(answer) < 4:
            raise AssertionError(f"The ready process has ended: {self.process.wait()}")
        return Program(int.from_bytes(answer, "big"), command)


def adopt_orphans(will: bool) -> None:
    """Whether a process whose parent has ended becomes a child of this one."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(will))


# ── In the ready process ──────────────────────────────────────────────────────────────────────


@dataclass
class Request:
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    new_session: bool
    output: int = -1


def serve(wire: socket.socket) -> Request | None:
    """Fork a child for each request, until nobody is there to ask. In such a child: what it is
    asked to become."""
    while request := read_request(wire):
        pid_read, pid_write = os.pipe()
        go_read, go_write = os.pipe()
        between = os.fork()
        if not between:
            # Whose child ends at once leaves a grandchild, which the one who asks adopts.
            program = os.fork()
            if program:
                os.write(pid_write, program.to_bytes(4, "big"))
                os._exit(0)
            os.close(go_write)
            os.read(go_read, 1)  # until it is adopted
            for number in (pid_read, pid_write, go_read):
                os.close(number)
            wire.close()
            return request
        pid = os.read(pid_read, 4)
        os.waitpid(between, 0)
        wire.sendall(pid)
        for number in (pid_read, pid_write, go_read, go_write, request.output):
            os.close(number)
    return None


def read_request(wire: socket.socket) -> Request | None:
    length = int.from_bytes(wire.recv(4, socket.MSG_WAITALL), "big")
    if not length:
        return None
    begun, [output], *_ = socket.recv_fds(wire, 1, 1)
    asked = begun + wire.recv(length - 1, socket.MSG_WAITALL)
    return Request(**loads(asked), output=output)


def become(request: Request, asker: int) -> None:
    """What lies between a fork and the first line of a program. `asker` is whose child it is."""
    if request.new_session:
        os.setsid()
    die_with_parent()
    if os.getppid() != asker:  # it died before we asked
        os._exit(1)
    os.dup2(request.output, 1)
    os.dup2(request.output, 2)
    os.close(request.output)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    os.chdir(request.folder)
    sys.stdout, sys.stderr = stream(1), stream(2)
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    importlib.invalidate_caches()


def stream(number: int) -> io.TextIOWrapper:
    """As an interpreter opens it that writes to a file."""
    errors = "backslashreplace" if number == 2 else "strict"
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    binary = open(number, "wb", buffering=0 if unbuffered else -1, closefd=False)
    return io.TextIOWrapper(
        binary, "utf-8", errors, line_buffering=number == 2, write_through=unbuffered
    )


def run(arguments: list[str]) -> None:
    if arguments[0] == "-m":
        _, module, *rest = arguments
        sys.argv[:], sys.path[0] = [module, *rest], os.getcwd()
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    else:
        sys.argv[:], sys.path[0] = arguments, str(Path(arguments[0]).resolve().parent)
        runpy.run_path(arguments[0], run_name="__main__")


def main() -> None:
    die_with_parent(signal.SIGKILL)
    asker = os.getppid()
    wire = socket.socket(fileno=int(sys.argv[1]))
    for library in LIBRARIES:
        importlib.import_module(library)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()  # nobody writes to what they share
    if request := serve(wire):
        become(request, asker)
        run(request.arguments)


if __name__ == "__main__":
    main()
