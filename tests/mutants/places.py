"""Where things stand in a source, and what is put there instead."""

import ast
from dataclasses import dataclass

from .mutant import Mutant


@dataclass
class Span:
    """Something that stands among arguments: a keyword, or a pair of a dict."""

    start: int
    end_lineno: int
    end_col_offset: int


class Places(ast.NodeVisitor):
    """Collects what its other parts, which walk a module, put somewhere."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source = path, source
        starts = [0]
        for line in source.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        self.starts = starts
        self.found: dict[tuple[int, int, str], Mutant] = {}
        self.function = ""
        self.is_constant = False
        self.statement: ast.stmt | None = None

    # ── Places ────────────────────────────────────────────────────────────────────────────────
    def begin(self, node: ast.AST) -> int:
        return self.starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.AST) -> int:
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node: ast.AST) -> str:
        return self.source[self.begin(node) : self.end(node)].decode()

    def put(self, start: int, end: int, new: str, fault: str) -> None:
        if not self.function:
            return
        line = self.source.count(b"\n", 0, start) + 1
        last = self.source.count(b"\n", 0, end) + 1
        lines = {line, last, self.statement.lineno if self.statement else line}
        mutant = Mutant(
            self.path, line, start, end, new, fault, self.function, self.is_constant,
            tuple(sorted(lines)),
        )  # fmt: skip
        self.found.setdefault((start, end, new), mutant)

    def replace(self, node: ast.AST, new: str, fault: str) -> None:
        self.put(self.begin(node), self.end(node), new, fault)

    def drop_from(self, items: list, number: int, fault: str) -> None:
        """One of several, with the comma that parts it from the next, or from the one before."""
        start, end = self.first_of(items[number]), self.end(items[number])
        if number + 1 < len(items):
            end = self.first_of(items[number + 1])
        elif number:
            start = self.end(items[number - 1])
        self.put(start, end, "", fault)

    def first_of(self, item: ast.AST) -> int:
        if isinstance(item, Span):
            return item.start
        return self.begin(item)
