"""What can be changed in a file: each change one replacement of a part of its source."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .sql import faults_of_sql

SWAPPED = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: ">=", ast.GtE: "<", ast.Gt: "<=", ast.LtE: ">",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is",
}  # fmt: skip
BOUNDARY = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
ARITHMETIC = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
# Words of one kind: each is taken for the next.
KINDS = (
    ("QUEUED", "SENDING", "SENT", "UNCONFIRMED", "FAILED", "CANCELED"),
    ("RUNNING", "FINISHED", "WAITING"),
    ("FOUND", "ABSENT", "AGAIN", "ASK", "REFUSED"),
    ("PAUSED", "CREDITS", "OUTAGE", "RATE_LIMIT"),
    ("TemporaryError", "OutcomeUnknown", "Rejected", "AuthorizationLost", "RateLimited"),
)
NEXT = {name: words[(at + 1) % len(words)] for words in KINDS for at, name in enumerate(words)}
TWINS = {"min": "max", "max": "min", "any": "all", "all": "any", "filter": "exclude"}
TWINS |= {"exclude": "filter", "first": "last", "last": "first"}
# Methods that only narrow what they are called on, or hold it: without them there is more, or less
# held.
NARROWING = set(
    "filter exclude select_for_update queued sending unconfirmed looking due overdue open unread "
    "unmailed standing of_networks to_look_at working unchecked in_doubt unsettled missed running "
    "ended chosen connected waiting_for_channel waiting_for_network woken_long_ago".split()
)
OF_SQL = ("execute", "_execute", "_column", "_row", "_take", "_change")  # take SQL and values
# A moment more or less cannot be seen.
TIMES = re.compile(r"now|ticks|monotonic|time|_at\b|until|since|seconds|patience|ends\b|deadline")
UNHEARD = re.compile(r"(logger\.\w+|super\(\)\.\w+|warnings\.\w+)\(")  # calls that are not dropped


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


class Finder(ast.NodeVisitor):
    """Walks a module and collects (node or bytes, replacement, fault)."""

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
        if isinstance(item, Starred):
            return item.start
        return self.begin(item)

    # ── What is walked ────────────────────────────────────────────────────────────────────────
    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                self.visit(statement)
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self.visit_constant(statement)

    def visit_constant(self, node: ast.Assign) -> None:
        name = node.targets[0].id
        if name.startswith("_") or name in ("logger", "SENTENCES"):
            return
        self.function, self.is_constant, self.statement = name, True, node
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, int | float):
            self.visit_number(node.value)
        else:
            self.visit(node.value)
        self.function, self.is_constant = "", False

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                self.visit(statement)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in ("__str__", "__repr__"):
            return
        outer, self.function = self.function, self.function or node.name
        body = node.body[1:] if ast.get_docstring(node) else node.body
        for statement in body:
            self.visit(statement)
        self.function = outer

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            outer, self.statement = self.statement, node
            super().visit(node)
            self.statement = outer
        else:
            super().visit(node)

    # ── Statements ────────────────────────────────────────────────────────────────────────────
    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call) and not UNHEARD.match(self.text(node)):
            self.replace(node, "pass", "call dropped")
        if not UNHEARD.match(self.text(node)):
            self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self.replace(node, "pass", "raise dropped")
        if isinstance(node.exc, ast.Call):
            self.visit(node.exc.func)

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Attribute):
            self.replace(node, "pass", "assignment dropped")
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for value in node.value.elts:  # as many as there are names
                self.visit(value)
        else:
            self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.replace(node, "pass", "assignment dropped")
        self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        self.replace(node.test, "False", "guard dropped")
        self.replace(node.test, "True", "guard always true")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.replace(node, f"({self.text(node.body)})", "choice dropped")
        self.replace(node, f"({self.text(node.orelse)})", "choice dropped")
        self.generic_visit(node)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None or self.text(node.value) == "None":
            return
        self.replace(node, "return None", "returns None")
        if is_truth(node.value):
            self.replace(node.value, f"not ({self.text(node.value)})", "returns the opposite")
            self.replace(node, "return True", "returns True")
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        start, end = self.begin(node.body[0]), self.end(node.body[-1])
        if not isinstance(node.body[0], ast.Raise):
            self.put(start, end, "raise", "error not caught")
        for statement in node.body:
            self.visit(statement)

    def visit_Break(self, node: ast.Break) -> None:
        self.replace(node, "continue", "break → continue")

    # ── Expressions ───────────────────────────────────────────────────────────────────────────
    def visit_Compare(self, node: ast.Compare) -> None:
        sides = [node.left, *node.comparators]
        for number, operator in enumerate(node.ops):
            start, end = self.end(sides[number]), self.begin(sides[number + 1])
            between = self.source[start:end].decode()
            if between.count("(") != between.count(")"):
                start, end = self.inside_brackets(start, end)
            self.put(start, end, f" {SWAPPED[type(operator)]} ", "comparison turned round")
            if type(operator) in BOUNDARY and not TIMES.search(self.text(node)):
                self.put(start, end, f" {BOUNDARY[type(operator)]} ", "boundary moved")
        self.generic_visit(node)

    def inside_brackets(self, start: int, end: int) -> tuple[int, int]:
        text = self.source[start:end].decode()
        left = text.rfind(")") + 1 if ")" in text else 0
        right = text.find("(", left) if "(" in text[left:] else len(text)
        return start + left, start + right

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        is_and = isinstance(node.op, ast.And)
        for number, value in enumerate(node.values):
            self.replace(value, "True" if is_and else "False", "condition dropped")
            if number:
                start, end = self.end(node.values[number - 1]), self.begin(value)
                text = self.source[start:end].decode()
                word, other = ("and", "or") if is_and else ("or", "and")
                if len(re.findall(rf"\b{word}\b", text)) == 1:
                    self.put(start, end, re.sub(rf"\b{word}\b", other, text), "and ↔ or")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.replace(node, f"bool({self.text(node.operand)})", "not dropped")
        elif isinstance(node.op, ast.Invert):
            self.replace(node, f"({self.text(node.operand)})", "~ dropped")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        words = isinstance(node.left, ast.Constant | ast.JoinedStr) and "'" in self.text(node.left)
        start, end = self.end(node.left), self.begin(node.right)
        text = self.source[start:end].decode()
        if isinstance(node.op, ast.BitOr | ast.BitAnd):
            self.replace(node, f"({self.text(node.left)})", "condition dropped")
            self.replace(node, f"({self.text(node.right)})", "condition dropped")
        elif type(node.op) in ARITHMETIC and "(" not in text and ")" not in text and not words:
            self.put(start, end, f" {ARITHMETIC[type(node.op)]} ", "arithmetic turned round")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        method = node.func
        if isinstance(method, ast.Attribute) and method.attr in NARROWING:
            self.replace(node, self.text(method.value), f"{method.attr} dropped")
        name = method.attr if isinstance(method, ast.Attribute) else getattr(method, "id", "")
        if name in TWINS:
            end = self.end(method)
            self.put(end - len(name), end, TWINS[name], f"{name} → {TWINS[name]}")
        given = sorted([*node.args, *map(self.keyword, node.keywords)], key=self.first_of)
        for number, argument in enumerate(given):
            if isinstance(argument, Starred) or is_set_of_names(argument):
                self.drop_from(given, number, "argument dropped")
        if name in OF_SQL and node.args:  # a value less for its %s says nothing of the tests
            self.visit(node.args[0])
        else:
            self.generic_visit(node)

    def keyword(self, node: ast.keyword) -> "Starred":
        start = self.begin(node)
        return Starred(start, node.end_lineno, node.end_col_offset)

    def visit_items(self, node: ast.Tuple | ast.List | ast.Set) -> None:
        if isinstance(getattr(node, "ctx", None), ast.Store):
            return
        for number in range(len(node.elts)):
            if len(node.elts) > 2 or not isinstance(node, ast.Tuple):
                self.drop_from(node.elts, number, "item dropped")
        if len(node.elts) in (1, 2) and isinstance(node, ast.Tuple) and is_set_of_names(node):
            for item in node.elts:
                rest = [self.text(it) for it in node.elts if it is not item]
                self.replace(node, f"({', '.join(rest)}{',' if rest else ''})", "item dropped")
        self.generic_visit(node)

    visit_Tuple = visit_List = visit_Set = visit_items

    def visit_Dict(self, node: ast.Dict) -> None:
        pairs = [
            Starred(
                self.begin(key) if key else self.source.rfind(b"**", 0, self.begin(value)),
                value.end_lineno,
                value.end_col_offset,
            )
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        for number in range(len(pairs)):
            self.drop_from(pairs, number, "item dropped")
        for value in node.values:
            self.visit(value)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in NEXT and isinstance(node.ctx, ast.Load) and not self.is_constant:
            self.replace(node, NEXT[node.id], f"{node.id} → {NEXT[node.id]}")

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.replace(node, str(not node.value), "constant turned round")
        elif isinstance(node.value, int | float):
            self.visit_number(node)
        elif isinstance(node.value, str):
            self.visit_JoinedStr(node)

    def visit_number(self, node: ast.Constant) -> None:
        """A little more or less where that is much; else ten times as much, and a tenth."""
        if isinstance(node.value, bool):
            self.replace(node, str(not node.value), "constant turned round")
            return
        value, far = node.value, self.is_constant and abs(node.value) > 5
        for new in (value * 10, value / 10) if far else (value + 1, value - 1):
            new = int(new) if isinstance(value, int) else new
            self.replace(node, f"({new})" if new < 0 else str(new), "constant changed")

    def visit_JoinedStr(self, node: ast.JoinedStr | ast.Constant) -> None:
        start = self.begin(node)
        for at, end, new, fault in faults_of_sql(self.text(node)):
            self.put(start + at, start + end, new, fault)
        # Before Python 3.12 the places of what is put in are not known.


@dataclass
class Starred:
    """Something that stands among arguments: a keyword, or a pair of a dict."""

    start: int
    end_lineno: int
    end_col_offset: int


def is_truth(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("bool", "any", "all"):
        return True
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    if isinstance(node, ast.BoolOp):
        return all(map(is_truth, node.values))
    return is_not or isinstance(node, ast.Compare)


def is_set_of_names(node: ast.AST) -> bool:
    """What may be left out of a call: a tuple of strings, or the constant that holds one."""
    if isinstance(node, ast.Tuple):
        return all(isinstance(item, ast.Constant) for item in node.elts)
    return isinstance(node, ast.Name) and node.id.isupper() and node.id == "STILL"


def mutants_of(root: Path, paths: Iterable[str]) -> list[Mutant]:
    """All changes of these files; Python cannot read each of them, see `is_different`."""
    found: list[Mutant] = []
    for path in paths:
        finder = Finder(path, read(root / path))
        finder.visit(ast.parse(finder.source))
        found += finder.found.values()
    return sorted(found)


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
