"""How much comes over the wire, from a web process as in production."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client
from playwright.sync_api import Browser

from project.run import die_with_parent
from publishing.models import Post
from social.models import Connection
from tests.environment import free_port
from tests.project.test_accounts_pages import ANONYMOUS, SIGNED_IN
from tests.sandbox import Sandbox
from tests.workers import PATIENCE, ROOT

from . import scenes
from .gallery import DESKTOP
from .sessions import session_cookie

pytestmark = pytest.mark.browser
FIRST_LOAD = 60_000
SCRIPT = 12_000  # of ours, beside htmx
HTML = 60_000


@pytest.fixture
def production(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    ours = {"DJANGO_SETTINGS_MODULE": "tests.browser.production", "DEBUG": "0", "PUBLIC_URL": url}
    environment = {**os.environ, **ours, "STATIC_ROOT": str(tmp_path), "CSRF_TRUSTED_ORIGINS": url}
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    collect += ["--ignore", "admin"]  # takes long to compress, and no page here needs it
    subprocess.run(collect, cwd=ROOT, env=environment, check=True)
    web = ["-m", "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *web],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,
        )
    try:
        wait_for(url, tmp_path / "web.log")
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            requests.get(url, timeout=30)
            return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError(f"The web process did not start: {log.read_text()[-2000:]}")


def test_the_first_load_of_the_composer(
    browser: Browser, production: str, alice: Any, sandbox: Sandbox
):
    channels = list(scenes.connect_all(alice, sandbox).values())
    for number in range(3):
        Post.objects.publish(alice, f"Something said lately, number {number}", channels)
    context = browser.new_context(
        viewport={"width": DESKTOP, "height": 900}, ignore_https_errors=True
    )
    context.add_cookies([session_cookie(alice, production)])
    page = context.new_page()
    wire = context.new_cdp_session(page)
    urls, weights = {}, {}
    wire.on(
        "Network.requestWillBeSent", lambda it: urls.update({it["requestId"]: it["request"]["url"]})
    )
    wire.on(
        "Network.loadingFinished",
        lambda it: weights.update({it["requestId"]: it["encodedDataLength"]}),
    )
    wire.send("Network.enable")
    page.goto(f"{production}/posts/new/", wait_until="networkidle")
    context.close()
    loaded = {urls[number]: weight for number, weight in weights.items()}
    assert any("htmx" in url for url in loaded) and any("fanfare" in url for url in loaded)
    assert sum(loaded.values()) <= FIRST_LOAD, loaded
    ours = [weight for url, weight in loaded.items() if ".js" in url and "htmx" not in url]
    assert len(ours) == 3 and sum(ours) <= SCRIPT, loaded


def test_no_page_is_large(client_for: Callable[[Any], Client], alice: Any, sandbox: Sandbox):
    channels = scenes.connect_all(alice, sandbox)
    scenes.forty_pages(Connection.objects.get(network_name="facebook"))
    for number in range(25):
        Post.objects.publish(alice, f"{number} " + "all about bread " * 17, channels.values())
    client = client_for(alice)
    urls = ["/posts/", "/posts/new/", "/channels/", Post.objects.first().get_absolute_url()]
    weights = {url: len(client.get(url).content) for url in [*urls, *SIGNED_IN]}
    weights |= {url: len(Client().get(url).content) for url in ANONYMOUS}
    assert not {url: weight for url, weight in weights.items() if weight > HTML}
