"""Jobs that wait 500 ms, as for a network: one worker command of each queue, as its documentation
would have it for such jobs, and the memory that it takes. All jobs are there before it starts."""

import random
from collections import defaultdict
from statistics import median
from typing import Any

from .drain import doubled
from .options import Options
from .peers import PEERS, Peer, django
from .places import Places
from .tables import ratio, save, spread, table
from .trial import Trial, spared, trial
from .watching import memory

CELERY = ("-m", "celery", "-A", "benchmarks.queue.rivals.celery_worker", "worker")
REUSE = {"BENCH_REUSE": "100000"}
SECONDS = 20  # of waiting, at the rate that waiting alone allows

Round = dict[str, Any]


def celery(pool: str, width: int) -> Peer:
    command = (*CELERY, "-P", pool, "-c", str(width))
    name = f"celery {pool} of {width}"
    return Peer(name, "celery", "postgresql", (command,), redis=True, env=REUSE)


def stock(vendor: str, width: int) -> Peer:
    env = {"BENCH_TUNED": "1", "BENCH_WORKERS": str(width)}
    return Peer(f"django-q2 of {width}", "q2", vendor, (django("qcluster"),), env=env)


# How many each runs at a time: eight processes take about the memory of ours, and threads as many
# as ours has.
WIDTHS = {
    **{peer: 48 for peer in PEERS if peer.name == "ours"},
    **{celery("prefork", 8): 8, celery("threads", 48): 48},
    **{stock(vendor, width): width for vendor in ("postgresql", "sqlite") for width in (2, 8)},
}


def run(places: Places, options: Options) -> None:
    found: dict[Peer, list[Round]] = defaultdict(list)
    peers = [
        peer
        for peer in WIDTHS
        if peer.vendor in options.databases and (places.redis_port or not peer.redis)
    ]
    for _ in options.turns(options.rounds):
        for peer in random.sample(peers, len(peers)):
            with spared(peer.label), trial(places, peer) as at_work:
                seconds = 2 if options.quick else SECONDS
                found[peer].append(measure(at_work, int(WIDTHS[peer] * 2 * seconds)))
                options.say(peer.label, found[peer][-1])
    report(found)
    save("waiting", places, options, {peer.label: rounds for peer, rounds in found.items()})


def measure(at_work: Trial, count: int) -> Round:
    keys = at_work.ask("acts.rows", count=count)
    at_work.ask("acts.enqueue", keys=keys, waiting=True)
    at_work.start_workers()
    at_work.wait_for_starts(count // 2)
    size = memory(at_work.pids())
    at_work.wait_for_starts(count)
    ended, starts = at_work.wait_until_done(), at_work.starts()
    return {
        "rate": count / (ended - starts[0][1]),
        "memory": size,
        "lost": at_work.ask("acts.unsent"),
        "doubled": doubled(starts),
    }


def report(found: dict[Peer, list[Round]]) -> None:
    rates = {peer: median(each["rate"] for each in rounds) for peer, rounds in found.items()}
    sizes = {peer: median(each["memory"] for each in rounds) for peer, rounds in found.items()}
    ours = max((rate for peer, rate in rates.items() if peer.is_ours), default=None)
    table(
        "Waiting jobs (500 ms), one worker command each",
        ("queue", "jobs/s", "ours / it", "MB", "jobs/s a 100 MB", "lost", "run twice"),
        [
            (
                peer.label,
                spread([each["rate"] for each in found[peer]]),
                ratio(ours, rates[peer]),
                round(sizes[peer]),
                round(100 * rates[peer] / sizes[peer], 1),
                sum(each["lost"] for each in found[peer]),
                sum(each["doubled"] for each in found[peer]),
            )
            for peer in sorted(found, key=lambda peer: -rates[peer])
        ],
    )
