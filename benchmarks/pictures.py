"""Do one person's hostile pictures slow anybody down? Mallory uploads ten in a row, of several
kinds, while Alice's pages are asked for (wanted: p95 <= 1.5 x quiet) and `/healthz` is watched
(wanted: within a second). And what an honest picture costs: decoded in this process, and by the
other one."""

import re
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import Stage, csrf, quantile, sign_up, stage
from publishing.media.decoder.cleaning import clean
from publishing.media.pictures import cleaned
from tests import hostile
from tests.pictures import drawn

QUICK = "--quick" in sys.argv
ROUNDS = 2 if QUICK else 4
SECONDS = 4 if QUICK else 15  # of quiet
MAKE = """
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
user, session = User.objects.create_user({name!r}, "{name}@example.org", "x"), SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session.create()
print("session", session.session_key)
"""
PAGES = ("/posts/new/", "/posts/", "/channels/")
HOSTILE: list[Callable[[], bytes]] = [  # some are refused at once; these take what they may take
    lambda: hostile.many_scans(20),
    hostile.many_scans,
    hostile.many_restarts,
    hostile.many_chunks,
    hostile.giant_palette,
    hostile.endless_metadata,
    hostile.packed_profile,
    hostile.many_blocks,
    hostile.giant_canvas,
    hostile.largest_interlaced,
]
HONEST = {
    "phone, 12 MP JPEG": lambda: drawn((4032, 3024), quality=85),
    "phone, progressive": lambda: drawn((4032, 3024), quality=85, progressive=True),
    "screenshot, PNG": lambda: drawn((1920, 1080), format="PNG"),
    "small JPEG": drawn,
}


def main() -> None:
    with stage() as made:
        url = made.start_web()
        made.start("worker", "manage.py", "qcluster")
        quiet, busy, health, told = measure(made, url)
    ratio = quantile(busy, 0.95) / quantile(quiet, 0.95)
    print(f"a page's p95: {ms(quantile(quiet, 0.95))} quiet, {ms(quantile(busy, 0.95))} meanwhile")
    print(f"ratio {ratio:.2f} (wanted <= 1.5), {len(busy)} pages beside {len(told)} pictures")
    print(f"/healthz: the slowest of {len(health)} in {max(health):.2f} s (wanted <= 1)")
    print(f"an upload of Mallory's: {ms(quantile(told, 0.5))} median, {ms(max(told))} at most")
    report_honest()


def measure(made: Stage, url: str) -> tuple[list[float], ...]:
    alice, mallory = sign_up(url, "alice"), another(made, "mallory")
    files = [make() for make in HOSTILE]
    ask_pages(alice, url, time.monotonic() + 3)  # warm
    quiet = ask_pages(alice, url, time.monotonic() + SECONDS)
    ended, told, health = threading.Event(), [], []
    watching = threading.Thread(target=watch, args=(url, health, ended))
    sending = threading.Thread(target=attack, args=(mallory, url, files, told, ended))
    watching.start(), sending.start()
    busy = []
    while not ended.is_set():
        busy += ask_pages(alice, url, time.monotonic() + 0.2)
    sending.join(), watching.join()
    return quiet, busy, health, told


def another(made: Stage, name: str) -> requests.Session:
    """A second person, signed in: after the first, sign-up is closed."""
    told = made.manage("shell", "-c", MAKE.format(name=name))
    browser = requests.Session()
    browser.cookies.set("sessionid", re.search(r"session (\w+)", told)[1])
    return browser


def ask_pages(browser: requests.Session, url: str, until: float) -> list[float]:
    times = []
    while time.monotonic() < until:
        for page in PAGES:
            times.append(timed(lambda page=page: browser.get(url + page, timeout=60)))
    return times


def attack(
    browser: requests.Session, url: str, files: list[bytes], told: list, ended: threading.Event
) -> None:
    token = csrf(browser.get(f"{url}/posts/new/", timeout=60))
    try:
        for data in files * ROUNDS:
            told.append(timed(lambda data=data: upload(browser, url, token, data)))
    finally:
        ended.set()


def upload(browser: requests.Session, url: str, token: str, data: bytes) -> requests.Response:
    fields, files = {"csrfmiddlewaretoken": token}, {"files": ("a.jpg", data)}
    return browser.post(f"{url}/posts/pictures/", fields, files=files, timeout=60)


def watch(url: str, health: list[float], ended: threading.Event) -> None:
    while not ended.is_set():
        begun = time.perf_counter()
        requests.get(f"{url}/healthz", timeout=60)  # whatever it says of the workers
        health.append(time.perf_counter() - begun)
        time.sleep(0.05)


def timed(ask: Callable[[], requests.Response]) -> float:
    begun = time.perf_counter()
    answer = ask()
    if answer.status_code != 200 or "/login/" in answer.url:
        raise RuntimeError(f"{answer.url} answered {answer.status_code}")
    return time.perf_counter() - begun


def report_honest() -> None:
    begun = time.perf_counter()
    cleaned(drawn())
    print(f"the first picture, which starts the process: {ms(time.perf_counter() - begun)}")
    for name, make in HONEST.items():
        data, here, there = make(), [], []
        for _ in range(3 if QUICK else 7):
            for read, times in ((clean, here), (cleaned, there)):
                begun = time.perf_counter()
                read(data)
                times.append(time.perf_counter() - begun)
        before, after = quantile(here, 0.5), quantile(there, 0.5)
        print(f"{name:20} {ms(before)} here, {ms(after)} there: {after / before:.2f}")


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


if __name__ == "__main__":
    main()
