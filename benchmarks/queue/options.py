"""What a run is asked to do: every number is an argument, with a quick set for a look."""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .peers import TITLES, Peer, chosen
from .places import Places

MEASURES = ("drain", "latency", "depth", "enqueue", "waiting", "machines")
BEGUN = time.monotonic()
# A quick look takes every queue through one drain, and these through the rest.
LOOKED_AT = ("ours", "django-q2 tuned", "celery + Redis")
QUICK = {
    "rounds": 1,
    "jobs": 100,
    "pickups": 5,
    "idle": 2.0,
    "depths": [1_000],
    "depth_rounds": 1,
    "inserts": 30,
    "channels": 100,
    "groups": [1, 2],
    "waves": 2,
}


@dataclass
class Options:
    measures: list[str]
    only: tuple[str, ...]
    databases: tuple[str, ...]
    rounds: int
    jobs: int
    pickups: int
    idle: float
    depths: list[int]
    depth_rounds: int
    inserts: int
    channels: int
    groups: list[int]
    waves: int
    minutes: float
    quick: bool
    verbose: bool

    def peers(self, places: Places, variants: bool = False) -> list[Peer]:
        """Without `variants`, also without the plain loop."""
        found = chosen(self.databases, self.only, bool(places.redis_port))
        if variants:
            return [peer for peer in found if not (self.quick and peer.variant)]
        found = [peer for peer in found if not (peer.variant or peer.is_floor)]
        return [peer for peer in found if not self.quick or peer.name in LOOKED_AT]

    def turns(self, rounds: int) -> Iterator[int]:
        """The numbers of the rounds. The first is always gone; others while there is time."""
        for number in range(rounds):
            if number and time.monotonic() - BEGUN > 60 * self.minutes:
                print(f"\nAfter {self.minutes:g} minutes: {number} of {rounds} rounds.")
                return
            yield number

    def say(self, who: str, what: Any) -> None:
        if self.verbose:
            print(f"  {who}: {what}", flush=True)


def parse(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser("python -m benchmarks.queue")
    parser.add_argument("measures", nargs="*", help=f"{', '.join(MEASURES)} (all)")
    parser.add_argument("--quick", action="store_true", help="tiny numbers: does all of it work?")
    parser.add_argument("--only", nargs="+", default=(), help="queues whose name begins so")
    parser.add_argument("--databases", nargs="+", default=tuple(TITLES), choices=tuple(TITLES))
    parser.add_argument("--rounds", type=int, default=3, help="of every measure, interleaved")
    parser.add_argument("--jobs", type=int, default=2_000, help="in a full queue")
    parser.add_argument("--pickups", type=int, default=50, help="jobs for an idle worker")
    # The timetable runs each minute, and more of it each fifth.
    parser.add_argument("--idle", type=float, default=120.0, help="seconds; others at most 10")
    parser.add_argument("--depths", type=int, nargs="+", default=[30_000, 1_000_000])
    parser.add_argument("--depth-rounds", type=int, default=2)
    parser.add_argument("--inserts", type=int, default=200, help="transactions that enqueue")
    parser.add_argument("--channels", type=int, default=1_000, help="of one post")
    parser.add_argument("--groups", type=int, nargs="+", default=[1, 2, 8], help="as machines")
    parser.add_argument("--waves", type=int, default=10, help="of waiting jobs a group")
    parser.add_argument("--minutes", type=float, default=25, help="then no further rounds")
    parser.add_argument("--verbose", action="store_true", help="a line for every trial")
    given = parser.parse_args(arguments)
    unknown = set(given.measures) - set(MEASURES)
    if unknown:
        parser.error(f"there is no measure {', '.join(sorted(unknown))}")
    if given.quick:
        parser.set_defaults(**QUICK)
        given = parser.parse_args(arguments)
    given.measures = given.measures or list(MEASURES)
    given.only, given.databases = tuple(given.only), tuple(given.databases)
    return Options(**vars(given))
