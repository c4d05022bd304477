"""Do pages stay quick when there is much? How long each takes for a person with 1,000,000 imported
items against one with 1,000, on the same server, asked in turns (wanted: p95 ratio <= 1.5)."""

import random
import re
import sys
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import Stage, quantile, sign_up, stage

SIZES = {"small": 1_000, "big": 1_000_000}
QUICK = "--quick" in sys.argv
ROUNDS = 60 if QUICK else 250
FILL = """
from django.contrib.auth import get_user_model
from benchmarks.filling import fill
fill(get_user_model().objects.get(username={name!r}), {many})
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
        people = {name: sign_up(url, name) for name in sizes}
        middles = {name: fill(made, name, many) for name, many in sizes.items()}
        times = measure(url, people, middles)
    report(times, sizes)


def fill(made: Stage, name: str, many: int) -> str:
    """Rows as imports and sends would have left them; the id of an item far down."""
    begun = time.perf_counter()
    told = made.manage("shell", "-c", FILL.format(name=name, many=many))
    print(f"{name}: {many:,} items in {time.perf_counter() - begun:.0f} s", flush=True)
    return re.findall(r"middle (\d+)", told)[-1]


def measure(url: str, people: dict[str, requests.Session], middles: dict[str, str]) -> dict:
    times: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS + 5):
        asked = [(page, name) for page in PAGES for name in people]
        for page, name in random.sample(asked, len(asked)):
            address = url + PAGES[page].format(middle=middles[name])
            begun = time.perf_counter()
            answer = people[name].get(address, timeout=60)
            took = time.perf_counter() - begun
            answer.raise_for_status()
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
