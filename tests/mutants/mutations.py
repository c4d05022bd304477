"""What can be changed in some files: each change one replacement of a part of a source."""

import ast
from collections.abc import Iterable
from pathlib import Path

from .expressions import Expressions
from .mutant import Mutant, read
from .statements import Statements


class Finder(Statements, Expressions):
    """Walks a module; what it found is in `found`."""


def mutants_of(root: Path, paths: Iterable[str]) -> list[Mutant]:
    """All changes of these files; Python cannot read each of them, see `is_different`."""
    found: list[Mutant] = []
    for path in paths:
        finder = Finder(path, read(root / path))
        finder.visit(ast.parse(finder.source))
        found += finder.found.values()
    return sorted(found)
