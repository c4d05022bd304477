"""A network that hangs, before the web process that the Procfile names: the callbacks of those who
are connecting wait for it, and nobody else does."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from django.conf import settings
from django.test import Client

from project.run import die_with_parent
from project.web.server import configuration
from social.models import Connection
from social.networks import NETWORKS
from tests.environment import free_port
from tests.sandbox import Sandbox
from tests.workers import PATIENCE, ROOT

from .dancing import PEOPLE, allow

pytestmark = pytest.mark.programs
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
THREADS = configuration()["threads"]
BY_THEIR_PAGE = [network.name for network in NETWORKS.values() if network.provider]
LEFT = 2  # threads that do not hang; when none is left, everybody waits as long as a callback
ROUNDS = 3


class Web:
    """A web process, as browsers of signed-in people and of strangers see it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def browser(self, user: Any = None) -> requests.Session:
        session = requests.Session()
        if user:
            client = Client()
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            session.cookies.set(name, client.cookies[name].value)
        return session

    def get(self, path: str, user: Any = None) -> requests.Response:
        return self.browser(user).get(self.url + path, timeout=PATIENCE)

    def ask(self, browser: requests.Session, network: str) -> str:
        """Press "Connect"; where that leads."""
        page = browser.get(f"{self.url}/channels/", timeout=PATIENCE)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
        query = urlencode({"process": "connect", "next": "/channels/"})
        start = browser.post(
            f"{self.url}/accounts/{NETWORKS[network].provider}/login/?{query}",
            {"csrfmiddlewaretoken": token},
            allow_redirects=False,
            timeout=PATIENCE,
        )
        assert start.status_code == 302, start.text
        return start.headers["Location"]


@pytest.fixture
def web(transactional_db: None, sandbox: Sandbox, tmp_path: Path) -> Iterator[Web]:
    port, log = free_port(), tmp_path / "web.log"
    url = f"http://127.0.0.1:{port}"
    sandbox.allow(url)
    ours = {"PORT": str(port), "PUBLIC_URL": url, "CSRF_TRUSTED_ORIGINS": url}
    # No deadline of ours ends what hangs: the test does, when it has seen enough.
    ours |= {"TIME_SCALE": "10", "WEB_CONCURRENCY": "1"}
    ours["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["sh", "-c", f"exec {PROCFILE['web']}"],
            cwd=ROOT,
            env={**os.environ, **ours},
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent,
        )
    try:
        wait_for(process, f"{url}/healthz", log)
        yield Web(url)
    finally:
        process.terminate()
        process.wait(2 * PATIENCE)


def wait_for(process: subprocess.Popen, url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            requests.get(url, timeout=PATIENCE)
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"The web process did not start: {log.read_text()[-2000:]}")


def come_back(web: Web, user: Any, pool: ThreadPoolExecutor) -> Iterator[Future]:
    """As many as there are threads, less a few, say yes to one network or the other, and are sent
    back."""
    for network in islice(cycle(BY_THEIR_PAGE), THREADS - LEFT):
        browser = web.browser(user)
        back = allow(web.ask(browser, network), PEOPLE[network])
        yield pool.submit(browser.get, back, timeout=3 * PATIENCE)


def wait_until_they_hang(sandbox: Sandbox, callbacks: list[Future]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        paths = [entry["path"] for entry in sandbox.journal()]
        asked = [path for path in paths if path.endswith(("/oauth2/token", "/oauth/access_token"))]
        if len(asked) == len(callbacks):
            return
        time.sleep(0.05)
    raise AssertionError(f"{len(asked)} of {len(callbacks)} asked for their tokens")


def look_around(web: Web, alice: Any, bob: Any) -> None:
    """Everybody else, and whoever is connecting, in another window."""
    pages = {"/healthz": None, "/accounts/login/": None, "/posts/": bob, "/channels/": alice}
    for path, user in pages.items():
        answer = web.get(path, user)
        assert (answer.status_code, answer.url) == (200, web.url + path)


def test_callbacks_that_hang_hold_up_nobody_else(web: Web, sandbox: Sandbox, alice: Any, bob: Any):
    sandbox.arm("oauth.hang")
    with ThreadPoolExecutor(THREADS) as pool:
        callbacks = list(come_back(web, alice, pool))
        try:
            wait_until_they_hang(sandbox, callbacks)
            for _ in range(ROUNDS):
                look_around(web, alice, bob)
            assert not any(callback.done() for callback in callbacks)
        finally:
            sandbox.reset()  # the network hangs up
        answers = [callback.result() for callback in callbacks]
    assert {answer.status_code for answer in answers} == {401}
    assert all("Connecting did not work" in answer.text for answer in answers)
    assert not Connection.objects.exists()
