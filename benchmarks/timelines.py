"""Very many timelines due in the same moment, and people who post meanwhile.

The sandbox limits reads as X does, in windows that are scaled like everything else; the timetable
and the jitter are the real ones. Printed: when the readings began, when the next ones will, how
many calls were refused as too many (wanted: none), and how long a post took to be sent, quiet and
meanwhile (wanted: p95 <= 1.2).
"""

import argparse
import json
import math
import sys
import threading
from collections import Counter
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import Stage, quantile, stage

READS = "GET /2/users/:id/tweets"
QUARTER, APP, EACH = 900, 10_000, 900  # seconds, and calls in them that X allows
PACE, QUIET = 4, 60  # posts a second; seconds
POSTING = 20
ROWS, WIDTH = 60, 60  # of a histogram; characters of the longest bar


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--scale", type=float, default=0.1, help="of all time: TIME_SCALE")
    options.add_argument("--quiet", type=float, default=QUIET, help="seconds of posting before")
    given = options.parse_args()
    with stage() as made:
        made.env |= {"TIME_SCALE": str(given.scale), "IMPORT_AT_ONCE": ""}
        set_up(made, given.people, given.scale)
        made.start("worker", "manage.py", "qcluster")
        script(made, "post", PACE, 5)  # the first of everything is slow
        quiet = json.loads(script(made, "post", PACE, given.quiet))
        with Refused(made) as refused:
            since = script(made, "due").strip()
            busy = json.loads(script(made, "post", PACE, 2 * 3600 * given.scale, "read"))
        seen = json.loads(script(made, "spread", since))
    report(given, seen, refused)
    compare(quiet, busy)


def set_up(made: Stage, people: int, scale: float) -> None:
    made.control("reset", fixture="crowd", people=people + POSTING)
    window = max(1, round(QUARTER * scale))
    for who, limit in (("app", APP), ("user", EACH)):
        made.control("state", do="bucket", endpoint=READS, limit=limit, window=window, who=who)
    for who in ("app", "user"):
        made.control("state", do="bucket", endpoint="POST /2/tweets", limit=10_000_000, who=who)
    script(made, "make", people)


def script(made: Stage, *words: object) -> str:
    return made.run("-m", "benchmarks.crowd.timelines", *map(str, words))


class Refused(threading.Thread):
    """Counts what the sandbox answers to reads, while it still remembers it."""

    def __init__(self, made: Stage) -> None:
        super().__init__(daemon=True)
        self.made, self.over, self.answers = made, threading.Event(), Counter()
        self.last = self.look(0)["last"]

    def run(self) -> None:
        while not self.over.wait(5):
            self.count()

    def count(self) -> None:
        seen = self.look(self.last)
        self.last = seen["last"]
        self.answers.update(it["status"] for it in seen["entries"] if it["method"] == "GET")

    def look(self, since: int) -> dict:
        where = f"{self.made.sandbox}/_sandbox/journal"
        return requests.get(where, params={"since": since}, timeout=30).json()

    def __enter__(self) -> "Refused":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.over.set()
        self.join()
        self.count()


def report(given: argparse.Namespace, seen: dict, refused: Refused) -> None:
    minute = 60 * given.scale
    print(f"{given.people:,} timelines due in the same moment; a minute is {minute:.0f} s here")
    print("their readings began, by the minute:")
    histogram(seen["started"], minute)
    print("and the next ones begin, by five minutes:")
    histogram(seen["next"], 5 * minute)
    most = busiest(seen["started"], QUARTER * given.scale)
    print(f"{seen['read']:,} were read; runs: {seen['ends']}")
    print(f"at most {most:,} began within a quarter of an hour (X: {APP:,} calls)")
    print(f"answers to reads: {dict(refused.answers)}, {refused.answers[429]} 429 (wanted: none)")


def histogram(times: list[float], step: float) -> None:
    """In ROWS lines at most; several steps in each when it takes longer."""
    wide = max(1, math.ceil(max(times, default=0) / step / ROWS))
    step *= wide
    counts = Counter(int(at // step) for at in times)
    most = max(counts.values(), default=1)
    for number in range(min(counts, default=0), max(counts, default=-1) + 1):
        print(
            f"  {number * wide:4} {counts[number]:6,} {'#' * round(WIDTH * counts[number] / most)}"
        )


def busiest(times: list[float], window: float) -> int:
    """How many fall into one window at most."""
    ordered, first, most = sorted(times), 0, 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - window:
            first += 1
        most = max(most, last - first + 1)
    return most


def compare(quiet: list[float], busy: list[float]) -> None:
    for name, times in (("quiet", quiet), ("meanwhile", busy)):
        p50, p95 = (1000 * quantile(times, share) for share in (0.5, 0.95))
        print(f"a post, {name:9} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   ({len(times)} sent)")
    p95 = quantile(busy, 0.95) / quantile(quiet, 0.95)
    print(f"meanwhile / quiet: p95 {p95:.2f} (wanted <= 1.2)")


if __name__ == "__main__":
    main()
