"""A platform like Heroku: all is in the environment, no disk remembers anything, and the worker is
scaled to 0 and back."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from django.db import connection

from publishing.models import Delivery
from tests.waiting import eventually

from .starting import PATIENCE, WEB, copy, environment, run, serving
from .test_web_behind_proxy import HOST, PROXIED, TOKEN

pytestmark = [
    pytest.mark.programs,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a disk that forgets"),
]
OF_THE_TESTS = ("SECRET_KEY", "TOKEN_KEYS", "DATABASE_URL", "SANDBOX_CA")
HOSTS = ("X_API_URL", "X_AUTHORIZE_URL", "FACEBOOK_GRAPH_URL", "FACEBOOK_AUTHORIZE_URL")


class Platform:
    """Each process begins in a folder that nothing was ever written to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.said = {name: os.environ[name] for name in (*OF_THE_TESTS, *HOSTS)}
        self.said |= {"PUBLIC_URL": f"https://{HOST}", "INSTANCE_ID": "fanfare", "COUNT": "1"}
        self.said |= {"FORWARDED_ALLOW_IPS": "*", "TRUSTED_PROXY_COUNT": "1"}
        self.said |= {"METRICS_TOKEN": "opensesame"}
        self.slug = copy(folder / "slug")
        collected = run(self.slug, "manage.py", "collectstatic", "--noinput", **self.said)
        assert collected.returncode == 0, collected.stderr

    def dyno(self) -> Path:
        self.count += 1
        return shutil.copytree(self.slug, self.folder / f"dyno-{self.count}")

    def run(self, *command: str) -> str:
        ended = run(self.dyno(), "manage.py", *command, **self.said)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def publish(self, text: str) -> str:
        [job] = json.loads(self.run("publish", "alice", text, "--json"))["jobs"]
        return job["job_id"]

    def worker(self) -> subprocess.Popen:
        command = [sys.executable, "manage.py", "qcluster"]
        return subprocess.Popen(command, cwd=self.dyno(), env=environment(**self.said))


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    return Platform(tmp_path)


@pytest.fixture
def formation(platform: Platform):
    """`formation()` scales the worker to 1, `formation(0)` to 0."""
    running: list[subprocess.Popen] = []

    def scale(workers: int = 1) -> None:
        while running:
            running[-1].send_signal(signal.SIGTERM)
            assert running[-1].wait(PATIENCE) == 0
            running.pop()
        running.extend(platform.worker() for _ in range(workers))

    yield scale
    for left in running:
        left.kill()
        left.wait()


def state(job: str) -> str:
    return Delivery.objects.get(job_id=job).state


def test_the_worker_goes_to_0_and_comes_back_and_nothing_is_lost_or_doubled(
    platform: Platform, formation: Callable[..., None], alice, sandbox
):
    token = sandbox.token("x", "alice")
    platform.run("migrate", "--noinput")
    pair = ("--token", token["access_token"], "--refresh-token", token["refresh_token"])
    platform.run("connect", "alice", "x", *pair)
    formation()
    first = platform.publish("While a worker runs.")
    assert eventually(lambda: state(first) == "sent")
    formation(0)
    second = platform.publish("While none runs.")
    with serving(platform.dyno(), *WEB, **platform.said) as url:
        assert requests.get(f"{url}/", headers=PROXIED, timeout=PATIENCE).status_code == 200
        metrics = requests.get(f"{url}/metrics", headers=PROXIED | TOKEN, timeout=PATIENCE).text
        assert "fanfare_queue_waiting{" in metrics
        assert state(second) == "queued"
        formation()
        assert eventually(lambda: state(second) == "sent")
    said = platform.run("doctor")
    assert "worker" in said and "ok    database: postgresql" in said
    for text in ("While a worker runs.", "While none runs."):
        assert len(sandbox.truth(text=text)) == 1
