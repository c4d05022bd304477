"""`make walk`: is this checkout well on this Python? What a person does first, over HTTP.

`make run` with ports and a database of its own, then sign up, connect X at the sandbox's page,
write a post, see it sent, and `manage.py doctor` from another terminal. Needs what runs, not what
tests need; leaves nothing behind. The exit code is 1 where a step fails.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from project.environment import HOSTS, ROOT, is_running

PATIENCE = 120  # seconds for a step, on a machine that is busy with other things
TEXT = "Hello from a walk, see example.org"


class Lost(Exception):
    """The walk cannot go on, and why."""


class Form(HTMLParser):
    """What a browser would send of the first form to `action` on a page."""

    def __init__(self, page: requests.Response, action: str) -> None:
        super().__init__()
        self.page, self.wanted, self.is_inside = page, action, False
        self.found, self.url, self.fields = False, page.url, []
        self.feed(page.text)
        if not self.found:
            raise Lost(f"{page.url} has no form for {action or 'itself'} ({page.status_code})")

    def handle_starttag(self, tag: str, attributes: list) -> None:
        has = dict(attributes)
        if tag == "form" and not self.found and self.wanted in (has.get("action") or ""):
            self.is_inside = self.found = True
            self.url = urljoin(self.page.url, has.get("action") or self.page.url)
        elif tag == "input" and self.is_inside and has.get("name"):
            if has.get("type") not in ("checkbox", "radio", "file") or "checked" in has:
                self.fields.append((has["name"], has.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        self.is_inside &= tag != "form"


class Browser(requests.Session):
    def __init__(self, home: str) -> None:
        super().__init__()
        self.home, self.trust_env = home, False

    def open(self, path: str, accept: str = "text/html") -> requests.Response:
        return self.get(self.home + path, headers={"Accept": accept}, timeout=PATIENCE)

    def submit(self, page: requests.Response, action: str, **typed: str) -> requests.Response:
        form = Form(page, action)
        fields = [*((name, value) for name, value in form.fields if name not in typed)]
        fields += typed.items()
        headers = {"Referer": page.url, "Accept": "text/html"}
        answer = self.post(form.url, data=fields, headers=headers, timeout=PATIENCE)
        if answer.status_code != 200:
            raise Lost(f"{form.url} answered {answer.status_code}:\n{answer.text[:2000]}")
        return answer


def sign_up(browser: Browser) -> str:
    secret = "a walk of one minute"
    browser.submit(
        browser.open("/accounts/signup/"),
        "",
        username="alice",
        email="alice@example.org",
        password1=secret,
        password2=secret,
    )
    page = browser.open("/channels/")
    if not page.url.endswith("/channels/"):
        raise Lost(f"signed up, and is asked to sign in: {page.url}")
    return "signed up as alice"


def connect(browser: Browser) -> str:
    dialog = browser.submit(browser.open("/channels/"), "twitter_oauth2/login")
    alice = re.search(r'name="sandbox_user" value="(\d+)"', dialog.text)
    if not alice:
        raise Lost(f"{dialog.url} names nobody to sign in as")
    back = browser.submit(dialog, "", sandbox_user=alice[1], do="allow")
    if "X is connected." not in back.text:
        raise Lost(f"{back.url} does not say that X is connected")
    return "X is connected"


def publish(browser: Browser) -> str:
    page = browser.submit(browser.open("/posts/new/"), "/posts/", text=TEXT)
    job = re.search(r"/status/([0-9a-f-]{36})", page.text)
    if not job:
        raise Lost(f"{page.url} follows no delivery")
    deadline = time.monotonic() + PATIENCE
    while True:
        told = browser.open(f"/status/{job[1]}", "application/json").json()
        if told["state"] == "sent":
            return f"sent: {told['url']}"
        if told["done"] or time.monotonic() > deadline:
            raise Lost(f"the post is not sent: {told}")
        time.sleep(0.2)


def doctor(port: int, environment: dict[str, str]) -> str:
    """Asked from another terminal, which is told nothing of ports."""
    command = [sys.executable, "manage.py", "doctor"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if ended.returncode or f"http://127.0.0.1:{port}/accounts/" not in ended.stdout:
        raise Lost(f"doctor says ({ended.returncode}):\n{ended.stdout}{ended.stderr}")
    return f"doctor finds all {ended.stdout.count('ok    ')} well, at port {port}"


def walk(folder: Path) -> None:
    port, sandbox = free_ports()
    named = ("PORT", "SANDBOX_PORT", "PUBLIC_URL", *HOSTS)
    terminal = {name: value for name, value in os.environ.items() if name not in named}
    terminal["DATABASE_URL"] = f"sqlite:///{folder / 'walk.sqlite3'}"
    running = subprocess.Popen(
        ["make", "--silent", "run"],
        cwd=ROOT,
        env={**terminal, "PORT": str(port), "SANDBOX_PORT": str(sandbox)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said: list[str] = []
    try:
        browser = Browser(address(running, said))
        for step in (sign_up, connect, publish):
            print(f"  {step(browser)}", flush=True)
        print(f"  {doctor(port, terminal)}", flush=True)
    finally:
        os.killpg(running.pid, signal.SIGINT)
        said += running.communicate(timeout=PATIENCE)[0].splitlines()
        if sys.exc_info()[0]:
            print("\n".join(said), file=sys.stderr)
    if running.returncode not in (0, -signal.SIGINT):  # make ends as it is asked to
        raise Lost(f"make run ended with {running.returncode}")


def free_ports() -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def address(running: subprocess.Popen, said: list[str]) -> str:
    for line in running.stdout:
        said.append(line.rstrip())
        if found := re.search(r"Fanfare is at (http://\S+)/ ", line):
            return found[1]
    raise Lost("make run says no address")


def main() -> int:
    version = ".".join(map(str, sys.version_info[:3]))
    if is_running():
        print("`make run` is running in this checkout: stop it first.", file=sys.stderr)
        return 2
    print(f"A walk on Python {version}", flush=True)
    try:
        with tempfile.TemporaryDirectory(prefix="fanfare-walk-") as folder:
            walk(Path(folder))
    except (Lost, OSError) as reason:
        print(f"Python {version}: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
