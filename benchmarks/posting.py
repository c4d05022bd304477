"""Does posting ever wait for a network? How long the answer to a post takes

- with the networks well, and with every create hanging for 30 s (wanted: ratio <= 1.1),
- against a view with the same middleware, login and form that inserts the same rows and queues
  nothing (wanted: ratio <= 2).

The three are measured in turns within one run, so that the noise of the machine hits all alike.
"""

import random
import re
import sys
import time
import uuid
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import Stage, csrf, free_port, quantile, sign_up, stage

ROUNDS, POSTS = 6, 40  # posts of each kind a round


def main() -> None:
    with stage() as made:
        url = made.start_web()
        plain = made.start_web(
            "plain", free_port(), DJANGO_SETTINGS_MODULE="benchmarks.plain.settings"
        )
        made.start("worker", "manage.py", "qcluster")
        session = sign_up(url, "alice")
        made.connect_both("alice")
        times = measure(made, session, url, plain)
    report(times)


def measure(made: Stage, session: requests.Session, url: str, plain: str) -> dict:
    times: dict[str, list[float]] = {"plain": [], "well": [], "hanging": []}
    for _ in range(ROUNDS):
        for kind in random.sample(list(times), 3):
            requests.delete(f"{made.sandbox}/_sandbox/faults", timeout=10)
            if kind == "hanging":
                for preset in ("x.hang", "fb.hang"):
                    made.control("faults", preset=preset, times=100_000)
            base, path = (plain, "/plain/") if kind == "plain" else (url, "/posts/")
            times[kind] += [post_once(session, base, path) for _ in range(POSTS)]
    return times


def post_once(session: requests.Session, base: str, path: str) -> float:
    """Seconds from sending the form to the answer."""
    page = session.get(f"{base}/posts/new/", timeout=30)
    form = {
        "csrfmiddlewaretoken": csrf(page),
        "text": f"Good morning {uuid.uuid4()}",
        "channels": re.findall(r'name="channels" value="([^"]+)"', page.text),
        "when": "now",
        "submit_key": str(uuid.uuid4()),
    }
    begun = time.perf_counter()
    as_browser = {"headers": {"Accept": "text/html"}, "allow_redirects": False}
    answer = session.post(base + path, data=form, timeout=60, **as_browser)
    took = time.perf_counter() - begun
    if answer.status_code != 302:
        raise RuntimeError(f"{path} answered {answer.status_code}: {answer.text[:500]}")
    return took


def report(times: dict[str, list[float]]) -> None:
    for kind, values in times.items():
        p50, p95 = (1000 * quantile(values, share) for share in (0.5, 0.95))
        print(f"{kind:8} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   ({len(values)} posts)")
    for one, other, wanted in (("hanging", "well", 1.1), ("well", "plain", 2)):
        ratios = [quantile(times[one], s) / quantile(times[other], s) for s in (0.5, 0.95)]
        print(f"{one} / {other}: p50 {ratios[0]:.2f}, p95 {ratios[1]:.2f} (wanted <= {wanted})")


if __name__ == "__main__":
    main()
