"""Which tests may notice a mutant, those first that are likely to notice it soon."""

import re
from collections import Counter, defaultdict
from pathlib import Path

from .covering import Covered
from .mutant import Mutant
from .targets import ROOT


class Chooser:
    def __init__(self, covered: Covered) -> None:
        self.covered = covered
        self.tests: dict[tuple[str, int], list[str]] = defaultdict(list)
        for name, it in covered.items():
            for path, lines in it["lines"].items():
                for line in lines:
                    self.tests[path, line].append(name)
        self.killers: dict[tuple[str, str], list[str]] = defaultdict(list)

    def tests_for(self, mutant: Mutant) -> list[tuple[str, float]]:
        """(name, seconds) of each: quick ones first, and long before that who noticed a change of
        that function, whose file is named after its module or lies in its room. Of a test with many
        parameters each further one comes later: they see the same."""
        names = {name for line in self.lines_of(mutant) for name in self.tests[line]}
        if mutant.is_constant:
            names |= self.tests_naming(mutant.function)
        killers = self.killers[mutant.path, mutant.function]
        seconds = {name: self.covered[name]["seconds"] for name in names}
        rank, earlier = {}, Counter[str]()
        for name in sorted(names, key=lambda name: (seconds[name], name)):
            test = function_of(name)
            likely = 1 + 20 * killers.count(test) + kinship(name, mutant.path)
            rank[name] = seconds[name] * (1 + earlier[test]) / likely
            earlier[test] += 1
        return [(name, seconds[name]) for name in sorted(names, key=lambda name: rank[name])]

    def lines_of(self, mutant: Mutant) -> list[tuple[str, int]]:
        """Where it runs: a constant wherever it is named."""
        if not mutant.is_constant:
            return [(mutant.path, line) for line in mutant.lines]
        word = re.compile(rf"\b{mutant.function}\b")
        return [
            (path, number)
            for path in {path for path, _ in self.tests}
            for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
            if word.search(line)
        ]

    def tests_naming(self, constant: str) -> set[str]:
        """Of files that name it themselves: comparing it runs through no line of ours."""
        word = re.compile(rf"\b{constant}\b")
        files = {name.partition("::")[0] for name in self.covered}
        naming = {file for file in files if word.search((ROOT / file).read_text())}
        return {name for name in self.covered if name.partition("::")[0] in naming}

    def note_killer(self, mutant: Mutant, test: str) -> None:
        self.killers[mutant.path, mutant.function].append(function_of(test))


def function_of(test: str) -> str:
    """Without its parameters."""
    return test.partition("[")[0]


def kinship(test: str, path: str) -> int:
    """How much a test's file has to do with a module, by their names."""
    file, module = Path(test.partition("::")[0]), Path(path)
    words = set(file.stem.split("_")) & set(module.stem.split("_"))
    counts = "counts" in file.stem  # of statements: they notice what only costs more
    return 5 * len(words) + 3 * (file.parent == Path("tests") / module.parent) + 10 * counts
