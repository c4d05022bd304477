"""`make test`: the whole suite on SQLite and, at the same time, on a PostgreSQL of its own.

Half a dozen processes share the machine, each with workers, servers and browsers of its own. What
fails among them is run once more, alone, and said in both summaries: what fails alone fails.
"""

import os
import subprocess
import sys
import tempfile
from typing import IO

from tests.chromium import ADVICE, install_browser, installed_browser

# Several processes a database: real workers and browsers mostly wait for each other.
PYTEST = [sys.executable, "-m", "pytest"]
AT_ONCE = ["-n", "3", "--dist", "worksteal"]
ALONE = ["-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
# What touches no database of ours, or looks at pages only, runs once.
ONCE = (
    "social/sandbox",
    "hosts/test_many_machines.py",
    *(f"test_{name}.py" for name in ("architecture", "safety", "setup", "urls")),
    *(
        f"social/test_{name}.py"
        for name in ("commands", "counting", "http", "networks", "redacting")
    ),
    *(f"project/test_{name}.py" for name in ("checks", "lane")),
    "publishing/test_commands.py",
    *(
        f"browser/test_{name}.py"
        for name in ("counter", "notices", "pages", "polling", "weight", "without_javascript")
    ),
)
ON_POSTGRES = [sys.executable, "-m", "tests.postgres", *PYTEST]
ON_POSTGRES += ["-o", "cache_dir=.pytest_cache/postgres"]
ON_POSTGRES += [f"--ignore=tests/{path}" for path in ONCE]
COMMANDS = {"SQLite": PYTEST, "PostgreSQL": ON_POSTGRES}
SOME_FAILED = 1  # pytest's exit code


def main(arguments: list[str]) -> int:
    if not installed_browser() and not install_browser():
        print(ADVICE, file=sys.stderr)
        return 2
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    ends = run_beside(arguments, environment)
    for name, (summary, code) in ends.items():
        if code == SOME_FAILED:
            print(f"\n── {name}, what failed, alone", flush=True)
            again, code = run_alone(name, arguments, environment)
            ends[name] = (f"{summary}\n  alone:    {again}", code)
    print()
    for name, (summary, _) in ends.items():
        print(f"{name + ':':<12}{summary}")
    return max(code for _, code in ends.values())


def run_beside(arguments: list[str], environment: dict[str, str]) -> dict[str, tuple[str, int]]:
    """Both at a time: (summary, exit code) of each."""
    sqlite, postgres = ([*command, *AT_ONCE, *arguments] for command in COMMANDS.values())
    with tempfile.TemporaryFile("w+") as output:
        other = subprocess.Popen(postgres, stdout=output, stderr=output, env=environment)
        print("── SQLite (PostgreSQL runs beside it)", flush=True)
        first = subprocess.Popen(sqlite, env=environment, stdout=subprocess.PIPE, text=True)
        ends = {"SQLite": (show(first.stdout), first.wait())}
        other.wait()
        output.seek(0)
        print("\n── PostgreSQL")
        ends["PostgreSQL"] = (show(output), other.returncode)
    return ends


def run_alone(name: str, arguments: list[str], environment: dict[str, str]) -> tuple[str, int]:
    command = [*COMMANDS[name], *arguments, *ALONE]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    return show(running.stdout), running.wait()


def show(lines: IO[str]) -> str:
    """Print what comes; return the last line that says something."""
    last = ""
    for line in lines:
        print(line, end="", flush=True)
        last = line.strip() or last
    return last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
