"""Do lists of posts, queue and calendar stay quick when there is much? How long each takes, and
the composer with its next free times, for a person with 1,000,000 sent and 100,000 scheduled posts
against one with 1,000 of each, on the same server, asked in turns (wanted: p95 ratio <= 1.5).
`--quick`: a tenth of that; `--few`: a thousandth, to see that it runs."""

import random
import re
import sys
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import Stage, quantile, stage

QUICK = "--quick" in sys.argv
FEW = "--few" in sys.argv
PART = 1_000 if FEW else 10 if QUICK else 1
SIZES = {"small": (1_000, 1_000), "big": (1_000_000 // PART, 100_000 // PART)}
ROUNDS = 5 if FEW else 40 if QUICK else 200
FILL = """
from benchmarks.filling.posts import fill_posts
fill_posts({name!r}, {sent}, {scheduled})
"""
PAGES = {
    "all": "/posts/",
    "queued": "/posts/?state=queued",
    "queued, far ahead": "/posts/?state=queued&from={ahead}",
    "sent": "/posts/?state=sent",
    "sent, days": "/posts/?state=sent&from={back}&to={back}",
    "failed": "/posts/?state=failed",
    "waiting for you": "/posts/?state=you",
    "of a tag": "/posts/?tag={tag}",
    "search, common": "/posts/?q=bread",
    "search, rare": "/posts/?q=nothing+like+that",
    "search in sent": "/posts/?state=sent&q=number+7",
    "queue": "/queue/",
    "calendar, week": "/calendar/{week}/",
    "calendar, month": "/calendar/{month}/",
    "agenda": "/calendar/agenda/",
    "agenda of a tag": "/calendar/agenda/?tag={tag}",
    "next free time": "/posts/new/",
}


def main() -> None:
    with stage() as made:
        url = made.start_web()
        people = {name: fill(made, name, *many) for name, many in SIZES.items()}
        times = measure(url, people)
    report(times)


def fill(made: Stage, name: str, sent: int, scheduled: int) -> tuple[requests.Session, dict]:
    """Somebody with rows as sends would have left them, signed in."""
    begun = time.perf_counter()
    told = made.manage("shell", "-c", FILL.format(name=name, sent=sent, scheduled=scheduled))
    print(f"{name}: {sent + scheduled:,} posts in {time.perf_counter() - begun:.0f} s", flush=True)
    values = dict(re.findall(r"(\w+)=(\S+)", told))
    browser = requests.Session()
    browser.cookies.set("sessionid", values["session"])
    return browser, values


def measure(url: str, people: dict) -> dict:
    times: dict[tuple[str, str], list[float]] = {}
    for number in range(ROUNDS + 5):
        asked = [(page, name) for page in PAGES for name in people]
        for page, name in random.sample(asked, len(asked)):
            browser, values = people[name]
            begun = time.perf_counter()
            answer = browser.get(url + PAGES[page].format(**values), timeout=60)
            took = time.perf_counter() - begun
            if answer.status_code != 200 or answer.history:
                raise RuntimeError(f"{page} answered {answer.status_code}")
            if number >= 5:  # the first ones compile templates and fill caches
                times.setdefault((page, name), []).append(took)
    return times


def report(times: dict) -> None:
    print(f"{'page':18} {'p95, small':>11} {'p95, big':>11} {'ratio':>6}   p50 ratio")
    worst = 0.0
    for page in PAGES:
        small, big = (times[page, name] for name in SIZES)
        p50, p95 = ([quantile(row, share) for row in (small, big)] for share in (0.5, 0.95))
        worst = max(worst, p95[1] / p95[0])
        shown = "".join(f"{1000 * value:8.1f} ms " for value in p95)
        print(f"{page:18} {shown} {p95[1] / p95[0]:6.2f}   {p50[1] / p50[0]:.2f}")
    print(f"worst p95 ratio {worst:.2f} (wanted <= 1.5)")


if __name__ == "__main__":
    main()
