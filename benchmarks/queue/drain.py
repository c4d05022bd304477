"""How fast a full queue is worked off. All jobs are there before the workers start; the clock runs
from the first job's start. `executed` counts to the last start, `acknowledged` to the moment in
which the queue is empty and every row is sent."""

import random
import time
from collections import Counter, defaultdict
from contextlib import suppress
from statistics import median
from typing import Any

from .options import Options
from .peers import Peer
from .places import Places
from .tables import ratio, save, spread, table, wanted
from .trial import Trial, spared, trial

COLUMNS = ("queue", "executed/s", "acknowledged/s", "of the floor", "ours / it")
COLUMNS = (*COLUMNS, "lost", "run twice", "after a kill", "keeps results")

Round = dict[str, Any]


def run(places: Places, options: Options) -> None:
    found: dict[Peer, list[Round]] = defaultdict(list)
    peers = options.peers(places, variants=True)
    for _ in options.turns(options.rounds):
        for peer in random.sample(peers, len(peers)):
            with spared(peer.label), trial(places, peer) as at_work:
                drained = drain(at_work, max(20, int(options.jobs * peer.share)))
                found[peer].append(drained)
                options.say(peer.label, drained)
    report(found)
    save("drain", places, options, {peer.label: rounds for peer, rounds in found.items()})


def drain(at_work: Trial, count: int) -> Round:
    keys = at_work.ask("acts.rows", count=count)
    if at_work.peer.is_floor:
        at_work.ask("acts.loop", keys=keys)
    else:
        at_work.ask("acts.enqueue", keys=keys)
        at_work.start_workers()
    with suppress(TimeoutError):  # what did not happen is counted below
        at_work.wait_for_starts(count)
        at_work.wait_until_done()
    ended, starts = time.monotonic(), at_work.starts()
    first, last = starts[0][1], starts[-1][1]
    return {
        "executed": (len(starts) - 1) / (last - first),
        "acknowledged": count / (ended - first),
        "lost": at_work.ask("acts.unsent"),
        "doubled": doubled(starts),
    }


def doubled(starts: list[tuple[int, float]]) -> int:
    """How many starts there were beyond the first of each job."""
    return sum(times - 1 for times in Counter(pk for pk, _ in starts).values())


def medians(found: dict[Peer, list[Round]], what: str) -> dict[Peer, float]:
    return {peer: median(each[what] for each in rounds) for peer, rounds in found.items()}


def report(found: dict[Peer, list[Round]]) -> None:
    executed, done = (medians(found, what) for what in ("executed", "acknowledged"))
    for vendor in dict.fromkeys(peer.vendor for peer in found):
        here = sorted((p for p in found if p.vendor == vendor), key=lambda p: -done[p])
        floor = next((done[peer] for peer in here if peer.is_floor), None)
        ours = next((done[peer] for peer in here if peer.name == "ours"), None)
        table(
            f"Drain, {here[0].label.rpartition(', ')[2]}",
            COLUMNS,
            [
                (
                    peer.name,
                    spread([each["executed"] for each in found[peer]]),
                    spread([each["acknowledged"] for each in found[peer]]),
                    ratio(done[peer], floor),
                    ratio(ours, done[peer]),
                    sum(each["lost"] for each in found[peer]),
                    sum(each["doubled"] for each in found[peer]),
                    None if peer.is_floor else peer.promise,
                    None if peer.is_floor else peer.keeps,
                )
                for peer in here
            ],
        )
        verdict(here, executed, done)


def verdict(here: list[Peer], executed: dict[Peer, float], done: dict[Peer, float]) -> None:
    """Against what is wanted of it, by acknowledged jobs: the slower of the two numbers."""
    ours = next((peer for peer in here if peer.name == "ours"), None)
    if ours is None:
        return
    floor = next((done[peer] for peer in here if peer.is_floor), None)
    limit = 0.85 if ours.vendor == "postgresql" else 0.75
    wanted("of the floor", done[ours] / floor if floor else None, limit)
    rivals = [peer for peer in here if not (peer.is_ours or peer.is_floor)]
    for what, those in (
        ("best rival on the same database", [peer for peer in rivals if not peer.redis]),
        ("best rival on Redis", [peer for peer in rivals if peer.redis]),
    ):
        best = max(those, key=lambda peer: done[peer], default=None)
        if best:
            limit = 1.0 if best.redis else 1.7
            wanted(f"times the {what} ({best.name})", done[ours] / done[best], limit)
