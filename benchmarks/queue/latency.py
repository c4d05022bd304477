"""How soon an idle worker picks a job up: ms from its commit to its start, now and then one job, as
people come. And what idling costs: CPU of the workers and of PostgreSQL's processes for them,
statements, memory. On SQLite only statements through Django are counted, so neither our
`PRAGMA data_version` nor huey's own connection."""

import os
import random
from contextlib import suppress
from statistics import median
from time import monotonic, sleep
from typing import Any

from benchmarks.stage import quantile

from .options import Options
from .peers import Peer
from .places import Places
from .tables import ratio, save, table, wanted
from .trial import Trial, spared, trial
from .watching import memory

SHORTEST, LONGEST = 0.05, 0.25  # seconds between two jobs
WARM_UP = 3  # jobs: the first of a process imports and connects
SETTLED = 2.0  # seconds after the last job, before idling is measured

Watched = dict[str, Any]


def run(places: Places, options: Options) -> None:
    found: dict[Peer, Watched] = {}
    peers = options.peers(places)
    for peer in random.sample(peers, len(peers)):
        with spared(peer.label), trial(places, peer) as at_work:
            idle = options.idle if peer.is_ours else min(options.idle, 10.0)
            found[peer] = watch(at_work, options.pickups, idle)
            options.say(peer.label, found[peer] | {"ms": "…"})
    report(found)
    save("latency", places, options, {peer.label: what for peer, what in found.items()})


def watch(at_work: Trial, pickups: int, idle: float) -> Watched:
    if at_work.database.vendor == "postgresql":
        at_work.places.log_statements(at_work.database)
    else:
        at_work.env["BENCH_STATEMENTS"] = str(at_work.folder / "statements")
    at_work.start_workers()
    at_work.wait_until_quiet()
    at_work.ask("acts.trickle", count=WARM_UP, shortest=SHORTEST, longest=LONGEST)
    at_work.wait_for_starts(WARM_UP)
    put = at_work.ask("acts.trickle", count=pickups, shortest=SHORTEST, longest=LONGEST)
    at_work.wait_for_starts(WARM_UP + pickups)
    at_work.wait_until_done()
    begun = dict(reversed(at_work.starts()))  # the first start of each
    watched = {"ms": [1000 * (begun[pk] - committed) for pk, committed in put]}
    return watched | watch_idle(at_work, idle)


def watch_idle(at_work: Trial, seconds: float) -> Watched:
    """The client is asleep: whatever is asked of the database now, the workers ask."""
    sleep(SETTLED)
    on_server = at_work.database.vendor == "postgresql"
    asked, begun = statements(at_work), monotonic()
    before = at_work.cpu()
    sleep(seconds)
    took = monotonic() - begun
    workers, server = (now - was for now, was in zip(at_work.cpu(), before, strict=True))
    counted = on_server or at_work.peer.kind != "huey"  # whose file is not asked through Django
    return {
        "cpu": 100 * workers / took,
        "server": 100 * server / took if on_server else None,
        "statements": (statements(at_work) - asked) / took if counted else None,
        "memory": memory(at_work.pids()),
    }


def statements(at_work: Trial) -> int:
    if at_work.database.vendor == "postgresql":
        return at_work.places.statements(at_work.database)
    with suppress(FileNotFoundError):
        return os.stat(at_work.env["BENCH_STATEMENTS"]).st_size
    return 0


def report(found: dict[Peer, Watched]) -> None:
    typical = {peer: median(watched["ms"]) for peer, watched in found.items()}
    celery = next((typical[peer] for peer in found if peer.name == "celery + Redis"), None)
    columns = ("queue", "database", "p50 ms", "p95 ms", "p50 / celery's")
    columns += ("workers' CPU %", "PostgreSQL's CPU %", "statements/s", "PSS MB")
    table(
        "Picked up when idle, and idling",
        columns,
        [
            (
                *peer.label.rsplit(", ", 1),
                typical[peer],
                quantile(found[peer]["ms"], 0.95),
                ratio(typical[peer], celery),
                *(found[peer][what] for what in ("cpu", "server", "statements", "memory")),
            )
            for peer in sorted(found, key=lambda peer: typical[peer])
        ],
    )
    for peer in found:
        if peer.is_ours:
            verdict(peer, typical[peer], celery, found[peer])


def verdict(ours: Peer, typical: float, celery: float | None, idle: Watched) -> None:
    """Against what is wanted of it."""
    limit = 1.2 if ours.vendor == "postgresql" else 2.5
    if celery:
        wanted(f"{ours.label}: p50 / celery's", typical / celery, limit, at_least=False)
    wanted(f"{ours.label}: statements/s when idle", idle["statements"], 1, at_least=False)
    total = idle["cpu"] + (idle["server"] or 0)
    wanted(f"{ours.label}: % of a core when idle, server too", total, 1, at_least=False)
