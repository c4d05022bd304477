"""`python -m tests.mutants --seed 1 --n 300 --minutes 30`: how many small faults do tests notice?

Prints each that none noticed, with its line. The exit code is 1 when fewer than 95 % of those that
are not equivalent were noticed. What was not decided in its time counts as not noticed.
"""

import argparse
import queue
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

from .asking import Asker
from .choosing import Chooser
from .covering import known_coverage
from .ends import KILLED, NOT_APPLIED, NOTICED, UNNOTICED, UNREACHED
from .equivalent import Equivalents
from .mutant import Mutant, is_different
from .mutations import mutants_of
from .targets import ROOT, target_paths

AT_A_TIME = 2
BUDGET = 90.0  # seconds for one mutant
ENOUGH = 0.95


class End(NamedTuple):
    mutant: Mutant
    end: str
    test: str
    why: str = ""


class Round:
    """Some mutants, one after the other, in a few processes."""

    def __init__(
        self, mutants: list[Mutant], minutes: float, is_loud: bool, tests: Sequence[str]
    ) -> None:
        self.left: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
        for mutant in mutants:
            self.left.put(mutant)
        self.tests = tests
        self.chooser = Chooser({} if tests else known_coverage())
        self.until = time.monotonic() + 60 * minutes
        self.is_loud, self.lock = is_loud, Lock()
        self.ends: list[End] = []

    def run(self) -> list[End]:
        with ThreadPoolExecutor(AT_A_TIME) as threads:
            for work in [threads.submit(self.work) for _ in range(AT_A_TIME)]:
                work.result()
        return sorted(self.ends)

    def work(self) -> None:
        asker = Asker(self.tests or ["tests"])
        while time.monotonic() < self.until:
            try:
                mutant = self.left.get_nowait()
            except queue.Empty:
                break
            self.note(mutant, self.ask(asker, mutant))
        asker.close()

    def ask(self, asker: Asker, mutant: Mutant) -> dict[str, Any]:
        tests = self.chooser.tests_for(mutant)
        if not tests and not self.tests:
            return {"end": UNREACHED, "test": ""}
        return asker.ask(mutant, tests, min(BUDGET, max(1.0, self.until - time.monotonic())))

    def note(self, mutant: Mutant, answer: dict[str, Any]) -> None:
        with self.lock:
            if answer["end"] == KILLED and answer["test"]:
                self.chooser.note_killer(mutant, answer["test"])
            self.ends.append(End(mutant, answer["end"], answer["test"], answer.get("why", "")))
            if self.is_loud or answer["end"] not in NOTICED:
                print(told(self.ends[-1]), flush=True)


def told(it: End) -> str:
    before, after = it.mutant.difference(ROOT)
    by = f" by {it.test}" if it.test else f" ({it.why})" if it.why else ""
    head = f"{it.mutant.where} in {it.mutant.function}: {it.mutant.fault}: {it.end}{by}"
    return f"{head}\n- {before}\n+ {after}"


def sample(options: argparse.Namespace, equivalents: Equivalents) -> list[Mutant]:
    """Of all that are not known to be equivalent, `n` by the seed."""
    pool = mutants_of(ROOT, target_paths())
    pool = [it for it in pool if not options.only or any(word in it.label for word in options.only)]
    random.Random(options.seed).shuffle(pool)
    wanted = (it for it in pool if not equivalents.has(it) and is_different(it, ROOT))
    return list(islice(wanted, options.n))


def report(ends: list[End], count: int, seconds: float) -> bool:
    """Whether enough were noticed."""
    counted = Counter(it.end for it in ends)
    noticed = sum(counted[end] for end in NOTICED)
    unnoticed = sum(counted[end] for end in UNNOTICED)
    print(f"\nOf {count}, {len(ends)} tried in {seconds:.0f} s: ", end="")
    print(", ".join(f"{number} {end}" for end, number in counted.most_common()))
    for it in ends:
        if it.end in UNNOTICED:
            print(f"\n{told(it)}")
    share = noticed / (noticed + unnoticed) if ends else 0.0
    print(f"\n{noticed} of {noticed + unnoticed} were noticed: {share:.1%}", end="")
    print(f" ({counted[NOT_APPLIED]} could not be applied)" if counted[NOT_APPLIED] else "")
    return share >= ENOUGH and len(ends) == count


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--n", type=int, default=300, help="how many are sampled")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long at most")
    parser.add_argument("--only", nargs="*", help='parts of "path:line function fault"')
    parser.add_argument("--tests", nargs="*", default=[], help="files: only, and all of, these")
    parser.add_argument("--loud", action="store_true", help="say also which test noticed")
    options = parser.parse_args()
    equivalents = Equivalents()
    for where, before, _ in equivalents.out_of_date(mutants_of(ROOT, target_paths())):
        print(f"equivalent.txt: there is no such change any more in {where}: {before}")
    mutants, began = sample(options, equivalents), time.monotonic()
    ends = Round(mutants, options.minutes, options.loud, options.tests).run()
    return 0 if report(ends, len(mutants), time.monotonic() - began) else 1


if __name__ == "__main__":
    sys.exit(main())
