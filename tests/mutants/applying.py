"""Changing the code of a process that runs already: no file is written, nothing imported anew."""

import ast
import gc
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType

from .mutant import Mutant
from .targets import PACKAGES

IS_FUNCTION = 0x2  # CO_NEWLOCALS: a function's code, and not a class's


class NotApplied(Exception):
    """This change cannot be made to what is loaded."""


def apply(mutant: Mutant, root: Path) -> None:
    """Give the functions of this process the code of the mutant; or a constant its value, wherever
    it was imported to. Raises NotApplied."""
    file = str(root / mutant.path)
    import_module(module_of(mutant))
    if mutant.is_constant:
        change_constant(mutant, ast.parse(mutant.source(root)), file)
    else:
        original = compile((root / mutant.path).read_bytes(), file, "exec")
        change_functions(original, compile(mutant.source(root), file, "exec"))


def module_of(mutant: Mutant) -> str:
    return mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def change_functions(original: CodeType, changed: CodeType) -> None:
    # In the same order; those below the change may have moved by some lines.
    pairs = zip(functions_of(original), functions_of(changed), strict=True)
    different = {place(old): new for old, new in pairs if old != new}
    found = 0
    for function in gc.get_objects():
        if type(function) is not FunctionType:  # no lazy object is asked what it is
            continue
        code = function.__code__
        if code.co_filename == changed.co_filename and place(code) in different:
            try:
                function.__code__ = different[place(code)]
            except ValueError as error:  # it closes over other names
                raise NotApplied(str(error)) from error
            found += 1
    if not found:
        raise NotApplied("nothing that is loaded has this code")


def place(code: CodeType) -> tuple[str, int]:
    """A setter has the name of its property."""
    return code.co_qualname, code.co_firstlineno


def functions_of(code: CodeType) -> Iterator[CodeType]:
    """The outermost ones, and methods; what is inside them comes along."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if part.co_flags & IS_FUNCTION:
                yield part
            else:
                yield from functions_of(part)


def change_constant(mutant: Mutant, tree: ast.Module, file: str) -> None:
    """What was computed from it stays as it was."""
    name = mutant.function
    module = sys.modules[module_of(mutant)]
    before = vars(module)[name]
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and getattr(statement.targets[0], "id", "") == name:
            after = eval(compile(ast.Expression(statement.value), file, "eval"), vars(module))
    for other_name, other in list(sys.modules.items()):
        if other_name.partition(".")[0] in (*PACKAGES, "tests") and vars(other).get(name) is before:
            setattr(other, name, after)
