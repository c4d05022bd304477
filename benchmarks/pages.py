"""Do pages stay quick when there is much? How long each takes for a person with 1,000,000 imported
items against one with 1,000, on the same server, asked in turns (wanted: p95 ratio <= 1.5)."""

import random
import re
import sys
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import Stage, quantile, stage

SIZES = {"small": 1_000, "big": 1_000_000}
QUICK = "--quick" in sys.argv
ROUNDS = 60 if QUICK else 250
FILL = """
from benchmarks.filling import fill
fill({name!r}, {many})
"""
PAGES = {
    "dashboard": "/numbers/",
    "posts": "/posts/",
    "composer": "/posts/new/",
    "suggestions": "/suggestions/",
    "imports": "/imports/",
    "items": "/imports/items/",
    "items of a kind": "/imports/items/?kind=post",
    "search, common": "/imports/items/?q=bread",
    "search, rare": "/imports/items/?q=nothing+like+that",
    "paging, far down": "/imports/items/?before={middle}",
}


def main() -> None:
    sizes = SIZES | ({"big": 100_000} if QUICK else {})
    with stage() as made:
        url = made.start_web()
        people = {name: Person(*fill(made, name, many)) for name, many in sizes.items()}
        times = measure(url, people)
    report(times, sizes)


class Person:
    """Signed in, with the id of an item far down."""

    def __init__(self, session: str, middle: str) -> None:
        self.browser, self.middle = requests.Session(), middle
        self.browser.cookies.set("sessionid", session)


def fill(made: Stage, name: str, many: int) -> tuple[str, str]:
    """Rows as imports and sends would have left them."""
    begun = time.perf_counter()
    told = made.manage("shell", "-c", FILL.format(name=name, many=many))
    print(f"{name}: {many:,} items in {time.perf_counter() - begun:.0f} s", flush=True)
    return re.search(r"session (\w+) middle (\d+)", told).groups()


def measure(url: str, people: dict[str, Person]) -> dict:
    times: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS + 5):
        asked = [(page, name) for page in PAGES for name in people]
        for page, name in random.sample(asked, len(asked)):
            address = url + PAGES[page].format(middle=people[name].middle)
            begun = time.perf_counter()
            answer = people[name].browser.get(address, timeout=60, allow_redirects=False)
            took = time.perf_counter() - begun
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answered {answer.status_code}")
            if number >= 5:  # the first ones compile templates and fill caches
                times.setdefault((page, name), []).append(took)
    return times


def report(times: dict, sizes: dict[str, int]) -> None:
    print(f"{'page':18} {'p95, small':>11} {'p95, big':>11} {'ratio':>6}   p50 ratio")
    worst = 0.0
    for page in PAGES:
        small, big = (times[page, name] for name in sizes)
        p50, p95 = ([quantile(row, share) for row in (small, big)] for share in (0.5, 0.95))
        worst = max(worst, p95[1] / p95[0])
        shown = "".join(f"{1000 * value:8.1f} ms " for value in p95)
        print(f"{page:18} {shown} {p95[1] / p95[0]:6.2f}   {p50[1] / p50[0]:.2f}")
    print(f"worst p95 ratio {worst:.2f} at {sizes['big']:,} items (wanted <= 1.5)")


if __name__ == "__main__":
    main()
