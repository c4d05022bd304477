"""The make-believe networks on the server, asked from here."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.sandbox import ROOT, Sandbox, wait_until_it_answers

from .machines import PATIENCE, SANDBOX, Server, die_at_once, move_to

PORT = 9000
URL = f"http://{SANDBOX}:{PORT}"
ADDRESSES = {
    "X_API_URL": f"{URL}/x-api",
    "X_AUTHORIZE_URL": f"{URL}/x/i/oauth2/authorize",
    "FACEBOOK_GRAPH_URL": f"{URL}/fb-graph",
    "FACEBOOK_AUTHORIZE_URL": f"{URL}/fb/v25.0/dialog/oauth",
}


class SandboxThere(Sandbox):
    """Asked by a thread that lives on the server."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        super().__init__(URL)
        self.thread = thread

    def call(self, *what: Any, **options: Any) -> Any:
        return self.thread.submit(super().call, *what, **options).result()


@contextmanager
def sandbox_on(server: Server, log: Path) -> Iterator[SandboxThere]:
    command = [sys.executable, "-m", "social.sandbox", "--host", SANDBOX, "--port", str(PORT)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*server.inside(), *command, "--fixture", "crowd"],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            preexec_fn=die_at_once,
        )
    with ThreadPoolExecutor(1, initializer=move_to, initargs=[server.pid]) as thread:
        try:
            thread.submit(wait_until_it_answers, process, URL, log).result()
            yield SandboxThere(thread)
        finally:
            process.terminate()
            process.wait(PATIENCE)
