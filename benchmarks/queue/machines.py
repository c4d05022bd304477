"""Jobs that wait 500 ms, as for a network, on one, two and eight groups of workers. A group is one
`qcluster` with one process, and stands for a machine: what is shared is the PostgreSQL."""

import random
from collections import defaultdict
from statistics import median
from typing import Any

from .drain import doubled
from .options import Options
from .peers import PEERS
from .places import Places
from .tables import ratio, save, spread, table, wanted
from .trial import Trial, spared, trial

SECONDS = 0.5  # that a job waits
WANTED = {2: 1.8, 8: 6.0}

Round = dict[str, Any]


def run(places: Places, options: Options) -> None:
    if "postgresql" not in options.databases:
        print("\nOnly PostgreSQL is shared by machines: left out.")
        return
    ours = next(p for p in PEERS if p.name == "ours" and p.vendor == "postgresql")
    found: dict[int, list[Round]] = defaultdict(list)
    for _ in options.turns(options.rounds):
        for groups in random.sample(options.groups, len(options.groups)):
            with spared(f"{groups} groups"), trial(places, ours) as at_work:
                measured = measure(at_work, groups, options.waves)
                found[groups].append(measured)
                options.say(f"{groups} groups", measured)
    report(found)
    save("machines", places, options, found)


def measure(at_work: Trial, groups: int, waves: int) -> Round:
    """All groups are up and idle; then all jobs come in one commit."""
    width = at_work.ask("ours.queue.width")
    count = groups * width * waves
    at_work.start_workers(groups, COUNT="1")
    at_work.wait_until_quiet()
    keys = at_work.ask("acts.rows", count=count)
    at_work.ask("acts.enqueue", keys=keys, waiting=True)
    at_work.wait_for_starts(count)
    ended, starts = at_work.wait_until_done(), at_work.starts()
    return {
        "rate": count / (ended - starts[0][1]),
        "possible": groups * width / SECONDS,
        "lost": at_work.ask("acts.unsent"),
        "doubled": doubled(starts),
    }


def report(found: dict[int, list[Round]]) -> None:
    rates = {groups: median(each["rate"] for each in rounds) for groups, rounds in found.items()}
    one = rates.get(1)
    table(
        "Waiting jobs (500 ms) on groups of one worker process each, PostgreSQL",
        ("groups", "jobs/s", "/ one group", "of what waiting alone allows", "lost", "run twice"),
        [
            (
                groups,
                spread([each["rate"] for each in rounds]),
                ratio(rates[groups], one),
                ratio(rates[groups], rounds[0]["possible"]),
                sum(each["lost"] for each in rounds),
                sum(each["doubled"] for each in rounds),
            )
            for groups, rounds in sorted(found.items())
        ],
    )
    for groups, limit in WANTED.items():
        if one and groups in rates:
            wanted(f"{groups} groups / one", rates[groups] / one, limit)
