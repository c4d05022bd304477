"""`python -m tests.structure [--names] [--no-run]`: how easily a stranger finds the way, counted.

Nothing here fails: it is read beside the numbers of the last release.
"""

import argparse
from collections.abc import Iterable

from . import counts
from .path import measured
from .source import modules_of

LONG_LINES = 40  # of a function: it is looked at twice


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", action="store_true", help="also list what is counted")
    parser.add_argument("--no-run", action="store_true", help="only read the source")
    options = parser.parse_args()
    show_source(options.names)
    if not options.no_run:
        show_paths(options.names)


def show_source(with_names: bool) -> None:
    modules = modules_of()
    circles = counts.circles(modules)
    say("circles of modules", len(circles), map(", ".join, circles), with_names)
    for kind, names_of in (("classes", counts.classes), ("constants", counts.constants)):
        twice = counts.defined_twice(modules, names_of)
        listed = (f"{name}: {', '.join(where)}" for name, where in twice.items())
        say(f"{kind} defined twice", len(twice), listed, with_names)
    lines = sum(module.lines for module in modules.values())
    written = sum(module.written for module in modules.values())
    say(f"lines, without sandbox and migrations ({written:,} neither empty nor comments)", lines)
    by_length = counts.functions_by_length(modules)
    say(f"longest function, in lines ({by_length[0][1]})", by_length[0][0])
    long = [f"{name}: {length}" for length, name in by_length if length > LONG_LINES]
    say(f"functions of more than {LONG_LINES} lines", len(long), long, with_names)
    literals = counts.network_literals(modules)
    listed = (f"{module}:{line} {text[:60]!r}" for module, line, text in literals)
    say("literals of networks outside their folders", len(literals), listed, with_names)
    reasons = sorted(counts.reason_literals(modules))
    listed = (f"{reason}: {module}" for reason, module in reasons)
    say("reasons as strings (reason and file)", len(reasons), listed, with_names)


def show_paths(with_names: bool) -> None:
    for name, path in measured().items():
        say(f"{name}: files of ours", len(path.files), sorted(path.files), with_names)
        calls = sorted(f"{file}:{function}" for file, function in path.calls)
        say(f"{name}: functions of ours", len(calls), calls, with_names)


def say(what: str, number: int, names: Iterable[str] = (), with_names: bool = False) -> None:
    print(f"{number:>7,}  {what}")
    if with_names:
        for name in names:
            print(f"{'':>9}{name}")


if __name__ == "__main__":
    main()
