"""`make test`: the whole suite on SQLite and, at the same time, on a PostgreSQL of its own.

First what only computes, several processes a database; then what starts workers, servers and
browsers: these mostly wait for each other, and find the machine nearly as idle as users do.
What fails beside the others is run once more, alone, and both are said: what fails alone fails.
What needed that second try is counted and named at the end; more than MOST_AGAIN fail the run.
`make test DB=sqlite` and `make test DB=postgres` run the half of one database.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

from tests.chromium import ADVICE, install_browser, installed_browser

PYTEST = [sys.executable, "-m", "pytest"]
COMPUTING = ["-m", "not programs", "-n", "2", "--dist", "worksteal"]
STARTING = ["-m", "programs", "-n", "2", "--dist", "worksteal"]
ALONE = ["-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
# What touches no database of ours, looks at pages only, or asks who may open and send which, runs
# once; here or there. What pages ask of their database is tested without a browser, on both.
BESIDE_SQLITE = (
    "hosts/test_many_machines.py",
    *(
        f"browser/test_{name}.py"
        for name in "allowing importing notices polling reading_back".split()
    ),
)
ONCE_BY_ROOM = {
    "": "architecture both debugging deploying private_files private_pages safety setup urls",
    "structure/": "counting",
    "social/": "commands fences_deadlines handshakes http network_faults networks redacting tls",
    "social/x/": "length",
    "project/": "behind checks climbing cluster pool service_urls starting variables",
    "publishing/": "commands",
    "publishing/media/": "hostile_pictures picture_process",
    "browser/": "counter pages pictures walk weight without_javascript",
}
ONCE = (
    "social/sandbox",
    *(f"{room}test_{name}.py" for room, names in ONCE_BY_ROOM.items() for name in names.split()),
)
ON_POSTGRES = [sys.executable, "-m", "tests.postgres", *PYTEST]
ON_POSTGRES += ["-o", "cache_dir=.pytest_cache/postgres"]
ON_POSTGRES += [f"--ignore=tests/{path}" for path in ONCE]
ON_SQLITE = [*PYTEST, *(f"--ignore=tests/{path}" for path in BESIDE_SQLITE)]
COMMANDS = {"SQLite": ON_SQLITE, "PostgreSQL": ON_POSTGRES}
DATABASES = {"": list(COMMANDS), "sqlite": ["SQLite"], "postgres": ["PostgreSQL"]}  # by $DB
# Of the environment: each database is chosen here; and hundreds of processes are started, whose
# modules would all be compiled anew.
NOT_OURS = ("DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
SOME_FAILED, NOTHING_TO_RUN = 1, 5  # pytest's exit codes
MOST_AGAIN = 3  # tests of both databases together that may need a second try
# Where pytest writes down what failed last.
FAILURES = {
    name: Path(folder, "v", "cache", "lastfailed")
    for name, folder in (("SQLite", ".pytest_cache"), ("PostgreSQL", ".pytest_cache/postgres"))
}


class End(NamedTuple):
    summary: str
    code: int


def main(arguments: list[str]) -> int:
    if is_nothing(arguments):
        print(f"No test is meant by: {' '.join(arguments)}", file=sys.stderr)
        return NOTHING_TO_RUN
    databases = DATABASES.get(os.environ.get("DB", ""))
    if databases is None:
        print(f"DB is {os.environ['DB']!r}; it is sqlite or postgres.", file=sys.stderr)
        return 2
    if not installed_browser() and not install_browser():
        print(ADVICE, file=sys.stderr)
        return 2
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    ends: dict[str, list[End]] = {name: [] for name in databases}
    for part in (COMPUTING, STARTING):
        run_beside([*part, *arguments], environment, ends)
    again: list[str] = []
    for name, parts in ends.items():
        if any(part.code == SOME_FAILED for part in parts):
            print(f"\n── {name}, what failed, alone", flush=True)
            failed = failures(name)
            alone = run_alone(name, arguments, environment)
            again += [f"{name}: {test}" for test in sorted(failed - failures(name))]
            ends[name] = [*(part._replace(code=part.code & ~SOME_FAILED) for part in parts), alone]
    print()
    for name, parts in ends.items():
        print(f"{name + ':':<12}" + "\n            ".join(part.summary for part in parts))
    codes = [part.code for parts in ends.values() for part in parts]
    code = max(code for code in codes if code != NOTHING_TO_RUN or len(set(codes)) == 1)
    return max(code, told_again(again))


def is_nothing(arguments: list[str]) -> bool:
    """Whether these name no test at all: found out by collecting, before anything starts."""
    collecting = [*PYTEST, "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider"]
    ended = subprocess.run([*collecting, *arguments], capture_output=True) if arguments else None
    return ended is not None and ended.returncode == NOTHING_TO_RUN


def failures(name: str) -> set[str]:
    """The tests that failed on this database when they last ran."""
    try:
        return set(json.loads(FAILURES[name].read_text()))
    except (OSError, ValueError):
        return set()


def told_again(again: list[str]) -> int:
    """Name what needed a second try, as the last that is said; SOME_FAILED if it is too much."""
    if not again:
        return 0
    print(f"\n{len(again)} passed only at a second try, alone:")
    for test in again:
        print(f"  {test}")
    if len(again) <= MOST_AGAIN:
        return 0
    print(f"That is more than {MOST_AGAIN}, so this run has failed.")
    return SOME_FAILED


def run_beside(
    arguments: list[str], environment: dict[str, str], ends: dict[str, list[End]]
) -> None:
    shown, *others = ends
    beside = f" ({others[0]} runs beside it)" if others else ""
    with tempfile.TemporaryFile("w+") as output:
        running = {
            name: subprocess.Popen(
                [*COMMANDS[name], *arguments], stdout=output, stderr=output, env=environment
            )
            for name in others
        }
        print(f"── {shown}{beside}: {arguments[1]}", flush=True)
        command = [*COMMANDS[shown], *arguments]
        first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        ends[shown].append(End(show(first.stdout), first.wait()))
        for name, other in running.items():
            other.wait()
            output.seek(0)
            print(f"\n── {name}")
            ends[name].append(End(show(output), other.returncode))


def run_alone(name: str, arguments: list[str], environment: dict[str, str]) -> End:
    command = [*COMMANDS[name], *arguments, *ALONE]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    return End(f"alone: {show(running.stdout)}", running.wait())


def show(lines: IO[str]) -> str:
    """Print what comes; return the last line that says something."""
    last = ""
    for line in lines:
        print(line, end="", flush=True)
        last = line.strip() or last
    return last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
