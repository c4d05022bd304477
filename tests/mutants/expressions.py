"""Faults of expressions: turned round, left out, or taken for another of their kind."""

import ast
import re

from .places import Places, Span
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
    "filter exclude select_for_update queued sending unconfirmed verifying due overdue open unread "
    "unmailed tripped of_networks of_accounts to_probe working unchecked in_doubt unsettled missed "
    "running ended chosen connected waiting_for_channel waiting_for_network woken_long_ago".split()
)
OF_SQL = ("execute", "_execute", "_column", "_row", "_take", "_change")  # take SQL and values
# A moment more or less cannot be seen.
TIMES = re.compile(r"now|ticks|monotonic|time|_at\b|until|since|seconds|patience|ends\b|deadline")


class Expressions(Places):
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
            if isinstance(argument, Span) or is_set_of_names(argument):
                self.drop_from(given, number, "argument dropped")
        if name in OF_SQL and node.args:  # a value less for its %s says nothing of the tests
            self.visit(node.args[0])
        else:
            self.generic_visit(node)

    def keyword(self, node: ast.keyword) -> "Span":
        start = self.begin(node)
        return Span(start, node.end_lineno, node.end_col_offset)

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
            Span(
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


def is_set_of_names(node: ast.AST) -> bool:
    """What may be left out of a call: a tuple of strings, or the constant that holds one."""
    if isinstance(node, ast.Tuple):
        return all(isinstance(item, ast.Constant) for item in node.elts)
    return isinstance(node, ast.Name) and node.id.isupper() and node.id == "STILL"
