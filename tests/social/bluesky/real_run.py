"""Fanfare against a real server of Bluesky's: somebody connects in a browser and writes; then a
hundred posts go out while workers and the server are killed and answers are cut. `make contract`
runs it after the table of calls. The exit code is 1 where a record is missing, there twice, or
asked about.

Both are on this machine: to Fanfare the server, its directory and the networks' hosts are one
address, as a sandbox is, where a proxy cuts answers.
"""

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from tests import environment
from tests.environment import free_port

from ..contracts import ROOT, wait_for
from ..cutting_proxy import CuttingProxy
from .real_server import HANDLE, RealServer, real_server

POSTS, CUT_SHARE = 100, 0.3
STRUCK_EVERY_SECONDS, SERVER_KILLS = 6.0, 2
PATIENCE_SECONDS = 900
RANDOM = random.Random(24)


class Run:
    """One installation of ours, on SQLite, whose networks are all at one address."""

    def __init__(self, folder: Path, real: RealServer, stack: ExitStack) -> None:
        self.folder, self.real = folder, real
        self.is_cutting = False
        elsewhere = {"/did:": real.directory}
        self.proxy = stack.enter_context(CuttingProxy(real.base, self.cuts, elsewhere))
        for name in (f"http://localhost:{real.port}", "https://localhost"):
            self.proxy.renamed[name.encode()] = self.proxy.base.encode()
        self.port = free_port()
        self.site = f"http://127.0.0.1:{self.port}"

    def cuts(self, verb: str, path: str) -> bool:
        is_put = path.endswith("com.atproto.repo.putRecord")
        return self.is_cutting and is_put and RANDOM.random() < CUT_SHARE

    def prepare(self) -> None:
        """Settings, Django, and a database."""
        from project.networks import sandbox_hosts

        os.environ |= sandbox_hosts(self.proxy.base)
        os.environ |= {"DATABASE_URL": f"sqlite:///{self.folder / 'run.sqlite3'}"}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "project.settings", "PUBLIC_URL": self.site}
        os.environ |= {"CSRF_TRUSTED_ORIGINS": self.site, "COUNT": "2", "EMAIL_URL": "dummymail://"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)

    def programs(self) -> list[Any]:
        from tests.exactly_once.processes import Kept

        web = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"]
        workers = [sys.executable, "manage.py", "qcluster"]
        logs = self.folder / "web.log", self.folder / "workers.log"
        return [Kept("web", web, logs[0], {}), Kept("workers", workers, logs[1], {})]

    def records(self) -> list[str]:
        """The words of all posts that the server has."""
        did = self.person().connections.get().remote_id
        asked = {"repo": did, "collection": "app.bsky.feed.post", "limit": "100"}
        words, url = [], f"{self.real.base}/xrpc/com.atproto.repo.listRecords"
        while True:
            page = requests.get(url, params=asked, timeout=60).json()
            words += [row["value"]["text"] for row in page["records"]]
            if not page.get("cursor"):
                return words
            asked["cursor"] = page["cursor"]

    def person(self) -> Any:
        from django.contrib.auth.models import User

        return User.objects.get(username="alice")


# ── In a browser ──────────────────────────────────────────────────────────────────────────────
def first_minute(run: Run) -> None:
    """Connect with an app password and write a post, as a person does; it is sent, once."""
    from django.contrib.auth.models import User
    from playwright.sync_api import expect, sync_playwright

    from tests.browser.sessions import session_cookie
    from tests.browser.steps import publish
    from tests.chromium import installed_browser

    cookie = session_cookie(User.objects.create_user("alice"), run.site)
    begun = time.monotonic()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=installed_browser())
        context = chromium.new_context(base_url=run.site)
        context.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto("/channels/")
        page.get_by_role("link", name="Connect Bluesky").click()
        page.get_by_label("Handle").fill(HANDLE)
        page.get_by_label("App password").fill(run.real.app_password)
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("Bluesky is connected.")).to_be_visible()
        publish(page, "First #bread")
        expect(page.locator(".deliveries .chip")).to_have_text("Sent")
        chromium.close()
    print(
        f"  connected, wrote and sent in a browser in {time.monotonic() - begun:.0f} s", flush=True
    )
    assert run.records() == ["First #bread"], run.records()


# ── Under fire ────────────────────────────────────────────────────────────────────────────────
def under_fire(run: Run, workers: Any) -> None:
    """A hundred posts while workers are killed, the server is killed and answers are cut."""
    from publishing.models import Delivery, Post
    from social.models import Channel

    run.is_cutting, user = True, run.person()
    channels = list(Channel.objects.of(user))
    for number in range(POSTS):
        Post.objects.publish(user, f"Number {number} of a run", channels)
    begun = struck_at = time.monotonic()
    kills, server_kills = 0, 0
    while Delivery.objects.exclude(state="sent").exists():
        time.sleep(0.5)
        now = time.monotonic()
        if now - begun > PATIENCE_SECONDS:
            break
        if now - struck_at > STRUCK_EVERY_SECONDS and kills < 12:
            struck_at, kills = now, kills + 1
            family = workers.family()
            for victim in family if kills % 4 == 0 else RANDOM.sample(family[1:], 1):
                victim.send_signal(signal.SIGKILL)
            if kills in (3, 7) and server_kills < SERVER_KILLS:
                server_kills += 1
                run.real.kill_and_start_anew()
                wait_for(f"{run.real.base}/xrpc/_health")
    seconds = time.monotonic() - begun
    print(f"  {POSTS} posts in {seconds:.0f} s: {kills} times workers were killed,", end=" ")
    print(f"{server_kills} times the server, {run.proxy.cut} answers were cut", flush=True)


def faults_of(run: Run) -> list[str]:
    """What is not as it was promised."""
    from publishing.models import Delivery, Notice

    there, faults = Counter(run.records()), []
    wanted = {f"Number {number} of a run" for number in range(POSTS)} | {"First #bread"}
    faults += [f"not there: {text}" for text in wanted - set(there)]
    faults += [f"there {count} times: {text}" for text, count in there.items() if count != 1]
    unsent = Delivery.objects.exclude(state="sent").values_list("state", "waiting_for", "reason")
    faults += [f"a delivery is {row}" for row in unsent]
    faults += [f"asked: {notice}" for notice in Notice.objects.filter(kind="asked")]
    return faults


def main() -> int:
    os.chdir(ROOT)
    with ExitStack() as stack:
        stack.callback(environment.pytest_unconfigure)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        real = stack.enter_context(real_server(folder / "server"))
        run = Run(folder, real, stack)
        run.prepare()
        from tests.exactly_once.processes import Keeper

        web, workers = run.programs()
        stack.enter_context(Keeper([web, workers]))
        wait_for(f"{run.site}/healthz")
        first_minute(run)
        under_fire(run, workers)
        faults = faults_of(run)
    for fault in faults:
        print(f"✗ {fault}")
    print("  each record is there once, and nobody was asked" if not faults else "✗ not so")
    return bool(faults)


if __name__ == "__main__":
    raise SystemExit(main())
