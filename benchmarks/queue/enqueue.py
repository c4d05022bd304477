"""What a job adds to the transaction of its row: the row alone against the row with its job, in
turns, and then one post that goes to a thousand channels. No workers run."""

import random
from collections import defaultdict
from statistics import median

from benchmarks.stage import quantile

from .options import Options
from .peers import Peer
from .places import Places
from .tables import ratio, save, spread, table, wanted
from .trial import spared, trial

WIDE_POSTS = 5  # a round

Times = dict[str, list[float]]


def run(places: Places, options: Options) -> None:
    peers = options.peers(places)
    found: dict[Peer, list[Times]] = defaultdict(list)
    wide: dict[Peer, Times] = defaultdict(lambda: defaultdict(list))
    for _ in options.turns(options.rounds):
        for peer in random.sample(peers, len(peers)):
            with spared(peer.label), trial(places, peer) as at_work:
                times = at_work.ask("acts.cost", count=options.inserts)
                found[peer].append(times)
                if peer.is_ours:
                    given = {"channels": options.channels, "times": WIDE_POSTS}
                    for kind, ms in at_work.ask("ours.publishing.measure", **given).items():
                        wide[peer][kind] += ms
    report(found)
    for peer, times in wide.items():
        report_wide(peer, times, options.channels)
    save("enqueue", places, options, {p.label: [found[p], wide.get(p)] for p in found})


def report(found: dict[Peer, list[Times]]) -> None:
    """Medians of each round; the ratio within a round, because both kinds took turns there."""
    rows, ratios = [], {}
    for peer, rounds in found.items():
        alone, queued = ([median(each[kind]) for each in rounds] for kind in ("alone", "queued"))
        ratios[peer] = median(both / one for one, both in zip(alone, queued, strict=True))
        p95 = quantile([ms for each in rounds for ms in each["queued"]], 0.95)
        atomic = "no" if peer.redis or peer.kind == "huey" else "yes"
        name, database = peer.label.rsplit(", ", 1)
        rows.append((database, name, spread(alone), spread(queued), p95, ratios[peer], atomic))
    table(
        "Enqueueing with the row, ms",
        (
            "database",
            "queue",
            "row alone, p50",
            "row and job, p50",
            "p95",
            "ratio",
            "both or neither",
        ),
        sorted(rows, key=lambda row: (row[0], row[5])),
    )
    for peer in found:
        if peer.is_ours:
            limit = 2 if peer.vendor == "postgresql" else 2.5
            wanted(f"{peer.label}, times the row alone", ratios[peer], limit, at_least=False)


def report_wide(peer: Peer, times: Times, channels: int) -> None:
    rows, jobs = median(times["rows"]), median(times["rows and jobs"])
    table(
        f"{channels:,} jobs at once, ms: {peer.label}",
        ("what", "p50", "slowest", "/ the rows alone"),
        [(kind, median(ms), max(ms), ratio(median(ms), rows)) for kind, ms in times.items()],
    )
    label = f"{peer.label}: s for {channels:,} rows and their jobs"
    wanted(label, jobs / 1000, 0.1, at_least=False)
    label = f"{peer.label}: s for one post with {channels:,} deliveries"
    wanted(label, median(times["a post"]) / 1000, 0.1, at_least=False)
