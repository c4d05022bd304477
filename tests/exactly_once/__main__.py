"""`make chaos N=… SEED=… DB=sqlite|postgres`: deliveries through everything that can go wrong.

Exit code 1 when a promise did not hold. Stops by itself.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from .scale import SCALE

INSIDE = "FANFARE_CHAOS_INSIDE"


def main() -> int:
    options = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    options.add_argument("--n", type=int, default=2000, help="deliveries")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--db", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--seconds", type=float, default=1500, help="at most, until faults stop")
    options.add_argument(
        "--scale", type=float, default=SCALE, help="a larger one gives a slow machine time"
    )
    options.add_argument("--ways", nargs="+", choices=("draft", "program", "page"))
    options.add_argument("--places", type=int, help="of each person; otherwise one a network")
    options.add_argument("--keep", action="store_true", help="the directory with the logs")
    given = options.parse_args()
    if not os.environ.get(INSIDE) and may_mount():
        inside = ["unshare", "--mount", "--propagation", "private", sys.executable, "-m"]
        command = [*inside, "tests.exactly_once", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, INSIDE: "1"}).returncode
    directory = Path(tempfile.mkdtemp(prefix="fanfare-chaos-"))
    directory.chmod(0o755)
    try:
        return run(given, directory)
    finally:
        if given.keep:
            print(f"→ kept: {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def may_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


def set_environment(database_url: str) -> None:
    """Of this process and of all programs, before Django reads it."""
    os.environ |= {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "project.settings"}
    os.environ |= {"DEBUG": "0", "ALLOWED_HOSTS": "127.0.0.1,localhost"}
    os.environ |= {"PUBLIC_URL": "http://127.0.0.1:8000", "SIGN_UP": "closed"}


def run(given: argparse.Namespace, directory: Path) -> int:
    with ExitStack() as stack:
        from tests import environment  # sets the environment, before Django reads it

        from .databases import DATABASES, Disk

        stack.callback(environment.pytest_unconfigure)
        (directory / "disk").mkdir()
        disk = Disk(directory / "disk")
        stack.enter_context(disk.mounted())
        if not disk.is_small:
            print("→ nothing may be mounted here: the disk is not filled")
        database = DATABASES[given.db](directory / "disk")
        database.start()
        stack.callback(database.stop)
        set_environment(database.url)

        import django

        django.setup()
        from django.core.management import call_command

        from tests.sandbox import running_sandbox

        from .chaos import Chaos

        call_command("migrate", verbosity=0)
        where = environment.SANDBOX_URL, environment.SANDBOX_PORT, directory / "sandbox.log"
        sandbox = stack.enter_context(running_sandbox(*where))
        print(f"→ {given.n} deliveries on {given.db}, seed {given.seed}", flush=True)
        options = {"scale": given.scale, "seconds": given.seconds, "places": given.places}
        options |= {"ways": given.ways} if given.ways else {}
        places = (sandbox, directory, database, disk)
        chaos = Chaos(given.n, given.seed, *places, **options)
        held = chaos.run()
        for said in chaos.failed:
            print(f"✗ {said}")
        print("→ every promise held" if held else "→ a promise did not hold", flush=True)
        return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
