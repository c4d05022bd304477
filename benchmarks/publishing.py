"""Publishing for real: many accounts, both networks, one `qcluster` with its default settings.

- Every create takes 500 ms (wanted: >= 60 deliveries/s within 200 MB of the workers).
- Nine o'clock: thousands of posts due in the same second, every create takes 100 ms; somebody else
  posts in the middle (wanted: the first out within 1 s, the single one within 2 s, pages as quick
  as before: p95 <= 1.3).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.posting import post_once
from benchmarks.stage import ROOT, Stage, quantile, sign_up, stage


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=400)
    options.add_argument("--each", type=int, default=2, help="posts of each person, at 500 ms")
    options.add_argument("--nine", type=int, default=12, help="the same, at nine o'clock")
    chosen = options.parse_args()
    with stage() as made:
        made.control("reset", fixture="crowd")
        for endpoint in ("POST /2/tweets", "facebook.app", "facebook.page"):
            who = {"who": "app"} if endpoint.startswith("POST") else {}
            made.control("state", do="bucket", endpoint=endpoint, limit=10_000_000, **who)
        url = made.start_web()
        session = sign_up(url, "alice")  # the first: then sign-up is closed
        made.run("-m", "benchmarks.crowd", "connect", str(chosen.people))
        made.connect_both("alice")
        made.start("worker", "manage.py", "qcluster")
        waiting(made, chosen.people, chosen.each)
        nine(made, session, url, chosen.people, chosen.nine)


def waiting(made: Stage, people: int, each: int) -> None:
    slow(made, 500)
    due = schedule(made, people, each)
    times = watch(made, people * each * 2, due).finish()["times"]
    print(
        f"creates of 500 ms: {pace(times):.0f} deliveries/s (wanted >= 60), "
        f"workers {memory(made):.0f} MB (wanted <= 200), {len(times)} of {people * each * 2} sent"
    )


def nine(made: Stage, session: requests.Session, url: str, people: int, each: int) -> None:
    slow(made, 100)
    quiet = [page(session, url, rest=0.05) for _ in range(100)]
    due = schedule(made, people, each)
    watcher, busy = watch(made, people * each * 2, due), []
    while not watcher.is_finished():
        if len(busy) in (20, 60, 100):
            post_once(session, url, "/posts/")
        busy.append(page(session, url, rest=0.05))
    seen = watcher.finish()
    times, singles = seen["times"], seen["singles"]
    print(
        f"{len(times)} of {people * each * 2} at nine: first after {times[0]:.2f} s (wanted <= 1), "
        f"{pace(times):.0f}/s (wanted >= 100 on PostgreSQL, 60 on SQLite)"
    )
    print(f"somebody else's meanwhile: {max(singles):.2f} s at most (wanted <= 2)")
    p95 = quantile(busy, 0.95) / quantile(quiet, 0.95)
    print(f"a page meanwhile: p95 {p95:.2f} of quiet (wanted <= 1.3)")


def slow(made: Stage, milliseconds: int) -> None:
    requests.delete(f"{made.sandbox}/_sandbox/faults", timeout=10)
    for path in (r"^/2/tweets$", r"/feed$"):
        match = {"method": "POST", "path_regex": path}
        made.control("faults", match=match, action={"delay_ms": milliseconds}, times=None)


def schedule(made: Stage, people: int, each: int) -> float:
    """Write the posts; when they are due, with time enough to write them all before."""
    seconds = 5 + people * each * 0.03
    due = float(made.run("-m", "benchmarks.crowd", "post", str(each), str(seconds)))
    time.sleep(max(0.0, due - time.time()))
    return due


class Watcher:
    def __init__(self, made: Stage, wanted: int, due: float) -> None:
        command = [sys.executable, "-m", "benchmarks.crowd", "watch", str(wanted), str(due)]
        self.said = tempfile.TemporaryFile("w+")  # a pipe would hold a part of it, and then stop it
        self.process = subprocess.Popen(command, cwd=ROOT, env=made.env, stdout=self.said)

    def is_finished(self) -> bool:
        return self.process.poll() is not None

    def finish(self) -> dict:
        self.process.wait()
        self.said.seek(0)
        return json.load(self.said)


def watch(made: Stage, wanted: int, due: float) -> Watcher:
    return Watcher(made, wanted, due)


def page(session: requests.Session, url: str, rest: float) -> float:
    """Seconds that it took, after a rest: one page right after another finds all awake."""
    time.sleep(rest)
    begun = time.perf_counter()
    session.get(f"{url}/posts/", timeout=60).raise_for_status()
    return time.perf_counter() - begun


def pace(times: list[float]) -> float:
    """A second, between the first tenth and the last."""
    early, late = len(times) // 10, len(times) * 9 // 10
    return (late - early) / (times[late] - times[early])


def memory(made: Stage) -> float:
    """Proportional, of the main process and its workers."""
    main = psutil.Process(made.processes["worker"].pid)
    return sum(p.memory_full_info().pss for p in [main, *main.children()]) / 1_000_000


if __name__ == "__main__":
    main()
