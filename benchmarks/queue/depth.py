"""Very many rows waiting: does putting in or taking out get slower? `behind` are due, after ours;
`locked` are held by others and stand in front; `future` are due tomorrow. Ours at each depth, and
tuned django-q2 at the smallest for comparison. Each case has a database that is filled once; the
rounds go through all of them in random order. What fills is real jobs, so what is counted is the
rate of the first so many starts, whichever they are."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from time import sleep

from benchmarks.stage import quantile

from .options import Options
from .peers import Peer
from .places import Database, Places
from .tables import ratio, save, spread, table, wanted
from .trial import Trial, spared, template, trial

KINDS = ("behind", "locked", "future")
IDLE = 5.0
EMPTY = "empty"


@dataclass(frozen=True)
class Case:
    peer: Peer
    kind: str
    count: int

    @property
    def label(self) -> str:
        return f"{self.peer.label}, {self.count:,} {self.kind}" if self.count else self.peer.label


def run(places: Places, options: Options) -> None:
    filled = {case: fill(places, case) for case in cases(places, options)}
    found: dict[Case, list[dict[str, float]]] = defaultdict(list)
    try:
        for number in options.turns(options.depth_rounds):
            for case in random.sample(list(filled), len(filled)):
                with spared(case.label), trial(places, case.peer, filled[case]) as at_work:
                    idle = 0 if number else min(IDLE, options.idle)
                    measured = measure(at_work, case, options.jobs, idle)
                    found[case].append(measured)
                    options.say(case.label, measured)
    finally:
        for database in filled.values():
            places.drop(database)
    for peer in dict.fromkeys(case.peer for case in found):
        report(peer, {case: rounds for case, rounds in found.items() if case.peer == peer})
    save("depth", places, options, {case.label: rounds for case, rounds in found.items()})


def cases(places: Places, options: Options) -> Iterator[Case]:
    for peer in options.peers(places):
        depths = {"ours": options.depths, "django-q2 tuned": [min(options.depths)]}
        if options.quick and not peer.is_ours:
            continue
        if peer.name in depths:
            yield Case(peer, EMPTY, 0)
            kinds = KINDS[-1:] if options.quick else KINDS
            yield from (Case(peer, kind, n) for n in depths[peer.name] for kind in kinds)


def fill(places: Places, case: Case) -> Database:
    database = places.new(case.peer.vendor, template(places, case.peer))
    if case.count:
        with trial(places, case.peer, database) as at_work:
            at_work.ask("filling.fill", kind=case.kind, count=case.count)
    return database


def measure(at_work: Trial, case: Case, jobs: int, seconds: float) -> dict[str, float]:
    put = at_work.ask("acts.insert_many", count=jobs)
    at_work.ask("filling.put_first", count=jobs)
    at_work.start_workers()
    at_work.wait_for_starts(jobs)
    first = at_work.starts()[:jobs]
    idle = {}
    if seconds and case.kind != "behind":
        at_work.wait_until_quiet()
        before = sum(at_work.cpu())
        sleep(seconds)
        idle = {"idle": 100 * (sum(at_work.cpu()) - before) / seconds}
    at_work.stop_workers(gently=True)
    rate = (jobs - 1) / (first[-1][1] - first[0][1])
    return {"rate": rate, "ms": median(put["ms"]), "p95": quantile(put["ms"], 0.95)} | idle


def report(peer: Peer, found: dict[Case, list[dict[str, float]]]) -> None:
    def middle(case: Case, what: str) -> float:
        return median(each[what] for each in found[case])

    empty = next(case for case in found if case.kind == EMPTY)
    table(
        f"Rows waiting: {peer.label}",
        ("waiting", "executed/s", "of empty", "enqueue ms", "of empty", "CPU % idle, with server"),
        [
            (
                f"{case.count:,} {case.kind}" if case.count else "nothing",
                spread([each["rate"] for each in found[case]]),
                ratio(middle(case, "rate"), middle(empty, "rate")),
                middle(case, "ms"),
                ratio(middle(case, "ms"), middle(empty, "ms")),
                found[case][0].get("idle"),
            )
            for case in sorted(found, key=lambda case: (case.count, case.kind))
        ],
    )
    if peer.is_ours and len(found) > 1:
        others = [case for case in found if case.count]
        slowest = min(middle(case, "rate") for case in others) / middle(empty, "rate")
        dearest = max(middle(case, "ms") for case in others) / middle(empty, "ms")
        wanted("slowest drain of empty", slowest, 0.85)
        wanted("dearest enqueue of empty", dearest, 1.15, at_least=False)
