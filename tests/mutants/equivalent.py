"""Those that a person has judged: no test could notice, because nothing is different.

Each is three lines in `equivalent.txt`: the line as it stands, after "- "; as it would stand, after
"+ "; and why nobody could tell, after "= ". Above them stands, after "@ ", the file and function.
They are known by their text, so that they stay known when lines move; when the code changes, they
are judged anew.
"""

from pathlib import Path

from .mutant import Mutant
from .targets import ROOT

Key = tuple[str, str, str]  # where, before, after
FILE = Path(__file__).with_name("equivalent.txt")


class Equivalents:
    def __init__(self) -> None:
        self.why: dict[Key, str] = {}
        where = before = after = ""
        for line in FILE.read_text().splitlines():
            mark, _, said = line.partition(" ")
            if mark == "@":
                where = said
            elif mark == "-":
                before = said
            elif mark == "+":
                after = said
            elif mark == "=":
                self.why[where, before, after] = said

    def has(self, mutant: Mutant) -> bool:
        return key_of(mutant) in self.why

    def out_of_date(self, mutants: list[Mutant]) -> list[Key]:
        """Those that are about code that is not there any more."""
        return sorted(self.why.keys() - set(map(key_of, mutants)))


def key_of(mutant: Mutant) -> Key:
    return (f"{mutant.path} {mutant.function}", *mutant.difference(ROOT))
