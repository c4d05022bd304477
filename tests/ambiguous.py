"""`python -m tests.ambiguous [N] [SEED]`: look up N (10,000) ambiguous outcomes and count mistakes.

By the libraries and real HTTP, on the database of DATABASE_URL, else on an SQLite of its own.
"""

import logging
import os
import sys
import time

from tests import environment


def main(count: int = 10_000, seed: int = 1) -> int:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    django.setup()
    logging.disable(logging.WARNING)  # each wave is an outage as well
    from django.core.management import call_command

    from tests.publishing.deliveries.doubtful import Doubtful
    from tests.sandbox import running_sandbox

    call_command("migrate", verbosity=0)
    log, begun = environment.DIRECTORY / "sandbox.log", time.monotonic()
    with running_sandbox(environment.SANDBOX_URL, environment.SANDBOX_PORT, log) as sandbox:
        doubtful = Doubtful(sandbox, seed)
        doubtful.look_up(count, lambda: print(doubtful.says(), *doubtful.wrong, sep="\n"))
    print(f"{time.monotonic() - begun:.0f} s")
    environment.pytest_unconfigure()
    return 1 if doubtful.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
