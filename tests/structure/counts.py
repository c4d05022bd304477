"""What is counted of the source: circles, names with two meanings, long functions, literals."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from .source import ROOT, Module, functions_of, imports_of, words_of

# Names that Django looks for in many files, each with the same meaning.
OF_DJANGO = {"Command", "DatabaseWrapper", "Meta"}
IN_A_NETWORK = re.compile(r"(?<=^social\.networks\.)\w+(?=\.)")
LISTED_IN = "social.networks"
NETWORKS_FOLDER = ROOT / "social" / "networks"
USUAL_NETWORKS = ("facebook", "x")


def circles(modules: Mapping[str, Module]) -> list[list[str]]:
    """Groups of modules of which each imports each other one, if by way of others (strongly
    connected components, after Tarjan); the largest first."""
    edges = {name: sorted(imports_of(module, modules)) for name, module in modules.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in edges[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            group = stack[at:]
            del stack[at:]
            if len(group) > 1:
                groups.append(sorted(group))

    for name in edges:
        if name not in index:
            visit(name)
    return sorted(groups, key=len, reverse=True)


def classes(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and node.name not in OF_DJANGO:
            yield node.name


def constants(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            yield from (n.id for n in names if isinstance(n, ast.Name) and n.id.isupper())


def defined_twice(
    modules: Mapping[str, Module], names_of: Callable[[Module], Iterator[str]]
) -> dict[str, list[str]]:
    """name → the modules that define it, of what more than one defines. The networks' folders have
    one shape: what stands in the same file of each has the same meaning."""
    places = defaultdict(list)
    for module in modules.values():
        for name in set(names_of(module)):
            places[name].append(module.name)
    shapes = {name: {IN_A_NETWORK.sub("", w) for w in where} for name, where in places.items()}
    return {name: where for name, where in sorted(places.items()) if len(shapes[name]) > 1}


def functions_by_length(modules: Mapping[str, Module]) -> list[tuple[int, str]]:
    """(lines, module:function), the longest first."""
    return sorted(
        (
            (function.end_lineno - function.lineno + 1, f"{module.name}:{function.name}")
            for module in modules.values()
            for function in functions_of(module)
        ),
        reverse=True,
    )


def network_names() -> list[str]:
    folders = [path.parent.name for path in NETWORKS_FOLDER.glob("*/__init__.py")]
    return sorted(folders) or list(USUAL_NETWORKS)


def network_literals(modules: Mapping[str, Module]) -> list[tuple[str, int, str]]:
    """(module, line, text) of strings outside the networks' own folders that are the name of one,
    or have the name of one in them; one letter between the fields of an f-string is no name. The
    module that lists the folders is left out: that is the line which a network is beside its
    folder."""
    names = network_names()
    whole = re.compile(rf"({'|'.join(names)})(_[A-Z_]+)?", re.IGNORECASE)
    within = re.compile("|".join(name for name in names if len(name) > 1), re.IGNORECASE)
    homes = tuple(f"social.networks.{name}" for name in names)
    return [
        (module.name, node.lineno, node.value)
        for module in modules.values()
        if module.name != LISTED_IN
        and not f"{module.name}.".startswith(tuple(f"{home}." for home in homes))
        for parts in [parts_of_f_strings(module)]
        for node in words_of(module)
        if within.search(node.value) or (whole.fullmatch(node.value) and id(node) not in parts)
    ]


def parts_of_f_strings(module: Module) -> set[int]:
    """The ids of what stands between the fields of f-strings, and of how these are written."""
    texts = [node for node in ast.walk(module.tree) if isinstance(node, ast.JoinedStr)]
    return {id(part) for text in texts for part in text.values}


def reasons(modules: Mapping[str, Module]) -> tuple[str, set[str]]:
    """The module that lists every reason, and what it lists."""
    for module in modules.values():
        for node in module.tree.body:
            words = [word for word in listed_reasons(node) if isinstance(word, ast.Constant)]
            if words:
                return module.name, {word.value for word in words}
    return "", set()


def listed_reasons(node: ast.stmt) -> Sequence[ast.expr]:
    """The values of an enumeration `Reason`; of a member that is a tuple the first."""
    if not isinstance(node, ast.ClassDef) or node.name != "Reason":
        return []
    values = [item.value for item in node.body if isinstance(item, ast.Assign)]
    return [value.elts[0] if isinstance(value, ast.Tuple) else value for value in values]


def reason_literals(modules: Mapping[str, Module]) -> set[tuple[str, str]]:
    """(reason, module) for each that is written as a string outside of its list."""
    home, known = reasons(modules)
    return {
        (node.value, module.name)
        for module in modules.values()
        if module.name != home
        for node in words_of(module)
        if node.value in known and id(node) not in words_of_others(module, known)
    }


def words_of_others(module: Module, known: set[str]) -> set[int]:
    """The ids of strings that are words of another vocabulary, which may be spelled as one of the
    `known` reasons is."""
    return {id(word) for node in ast.walk(module.tree) for word in other_words(node, known)}


def other_words(node: ast.AST, known: set[str]) -> Sequence[ast.AST]:
    """Members of another enumeration; constants that are named together (`A, B = "a", "b"`), or
    listed with words that are no reasons, also as keys; what is given by a name that is not
    `reason` (`code="empty"`), or to Django's ValidationError; and what is looked for in a text."""
    match node:
        case ast.ClassDef() if is_enumeration(node):
            return [item.value for item in node.body if isinstance(item, ast.Assign)]
        case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple(elts=words)):
            return words
        case ast.Tuple(elts=words) if set(filter(None, map(word_in, words))) - known:
            return words
        case ast.Dict(keys=words) if set(filter(None, map(word_in, words))) - known:
            return [word for word in words if word]
        case ast.keyword(arg=name, value=word) if name != "reason":
            return [word]
        case ast.Call(func=ast.Name(id="ValidationError"), args=words):
            return words
        case ast.Compare(left=ast.Constant() as word, ops=[ast.In()]):
            return [word]
    return []


def word_in(node: ast.AST | None) -> str | None:
    """The string that `node` is; None where it is something else."""
    is_word = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_word else None


def is_enumeration(node: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in node.bases)
