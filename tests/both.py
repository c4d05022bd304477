"""`make test`: the whole suite on SQLite and, at the same time, on a PostgreSQL of its own."""

import os
import subprocess
import sys
import tempfile
from typing import IO

from tests.chromium import ADVICE, install_browser, installed_browser

# Several processes a database: real workers and browsers mostly wait for each other.
PYTEST = [sys.executable, "-m", "pytest", "-n", "3", "--dist", "worksteal"]
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
ON_POSTGRES = [sys.executable, "-m", "tests.postgres", *PYTEST, "-p", "no:cacheprovider"]
ON_POSTGRES += [f"--ignore=tests/{path}" for path in ONCE]


def main(arguments: list[str]) -> int:
    if not installed_browser() and not install_browser():
        print(ADVICE, file=sys.stderr)
        return 2
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    with tempfile.TemporaryFile("w+") as output:
        other = subprocess.Popen(
            [*ON_POSTGRES, *arguments], stdout=output, stderr=output, env=environment
        )
        print("── SQLite (PostgreSQL runs beside it)", flush=True)
        first = subprocess.Popen(
            [*PYTEST, *arguments], env=environment, stdout=subprocess.PIPE, text=True
        )
        codes = {"SQLite": (show(first.stdout), first.wait())}
        other.wait()
        output.seek(0)
        print("\n── PostgreSQL")
        codes["PostgreSQL"] = (show(output), other.returncode)
    print()
    for name, (summary, _) in codes.items():
        print(f"{name + ':':<12}{summary}")
    return max(code for _, code in codes.values())


def show(lines: IO[str]) -> str:
    """Print what comes; return the last line that says something."""
    last = ""
    for line in lines:
        print(line, end="", flush=True)
        last = line.strip() or last
    return last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
