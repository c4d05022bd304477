"""The make-believe networks, as a test drives them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from project.run import die_with_parent
from social.sandbox.core.presets import catalogue
from social.sandbox.networks import NETWORKS

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20
PRESETS = catalogue(NETWORKS.values())


class Sandbox:
    def __init__(self, url: str) -> None:
        self.url = url

    def call(
        self, method: str, path: str, params: dict[str, Any] | None = None, json: Any = None
    ) -> Any:
        """By hand: `requests` takes three times as long, and a test calls five times."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        asked = f"/_sandbox{path}?{urlencode(given, doseq=True)}" if given else f"/_sandbox{path}"
        body = None if json is None else dumps(json)
        with closing(HTTPConnection(urlsplit(self.url).netloc, timeout=10)) as wire:
            wire.request(method, asked, body, {"Content-Type": "application/json"} if body else {})
            answer = wire.getresponse()
            told = answer.read()
        assert answer.status < 400, f"{method} {path}: {answer.status} {told.decode()}"
        return loads(told)

    def reset(self) -> None:
        self.call("POST", "/reset", json={})

    def truth(self, network: str | None = None, **match: Any) -> list[dict[str, Any]]:
        """Every post made through the networks' APIs, newest first, hidden ones too.

        `origin=None` also lists what the sandbox's people had posted before.
        """
        asked = {"network": network, "include_hidden": 1, "origin": "api", **match}
        return self.call("GET", "/posts", params=asked)["posts"]

    def arm(self, preset: str, **options: Any) -> Any:
        """Make the next matching request go wrong."""
        return self.call("POST", "/faults", json={"preset": preset, **options})

    def disarm(self) -> None:
        self.call("DELETE", "/faults")

    def journal(self, since: int = 0) -> list[dict[str, Any]]:
        """Every request that reached the networks."""
        return self.call("GET", "/journal", params={"since": since})["entries"]

    def clock(self, advance: float) -> None:
        self.call("POST", "/clock", json={"advance_s": advance})

    def token(self, network: str, user: str, **options: Any) -> dict[str, Any]:
        """A grant of this person's, as if they had clicked through the pages."""
        return self.call("POST", "/tokens", json={"network": network, "user": user, **options})

    def change(self, what: str, **options: Any) -> Any:
        """A state rather than a fault: expire_access, revoke, suspend, visibility_lag, …"""
        return self.call("POST", "/state", json={"do": what, **options})

    def allow(self, app: str) -> None:
        """Let the app at this address log in here: a live server's, for example."""
        self.call("POST", "/clients", json={"app": app})


@contextmanager
def running_sandbox(url: str, port: int, log: Path) -> Iterator[Sandbox]:
    """It speaks TLS, with a CA of its own in the file SANDBOX_CA; `url` is the plain one."""
    command = [sys.executable, "-m", "social.sandbox", "--port", str(port)]
    command += ["--tls", "--ca-file", os.environ["SANDBOX_CA"]]
    for app in ("http://testserver", os.environ["PUBLIC_URL"]):  # Django's test client is the first
        command += ["--app", app]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=output, stderr=output, preexec_fn=die_with_parent
        )
    try:
        wait_until_it_answers(process, url, log)
        yield Sandbox(url)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until_it_answers(process: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(f"{url}/_sandbox", timeout=2)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"The sandbox did not start: {log.read_text()[-2000:]}")
