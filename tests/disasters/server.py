"""The web process, which may be killed and started again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from project.children import die_with_parent
from tests.environment import free_port
from tests.workers import ROOT

PATIENCE_SECONDS = 60


class Server:
    """Fanfare on a port that stays the same."""

    def __init__(self, log: Path) -> None:
        self.log, self.port = log, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "project.wsgi", "--threads", "4"]
        ours = {"DJANGO_SETTINGS_MODULE": "project.settings", "DEBUG": "1", "PUBLIC_URL": self.url}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--bind", f"127.0.0.1:{self.port}"],
                cwd=ROOT,
                env={**os.environ, **ours, "CSRF_TRUSTED_ORIGINS": self.url},
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                requests.get(f"{self.url}/healthz", timeout=5)
                return
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError(f"The web process does not answer: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """At once, with all that it had begun."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
