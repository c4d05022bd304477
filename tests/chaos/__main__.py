"""`make chaos-queue`: kills and stops workers for some ten minutes on each database, and says what
came of it. Exit code 1 when a promise did not hold."""

import argparse
import os
import subprocess
import sys

PYTEST = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "tests/chaos"]
DATABASES = {"sqlite": PYTEST, "postgresql": [sys.executable, "-m", "tests.postgres", *PYTEST]}


def main() -> int:
    options = argparse.ArgumentParser(prog="make chaos-queue", description=__doc__)
    options.add_argument("--idle", type=int, default=100, help="idle workers to kill")
    options.add_argument("--stops", type=int, default=20, help="stops with 50 jobs in flight")
    options.add_argument("--kills", type=int, default=200, help="random kills…")
    options.add_argument("--jobs", type=int, default=20_000, help="…while so many jobs run")
    options.add_argument("--seed", type=int, default=1, help="of what is random")
    options.add_argument("--on", choices=DATABASES, help="only there")
    options.add_argument("-k", metavar="WORD", default="", help="a part, as pytest names it")
    chosen = vars(options.parse_args())
    only, word = chosen.pop("on"), chosen.pop("k")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {f"CHAOS_{name.upper()}": str(number) for name, number in chosen.items()}
    codes = []
    for name, command in DATABASES.items():
        if only in (None, name):
            print(f"── {name}", flush=True)
            codes.append(subprocess.run([*command, "-k", word], env=environment).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
