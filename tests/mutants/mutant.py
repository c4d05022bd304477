"""A mutant: one file with one small fault in it."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, order=True)
class Mutant:
    """A change of `path`: the bytes from `start` to `end` become `new`."""

    path: str
    line: int
    start: int
    end: int
    new: str
    fault: str
    function: str  # the outermost function that it is in; or the name that is assigned
    is_constant: bool
    lines: tuple[int, ...]  # a test that runs through one of these may notice

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"

    @property
    def label(self) -> str:
        return f"{self.where} {self.function} {self.fault}"

    def source(self, root: Path) -> bytes:
        old = read(root / self.path)
        return old[: self.start] + self.new.encode() + old[self.end :]

    def difference(self, root: Path) -> tuple[str, str]:
        """The changed lines, before and after, each as one line."""
        old = read(root / self.path)
        begin = old.rfind(b"\n", 0, self.start) + 1
        end = old.find(b"\n", self.end)
        before, after = (
            old[begin:end],
            self.source(root)[begin : end + len(self.source(root)) - len(old)],
        )
        return " ".join(before.decode().split()), " ".join(after.decode().split())


def is_different(mutant: Mutant, root: Path) -> bool:
    """Whether Python can read it, and as something else than what stands there."""
    try:
        changed = ast.parse(mutant.source(root))
    except SyntaxError:
        return False
    return ast.dump(changed) != ast.dump(ast.parse(read(root / mutant.path)))


@cache
def read(path: Path) -> bytes:
    return path.read_bytes()
