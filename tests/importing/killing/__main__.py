"""`python -m tests.importing.killing --n 50 --seed 1 --db sqlite|postgres`: imports whose workers
are killed with -9 at random points, while pages fail and people post and edit.

Exit code 1 when something is missing, doubled or not over. Stops by itself.
"""

import argparse
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path


def main() -> int:
    options = argparse.ArgumentParser(prog="killing", description=__doc__)
    options.add_argument("--n", type=int, default=50, help="timelines")
    options.add_argument("--posts", type=int, default=800, help="of each, before it is read")
    options.add_argument("--kills", type=int, default=50, help="that meet a run, at least")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--scale", type=float, default=0.05, help="of all time: TIME_SCALE")
    options.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--seconds", type=float, default=900, help="at most, until faults stop")
    given = options.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="fanfare-killing-"))
    directory.chmod(0o755)
    try:
        return run(given, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def run(given: argparse.Namespace, directory: Path) -> int:
    with ExitStack() as stack:
        from tests import environment  # sets the environment, before Django reads it
        from tests.exactly_once.databases import DATABASES

        stack.callback(environment.pytest_unconfigure)
        database = DATABASES[given.db](directory)
        database.start()
        stack.callback(database.stop)
        os.environ |= {"DATABASE_URL": database.url, "DJANGO_SETTINGS_MODULE": "project.settings"}
        os.environ |= {"DEBUG": "0", "TIME_SCALE": str(given.scale)}

        import django

        django.setup()
        from django.core.management import call_command

        from tests.sandbox import running_sandbox

        from .course import Course

        call_command("migrate", verbosity=0)
        where = environment.SANDBOX_URL, environment.SANDBOX_PORT, directory / "sandbox.log"
        sandbox = stack.enter_context(running_sandbox(*where))
        print(f"→ {given.n} timelines on {given.db}, seed {given.seed}", flush=True)
        course = Course(sandbox, directory, **wanted(given))
        wrong = course.run()
        for said in [*course.says(), *(f"✗ {said}" for said in wrong[:20])]:
            print(f"→ {said}", flush=True)
        print("→ a promise did not hold" if wrong else "→ every promise held", flush=True)
        return 1 if wrong else 0


def wanted(given: argparse.Namespace) -> dict[str, float]:
    return {
        name: getattr(given, name) for name in ("n", "posts", "kills", "seed", "seconds", "scale")
    }


if __name__ == "__main__":
    sys.exit(main())
