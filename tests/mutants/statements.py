"""Faults of statements: a call, a guard or an assignment that is not there, another answer."""

import ast
import re

from .places import Places

UNHEARD = re.compile(r"(logger\.\w+|super\(\)\.\w+|warnings\.\w+)\(")  # calls that are not dropped


class Statements(Places):
    def visit_Module(self, node: ast.Module) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                self.visit(statement)
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                self.visit_constant(statement)

    def visit_constant(self, node: ast.Assign) -> None:
        name = node.targets[0].id
        if name.startswith("_") or name == "logger":
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
        if self.text(node.value) != "False":  # who asks whether, hears the same
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


def is_truth(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("bool", "any", "all"):
        return True
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    if isinstance(node, ast.BoolOp):
        return all(map(is_truth, node.values))
    return is_not or isinstance(node, ast.Compare)
