"""A stage for the benchmarks: sandbox, web and worker as real processes on free ports, on a
database of their own. Talks to this machine only and stops what it started."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "Correct-horse-9-battery"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Stage:
    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, {}
        self.port, self.sandbox_port = free_port(), free_port()
        self.url, self.sandbox = (f"http://127.0.0.1:{p}" for p in (self.port, self.sandbox_port))
        self.ca = folder / "sandbox-ca.pem"
        # TLS as the real networks speak it, on the port whose controls are asked in the clear.
        # PLAIN=1 measures what it costs.
        networks = (
            self.sandbox if "PLAIN" in os.environ else f"https://127.0.0.1:{self.sandbox_port}"
        )
        self.env = os.environ | {
            "DEBUG": "0",  # as people run it: DEBUG notes down every statement
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECRET_KEY": "only-for-benchmarks-" * 3,
            "TOKEN_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3"),
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "LOG": "quiet",
            "SANDBOX_CA": str(self.ca),
            "X_API_URL": f"{networks}/x-api",
            "X_AUTHORIZE_URL": f"{self.sandbox}/x/i/oauth2/authorize",
            "FACEBOOK_GRAPH_URL": f"{networks}/fb-graph",
            "FACEBOOK_AUTHORIZE_URL": f"{self.sandbox}/fb/v25.0/dialog/oauth",
        }

    def start(self, name: str, *command: str, **env: str) -> None:
        log = (self.folder / f"{name}.log").open("wb")
        self.processes[name] = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.env | env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def start_web(self, name: str = "web", port: int | None = None, **env: str) -> str:
        port = port or self.port
        bind = ["--bind", f"127.0.0.1:{port}", "--threads", "16", "--log-level", "warning"]
        self.start(name, "-m", "gunicorn", "project.wsgi", *bind, **env)
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: requests.get(f"{url}/accounts/login/", timeout=2).ok)
        return url

    def start_sandbox(self) -> None:
        options = ["--port", str(self.sandbox_port), "--tls", "--ca-file", str(self.ca)]
        self.start("sandbox", "-m", "social.sandbox", *options)
        wait_for(lambda: requests.get(self.sandbox, timeout=2).ok)

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def control(self, path: str, **body: Any) -> Any:
        answer = requests.post(f"{self.sandbox}/_sandbox/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def connect_both(self, user: str) -> None:
        for network in ("x", "facebook"):
            token = self.control("tokens", network=network, user="alice")["access_token"]
            self.manage("connect", user, network, "--token", token)

    def stop(self, *names: str) -> None:
        """These of its processes, or all."""
        ended = [self.processes.pop(name) for name in names or list(self.processes)]
        for process in ended:
            process.send_signal(signal.SIGTERM)
        for process in ended:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def stage() -> Iterator[Stage]:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is stopped
    with tempfile.TemporaryDirectory() as folder:
        made = Stage(Path(folder))
        try:
            made.start_sandbox()  # first: the settings name the CA that it makes
            made.manage("migrate", "--verbosity", "0")
            made.manage("collectstatic", "--noinput", "--verbosity", "0")
            yield made
        finally:
            made.stop()


def wait_for(condition: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if condition():
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise TimeoutError("it did not come up")


def sign_up(url: str, name: str) -> requests.Session:
    """A signed-in session of a new person."""
    session = requests.Session()
    page = session.get(f"{url}/accounts/signup/", timeout=10)
    form = {"email": f"{name}@example.org", "username": name}
    form |= {"password1": PASSWORD, "password2": PASSWORD, "csrfmiddlewaretoken": csrf(page)}
    answer = session.post(f"{url}/accounts/signup/", data=form, timeout=10)
    answer.raise_for_status()
    return session


def csrf(page: requests.Response) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
