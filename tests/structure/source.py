"""The modules of the app, read and not run."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("project", "social", "publishing", "importing")
LEFT_OUT = ("migrations", "sandbox")  # folders: history, and the make-believe networks


@dataclass(frozen=True)
class Module:
    """One file of Python: its dotted name, where it is and what it says."""

    name: str
    path: Path
    tree: ast.Module = field(repr=False)
    lines: int
    written: int  # lines that are neither empty nor a comment

    @property
    def package(self) -> str:
        is_package = self.path.name == "__init__.py"
        return self.name if is_package else self.name.rpartition(".")[0]


def modules_of(root: Path = ROOT, rooms: Iterable[str] = ROOMS) -> dict[str, Module]:
    """name → module, of every file below `rooms` but for the folders in LEFT_OUT."""
    modules = {}
    for room in rooms:
        for path in sorted((root / room).rglob("*.py")):
            relative = path.relative_to(root)
            if not set(LEFT_OUT) & set(relative.parts):
                module = read(path, relative)
                modules[module.name] = module
    return modules


def read(path: Path, relative: Path) -> Module:
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text()
    lines = [line.strip() for line in text.splitlines()]
    written = sum(bool(line) and not line.startswith("#") for line in lines)
    return Module(name, path, ast.parse(text), len(lines), written)


def imports_of(module: Module, known: Iterable[str]) -> set[str]:
    """The modules among `known` that this one names in an import, also inside a function or for a
    type checker only. That `a.b` cannot be imported without `a` is no import of `a`: else every
    package that names what is in it would be a circle."""
    names = set(known)
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = base_of(node, module)
            for alias in node.names:
                below = f"{base}.{alias.name}"
                found.add(below if below in names else base)
    return found & names - {module.name}


def base_of(node: ast.ImportFrom, module: Module) -> str:
    """The full name of what `from … import` names before the second word."""
    if not node.level:
        return node.module or ""
    package = module.package.split(".")
    above = package[: len(package) - node.level + 1]
    return ".".join([*above, *filter(None, [node.module])])


def functions_of(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def words_of(module: Module) -> Iterator[ast.Constant]:
    """Every string that is not a docstring."""
    alone = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node
